//! A signing key as a record: kind `signing-key`, due when its state changes.
//!
//! The record's key is its place: one `EdDSA:current` and one `EdDSA:next` in a tenant, so that of two hosts that
//! make one at the same time, one does. A retired key goes by its own id.

use super::{
    certificate,
    pair::{Pair, thumbprint},
};
use data_encoding::BASE64;
use gatewright_contract::{Fault, TenantId, Timestamp};
use gatewright_core::{
    seal::Sealer,
    signing::{Algorithm, KeyState, PublicKey},
    store::Record,
    world::{World, random_array},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The kind of the records.
pub(super) const KIND: &str = "signing-key";

/// The body of the record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Body {
    version: u32,
    pub(super) kid: String,
    pub(super) algorithm: Algorithm,
    pub(super) state: KeyState,
    pub(super) since: Timestamp,
    /// The members of the public JWK.
    pub(super) public: Map<String, Value>,
    /// The certificate over a key of RSA, in base64; none in those that were stored before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) certificate: Option<String>,
    /// PKCS #8, sealed, in base64.
    private: String,
}

/// A record that has been read.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) record: Record,
    pub(super) body: Body,
}

impl Stored {
    pub(super) fn read(record: Record) -> Result<Self, Fault> {
        let body: Body = serde_json::from_str(&record.body)
            .map_err(|e| Fault::caused("a stored signing key can't be read", e))?;
        match body.version {
            1 => Ok(Self { record, body }),
            other => Err(Fault::internal(format!("a stored signing key has the unknown version {other}"))),
        }
    }

    /// A new key, in this state; its private half is sealed for this record alone.
    pub(super) async fn new(
        tenant: &TenantId,
        algorithm: Algorithm,
        pair: &Pair,
        state: KeyState,
        world: &dyn World,
        sealer: &dyn Sealer,
    ) -> Result<Self, Fault> {
        let (id, now) = (Uuid::from_bytes(random_array(world)?), world.now());
        let id = uuid::Builder::from_random_bytes(*id.as_bytes()).into_uuid();
        let public = pair.public()?;
        let kid = thumbprint(&public)?;
        let private = sealer.seal(tenant, &context(tenant, id, &kid), &pair.der()?).await?;
        let private = BASE64.encode(&private);
        let certificate = certificate::of(pair, &kid, now)?;
        let body = Body { version: 1, kid, algorithm, state, since: now, public, certificate, private };
        let mut record = Record::new(tenant, KIND, id, now, &body)
            .map_err(|e| Fault::caused("a signing key can't be stored", e))?;
        record.key = Some(place(algorithm, state, &body.kid));
        Ok(Self { record, body })
    }

    /// The next revision, in this state from now on.
    pub(super) fn to(
        &self,
        state: KeyState,
        now: Timestamp,
        due: Option<Timestamp>,
    ) -> Result<Record, Fault> {
        let since = if state == self.body.state { self.body.since } else { now };
        let body = Body { state, since, ..self.body.clone() };
        let next = self.record.next(&body).map_err(|e| Fault::caused("a signing key can't be stored", e))?;
        Ok(Record { key: Some(place(body.algorithm, state, &body.kid)), due, ..next })
    }

    pub(super) async fn pair(&self, sealer: &dyn Sealer) -> Result<Pair, Fault> {
        let damaged = |_| Fault::internal("a stored signing key is damaged");
        let sealed = BASE64.decode(self.body.private.as_bytes()).map_err(damaged)?;
        let (tenant, id) = (&self.record.tenant, self.record.id);
        let der = sealer.open(tenant, &context(tenant, id, &self.body.kid), &sealed).await?;
        Pair::parse(self.body.algorithm, &zeroize::Zeroizing::new(der))
    }

    /// Whether it was stored before keys of its sort had certificates.
    pub(super) fn lacks_certificate(&self) -> bool {
        self.body.algorithm == Algorithm::Rs256 && self.body.certificate.is_none()
    }

    /// The certificate that it would have been stored with.
    pub(super) async fn certificate(&self, sealer: &dyn Sealer) -> Result<Option<String>, Fault> {
        certificate::of(&self.pair(sealer).await?, &self.body.kid, self.record.created)
    }

    pub(super) fn view(&self) -> PublicKey {
        PublicKey {
            kid: self.body.kid.clone(),
            algorithm: self.body.algorithm,
            state: self.body.state,
            created: self.record.created,
            since: self.body.since,
            due: self.record.due,
        }
    }
}

fn context(tenant: &TenantId, id: Uuid, kid: &str) -> String {
    format!("{KIND}|{tenant}|{id}|{kid}")
}

fn place(algorithm: Algorithm, state: KeyState, kid: &str) -> String {
    match state {
        KeyState::Retired => kid.to_owned(),
        KeyState::Current | KeyState::Next => format!("{}:{}", algorithm.as_str(), state.as_str()),
    }
}
