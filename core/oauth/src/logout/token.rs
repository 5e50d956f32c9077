//! Logout tokens (Back-Channel Logout 1.0, section 2.4).

use crate::{Client, Provider, Result};
use gatewright_contract::{PersonId, SessionId};
use gatewright_core::Tenant;
use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;

/// `typ` of its header: it is taken for nothing else.
const TYP: &str = "logout+jwt";
/// How long it is good. Each try has one of its own.
const LASTING: Duration = Duration::from_secs(120);
/// The one event that it is about.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

#[derive(Serialize)]
struct Claims<'a> {
    iss: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    events: Value,
    sub: String,
    sid: String,
}

impl Provider {
    /// Says to a client that a session has ended. It has no `nonce`, so that it is no ID token.
    pub(super) async fn logout_token(
        &self,
        tenant: &Tenant,
        client: &Client,
        person: PersonId,
        session: SessionId,
    ) -> Result<String> {
        let now = self.engine.now();
        let claims = Claims {
            iss: self.issuer(tenant),
            aud: &client.client_id,
            iat: now.as_secs(),
            exp: now.plus(LASTING).as_secs(),
            jti: self.record_id()?.to_string(),
            events: json!({EVENT: {}}),
            sub: self.subject(&tenant.id, client, person).await?,
            sid: session.to_string(),
        };
        self.sign(&tenant.id, client.signed_with(), TYP, &claims).await
    }
}
