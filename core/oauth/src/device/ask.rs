//! The device asks for its codes (RFC 8628, section 3.1).

use super::{DEVICE, Device, State};
use crate::{
    Client, ErrorCode, OAuthError, Params, Provider, Result, client::GrantType, provider::hex,
    user_code::UserCode,
};
use data_encoding::BASE64URL_NOPAD;
use gatewright_core::{
    HashedToken, Origin, Tenant,
    oidc::OidcRules,
    store::{Record, StoreError, Write},
    world::random_array,
};
use serde::Serialize;
use std::time::Duration;

/// Before which a device code is recognised.
pub(super) const PREFIX: &str = "gwdc_";
/// Seconds between two questions of a device.
const INTERVAL: u32 = 5;
/// For so long a device that asks too late is told so.
const REMEMBERED: Duration = Duration::from_secs(600);
/// Scopes, and resources, at most.
const MOST: usize = 50;

/// Section 3.2. Not printed.
#[derive(Serialize)]
pub struct DeviceReply {
    /// For the device.
    pub device_code: String,
    /// For the person.
    pub user_code: String,
    /// Where the person types it.
    pub verification_uri: String,
    /// The same with the code, for a picture that a telephone reads.
    pub verification_uri_complete: String,
    /// Seconds for which both are good.
    pub expires_in: u32,
    /// Seconds between two questions.
    pub interval: u32,
}

impl Provider {
    /// Codes for a device of this client.
    ///
    /// # Errors
    /// `unauthorized_client`, `invalid_scope`, `invalid_target`; 429 for too many steps.
    pub async fn device_begin(
        &self,
        tenant: &Tenant,
        client: &Client,
        form: &Params,
        origin: &Origin,
    ) -> Result<DeviceReply> {
        self.engine.admit(tenant, origin)?;
        if !client.may(GrantType::DeviceCode) {
            let why = "The client is not registered for the device code grant.";
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, why));
        }
        let (scopes, resources) = (scopes(client, form)?, resources(client, form)?);
        let (now, lasting) = (self.engine.now(), self.rules(tenant).device_code_seconds);
        let id = self.record_id()?;
        let own: [u8; 32] = random_array(self.engine.world())?;
        let device_code = format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&[&id.as_bytes()[..], &own].concat()));
        let device = Device {
            client_id: client.client_id.clone(),
            scopes,
            resources,
            secret: hex(&HashedToken::of(device_code.as_bytes())),
            expires: now.plus(OidcRules::seconds(lasting)),
            interval: INTERVAL,
            polled: None,
            state: State::Open,
        };
        let mut record = Record::new(&tenant.id, DEVICE, id, now, &device)?;
        record.due = Some(device.expires.plus(REMEMBERED));
        let user_code = self.named(tenant, record).await?.shown();
        let verification_uri = format!("{}/ui/{}/device", self.site(tenant).url, tenant.id);
        Ok(DeviceReply {
            device_code,
            verification_uri_complete: format!("{verification_uri}?user_code={user_code}"),
            verification_uri,
            user_code,
            expires_in: lasting,
            interval: INTERVAL,
        })
    }

    /// Stores it under a code that no other has.
    async fn named(&self, tenant: &Tenant, record: Record) -> Result<UserCode> {
        for _ in 0..4 {
            let code = UserCode::new(self.engine.world())?;
            let record = Record { key: Some(code.key(&tenant.id)), ..record.clone() };
            match self.engine.store().commit(vec![Write::RecordInsert(record)]).await {
                Ok(()) => return Ok(code),
                Err(StoreError::Conflict(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(gatewright_core::Problem::unavailable(None).into())
    }
}

/// What is asked for, all of which the client may have.
fn scopes(client: &Client, form: &Params) -> Result<Vec<String>> {
    let asked = form.words("scope");
    let fits =
        !asked.is_empty() && asked.len() <= MOST && asked.iter().all(|word| client.scopes.contains(word));
    let why = "The scope is missing, or the client is not registered for all of it.";
    if fits { Ok(asked) } else { Err(OAuthError::new(ErrorCode::InvalidScope, why)) }
}

fn resources(client: &Client, form: &Params) -> Result<Vec<String>> {
    let asked: Vec<String> = form.all("resource").map(str::to_owned).collect();
    let fits = asked.len() <= MOST && asked.iter().all(|resource| client.resources.contains(resource));
    let why = "The client is not registered for this resource.";
    if fits { Ok(asked) } else { Err(OAuthError::new(ErrorCode::InvalidTarget, why)) }
}
