//! The device asks whether its person has decided (RFC 8628, section 3.4).

use super::{DEVICE, Device, State, ask::PREFIX};
use crate::{
    Client, ErrorCode, OAuthError, Provider, Result, client::GrantType, grant::Terms, provider::hex,
};
use data_encoding::BASE64URL_NOPAD;
use gatewright_core::{
    HashedToken, Tenant,
    store::{Record, StoreError, Write},
};
use std::time::Duration;
use uuid::Uuid;

/// What a device that asks too soon waits longer, in seconds.
const SLOWER: u32 = 5;
/// And at most.
const SLOWEST: u32 = 60;

impl Provider {
    /// What a person has agreed to on behalf of a device: handed out once.
    ///
    /// # Errors
    /// `authorization_pending`, `slow_down`, `expired_token`, `access_denied`; `invalid_grant` for a code that is unknown, used,
    /// or another client's.
    pub async fn device_redeem(&self, tenant: &Tenant, client: &Client, device_code: &str) -> Result<Terms> {
        if !client.may(GrantType::DeviceCode) {
            let why = "The client is not registered for the device code grant.";
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, why));
        }
        let (device, record) = self.device(tenant, device_code).await?.ok_or_else(OAuthError::grant)?;
        if device.client_id != client.client_id {
            return Err(OAuthError::grant());
        }
        if device.expires <= self.engine.now() {
            let why = "The device code has ended. Ask for another one.";
            return Err(OAuthError::new(ErrorCode::ExpiredToken, why));
        }
        let spend = Write::RecordDelete(tenant.id.clone(), DEVICE.to_owned(), record.id, record.rev);
        match device.state {
            State::Open => Err(self.poll(device, &record).await?),
            State::Denied => {
                self.commit_once(vec![spend]).await?;
                Err(OAuthError::new(ErrorCode::AccessDenied, "The person has not agreed."))
            }
            State::Allowed(terms) => {
                self.commit_once(vec![spend]).await?;
                // Who has ended their session since has taken it back.
                let alive = self.engine.session_alive(terms.session).await?;
                alive.map(|_| *terms).ok_or_else(OAuthError::grant)
            }
        }
    }

    async fn device(&self, tenant: &Tenant, code: &str) -> Result<Option<(Device, Record)>> {
        let Some(id) = record_of(code) else { return Ok(None) };
        let Some(record) = self.engine.store().record(&tenant.id, DEVICE, id).await? else {
            return Ok(None);
        };
        let (device, shown): (Device, _) = (record.value()?, hex(&HashedToken::of(code.as_bytes())));
        let same: bool = subtle::ConstantTimeEq::ct_eq(device.secret.as_bytes(), shown.as_bytes()).into();
        Ok(same.then_some((device, record)))
    }

    /// Nobody has decided; who asks too soon is slowed down, from now on (section 3.5).
    async fn poll(&self, device: Device, record: &Record) -> Result<OAuthError> {
        let now = self.engine.now();
        let interval = Duration::from_secs(u64::from(device.interval));
        let soon = device.polled.is_some_and(|last| now.since(last) < interval);
        let slow_down = || {
            let why = "The device asks too often: wait for 5 seconds more between two questions.";
            OAuthError::new(ErrorCode::SlowDown, why)
        };
        if soon && device.interval >= SLOWEST {
            // Who asks without a pause writes nothing.
            return Ok(slow_down());
        }
        let interval = if soon { (device.interval + SLOWER).min(SLOWEST) } else { device.interval };
        let asked = record.next(&Device { interval, polled: Some(now), ..device })?;
        match self.engine.store().commit(vec![Write::RecordReplace(asked)]).await {
            Ok(()) if !soon => {
                let why = "Nobody has decided yet. Ask again after the interval.";
                Ok(OAuthError::new(ErrorCode::AuthorizationPending, why))
            }
            // Two questions at once; or it has just been decided, which the next one hears.
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(slow_down()),
            Err(other) => Err(other.into()),
        }
    }
}

/// The record that a device code names. It proves nothing.
fn record_of(code: &str) -> Option<Uuid> {
    let rest = code.strip_prefix(PREFIX).filter(|rest| rest.len() <= 64)?;
    let bytes = BASE64URL_NOPAD.decode(rest.as_bytes()).ok().filter(|bytes| bytes.len() == 48)?;
    Uuid::from_slice(&bytes[..16]).ok()
}
