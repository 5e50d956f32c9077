//! The person types the code and decides (RFC 8628, section 3.3).

use super::{Device, State};
use crate::{
    Client, ErrorCode, OAuthError, Provider, Result,
    client::GrantType,
    grant::Terms,
    interact::{is_older, reaches},
    user_code::UserCode,
};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    Origin, Problem, Tenant,
    admin::SERVICE_DOOR,
    audit::Event,
    engine::Guess,
    session::{Caller, Session},
    store::{Record, Write},
};
use std::sync::Arc;

/// What a person is asked about.
#[derive(Clone, Debug)]
pub struct DeviceRequest {
    /// What has asked.
    pub client: Arc<Client>,
    /// What it has asked for.
    pub scopes: Vec<String>,
    /// For which resources.
    pub resources: Vec<String>,
    /// The code as the device shows it: the person compares.
    pub user_code: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// A device that waits.
struct Waiting {
    client: Arc<Client>,
    code: UserCode,
    device: Device,
    record: Record,
}

impl Provider {
    /// The request behind a code that somebody has typed; none where there is none that waits. A code that is wrong counts
    /// against the address like a wrong answer.
    ///
    /// # Errors
    /// 429 for an address that has guessed too often.
    pub async fn device_lookup(
        &self,
        tenant: &TenantId,
        user_code: &str,
        origin: &Origin,
    ) -> Result<Option<DeviceRequest>> {
        let tenant = self.engine.tenant(tenant).await?;
        let Some((waiting, guess)) = self.waiting(&tenant, user_code, origin).await? else { return Ok(None) };
        self.engine.store().commit(guess.forgive().into_iter().collect()).await?;
        let Waiting { client, code, device, .. } = waiting;
        Ok(Some(DeviceRequest {
            client,
            scopes: device.scopes,
            resources: device.resources,
            user_code: code.shown(),
            expires: device.expires,
        }))
    }

    /// What somebody who has logged in says to it. It holds for the session that they have now.
    ///
    /// # Errors
    /// `invalid_grant` for a code that is unknown, ended or decided; `login_required` where the client wants a stronger or a
    /// fresh login, and `unmet_authentication_requirements` where that was not enough; 401 and 403 for who has not logged in themselves; 429.
    pub async fn device_decide(
        &self,
        tenant: &TenantId,
        user_code: &str,
        caller: &Caller,
        allow: bool,
        origin: &Origin,
    ) -> Result<()> {
        let tenant = self.engine.tenant(tenant).await?;
        self.must_be_in_person(&tenant, caller).await?;
        let Some((waiting, guess)) = self.waiting(&tenant, user_code, origin).await? else {
            return Err(OAuthError::grant());
        };
        let Waiting { client, device, record, .. } = waiting;
        let (session, now) = (&caller.session, self.engine.now());
        let state = match allow {
            true => {
                if let Err(unmet) = self.must_be_well_logged_in(&tenant, &client, session, record.created) {
                    // The code was right.
                    self.engine.store().commit(guess.forgive().into_iter().collect()).await?;
                    return Err(unmet);
                }
                State::Allowed(Box::new(Self::device_terms(&client, &device, session)))
            }
            false => State::Denied,
        };
        let kind = if allow { "device.allowed" } else { "device.denied" };
        let event = Event::new(kind, &tenant.id, now, origin)
            .about(Some(session.person))
            .within(session.id)
            .on(format!("client:{}", client.client_id));
        let mut writes = vec![
            Write::SessionThere(session.id),
            Write::RecordReplace(record.next(&Device { state, ..device })?),
            Write::Audit(event),
        ];
        writes.extend(guess.forgive());
        self.commit_once(writes).await
    }

    /// Counts the guess, and finds what waits under it.
    async fn waiting(
        &self,
        tenant: &Tenant,
        user_code: &str,
        origin: &Origin,
    ) -> Result<Option<(Waiting, Guess)>> {
        // What can't be a code is a slip of the finger, and finds nothing.
        let Some(code) = UserCode::read(user_code) else {
            self.engine.admit(tenant, origin)?;
            return Ok(None);
        };
        let guess = self.engine.guess(tenant, origin).await?;
        let Some((device, record)) = self.open_device(&tenant.id, &code).await? else { return Ok(None) };
        let client = self.client(&tenant.id, &device.client_id).await?;
        let client = client.filter(|client| client.may(GrantType::DeviceCode));
        Ok(client.map(|client| (Waiting { client, code, device, record }, guess)))
    }

    /// Who decides has logged in here: no application decides for them, and no program.
    async fn must_be_in_person(&self, tenant: &Tenant, caller: &Caller) -> Result<()> {
        if caller.session.tenant != tenant.id {
            return Err(Problem::unauthenticated().into());
        }
        if caller.scopes.is_some() || caller.session.door == SERVICE_DOOR {
            let why = "Only somebody who has logged in on a page of this server may decide this.";
            return Err(Problem::forbidden(why).into());
        }
        self.engine.person_of(caller).await?;
        Ok(())
    }

    /// As in a browser: who has proven it since the device asked is fresh, and can do no more.
    fn must_be_well_logged_in(
        &self,
        tenant: &Tenant,
        client: &Client,
        session: &Session,
        asked: Timestamp,
    ) -> Result<()> {
        let levels = &self.engine.settings_of(tenant).policy.levels;
        let within = session.authenticated >= asked;
        let weak = client.default_acr.as_ref().is_some_and(|least| !reaches(levels, &session.acr, least));
        let old = |age| is_older(session.authenticated, age, self.engine.now());
        match (within, weak, client.default_max_age.is_some_and(old)) {
            (_, false, false) | (true, false, _) => Ok(()),
            (true, true, _) => {
                let why = "The assurance that the client asks for was not reached.";
                Err(OAuthError::new(ErrorCode::UnmetAuthenticationRequirements, why))
            }
            (false, ..) => {
                let why = "The client asks for a stronger or a fresh login. Log in again first.";
                Err(OAuthError::new(ErrorCode::LoginRequired, why))
            }
        }
    }

    fn device_terms(client: &Client, device: &Device, session: &Session) -> Terms {
        let offline = device.scopes.iter().any(|scope| scope == "offline_access");
        Terms {
            client_id: client.client_id.clone(),
            person: session.person,
            session: session.id,
            scopes: device.scopes.clone(),
            resources: device.resources.clone(),
            nonce: None,
            claims: None,
            auth_time: session.authenticated,
            wants_auth_time: client.default_max_age.is_some(),
            acr: session.acr.clone(),
            amr: session.amr.clone(),
            offline: offline && client.may(GrantType::RefreshToken),
        }
    }
}
