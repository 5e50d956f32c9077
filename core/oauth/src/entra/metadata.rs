//! Where an issuer publishes its keys (OpenID Connect Discovery), for a while.

use crate::{ErrorCode, OAuthError, Provider, Result, client::EntraFlow};
use gatewright_contract::TenantId;
use gatewright_core::outgoing::Request;
use quick_cache::sync::Cache;
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// How long an answer is used; Entra asks for no less than a day between two.
const LASTS: Duration = Duration::from_secs(86_400);
/// Who does not answer is left alone for so long.
const PAUSE: Duration = Duration::from_secs(5);
/// Bytes of an answer at most.
const LONGEST: usize = 64 * 1_024;
/// Issuers of which this is known at most.
const ISSUERS: usize = 256;

/// What issuers have said.
pub(crate) struct Metadata(Cache<(TenantId, String), Said>);

/// When, and the `jwks_uri`; none where nobody answered.
#[derive(Clone)]
struct Said {
    at: Duration,
    keys: Option<Arc<str>>,
}

impl Default for Metadata {
    fn default() -> Self {
        Self(Cache::new(ISSUERS))
    }
}

impl Provider {
    /// Where the keys of the issuer of a flow are.
    pub(super) async fn entra_keys(&self, tenant: &TenantId, flow: &EntraFlow) -> Result<Arc<str>> {
        let (now, key) = (self.engine.world().elapsed(), (tenant.clone(), flow.issuer.clone()));
        let known = self.metadata.0.get(&key).filter(|said| {
            let lasts = if said.keys.is_some() { LASTS } else { PAUSE };
            now.saturating_sub(said.at) < lasts
        });
        let said = match known {
            Some(said) => said,
            None => {
                let said = Said { at: now, keys: self.ask(&flow.issuer).await };
                self.metadata.0.insert(key, said.clone());
                said
            }
        };
        said.keys.ok_or_else(|| {
            let why = "The keys of Microsoft Entra can't be fetched. Try again in a moment.";
            OAuthError::new(ErrorCode::TemporarilyUnavailable, why)
        })
    }

    async fn ask(&self, issuer: &str) -> Option<Arc<str>> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let headers = vec![("accept", "application/json".to_owned())];
        let request = Request { method: "GET", url: url.clone(), headers, body: Vec::new() };
        let answer = match self.outgoing.read(request, LONGEST).await {
            Ok(answer) => answer,
            Err(why) => {
                tracing::warn!(url, %why, "the metadata of an issuer can't be fetched");
                return None;
            }
        };
        let read = serde_json::from_slice::<Value>(&answer.body).ok().filter(|_| answer.status == 200);
        let keys = read.as_ref().filter(|read| read.get("issuer").and_then(Value::as_str) == Some(issuer));
        let keys = keys.and_then(|read| read.get("jwks_uri")).and_then(Value::as_str).map(Arc::from);
        if keys.is_none() {
            tracing::warn!(
                url,
                status = answer.status,
                "the metadata of an issuer name another issuer or no keys"
            );
        }
        keys
    }
}
