//! Authorization codes: what a person has agreed to, waiting for its client (RFC 6749, section 4.1).

use crate::{
    OAuthError, Provider, Result,
    grant::Terms,
    provider::{hex, key_of},
};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    HashedToken, PlainToken, Tenant,
    store::{Record, StoreError, Write},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

/// The kind of the record; its key is the hash of the code.
pub const CODE: &str = "oauth-code";

/// How long a used code is remembered: a second use ends what the first began.
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// A code as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Code {
    /// What it will become.
    pub terms: Terms,
    /// The redirect URI of the request; the client names it again, where it named it.
    pub redirect_uri: Option<String>,
    /// `code_challenge`, S256 (RFC 7636).
    pub code_challenge: Option<String>,
    /// Thumbprint of the DPoP key that it is bound to (RFC 9449, section 10).
    pub dpop_jkt: Option<String>,
    /// When it ends.
    pub expires: Timestamp,
    /// The grant that it has become.
    pub grant: Option<Uuid>,
}

/// A code that was found, good or used.
pub struct Found {
    /// What is stored.
    pub code: Code,
    record: Record,
}

impl Found {
    /// The write that spends it: of two parallel ones the second conflicts.
    ///
    /// # Errors
    /// When it can't be JSON.
    pub fn spend(&self, grant: Uuid, now: Timestamp) -> Result<Write> {
        let used = Code { grant: Some(grant), ..self.code.clone() };
        let record = Record { due: Some(now.plus(REMEMBERED)), ..self.record.next(&used)? };
        Ok(Write::RecordReplace(record))
    }
}

impl Provider {
    /// Makes a code and the write that stores it.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn make_code(&self, tenant: &Tenant, mut code: Code) -> Result<(PlainToken, Write)> {
        let (now, plain) = (self.engine.now(), self.secret("gwc")?);
        code.expires = now.plus(Duration::from_secs(u64::from(self.rules(tenant).code_seconds)));
        let mut record = Record::new(&tenant.id, CODE, self.record_id()?, now, &code)?;
        record.key = Some(key_of(&plain));
        record.due = Some(code.expires);
        Ok((plain, Write::RecordInsert(record)))
    }

    /// The code of a text, whether it is still good or not.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn find_code(&self, tenant: &TenantId, text: &str) -> Result<Option<Found>> {
        let Some(plain) = PlainToken::received(text) else { return Ok(None) };
        let key = hex(&HashedToken::of(plain.expose().as_bytes()));
        let Some(record) = self.engine.store().record_by_key(tenant, CODE, &key).await? else {
            return Ok(None);
        };
        Ok(Some(Found { code: record.value()?, record }))
    }

    /// Commits what a single-use thing becomes; who is second gets `invalid_grant`.
    pub(crate) async fn commit_once(&self, writes: Vec<Write>) -> Result<()> {
        match self.engine.store().commit(writes).await {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict(_)) => Err(OAuthError::grant()),
            Err(other) => Err(other.into()),
        }
    }
}
