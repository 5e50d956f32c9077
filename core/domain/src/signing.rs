//! Keys that sign what others verify: who they are, how they live, and the service that has them.
//!
//! A key is published as `next`, signs as `current`, stays published as `retired` until nothing that it signed is
//! still good, and is then gone. The host keeps the private keys ([`Signer`]); areas see only public ones.

use crate::{
    Engine, Origin,
    access::{Action, Resource},
    audit::Event,
    problem::{Problem, Result},
    session::Caller,
};
use async_trait::async_trait;
use gatewright_contract::{Fault, PersonId, SessionId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How is signed (RFC 7518, RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// RSA PKCS#1 v1.5 with SHA-256, for those who know nothing else.
    #[serde(rename = "RS256")]
    Rs256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::EdDsa, Self::Es256, Self::Rs256];

    /// The word in a JOSE header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    /// From the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == word)
    }
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// Signs.
    Current,
    /// Published, signs later.
    Next,
    /// Signs no more, still verifies.
    Retired,
}

impl KeyState {
    /// The word in storage and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Next => "next",
            Self::Retired => "retired",
        }
    }
}

/// A signing key as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Thumbprint of the public key (RFC 7638).
    pub kid: String,
    /// How it signs.
    pub algorithm: Algorithm,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it was made.
    pub created: Timestamp,
    /// Since when it is in this state.
    pub since: Timestamp,
    /// When its state changes next, where that is settled: a current key gets its successor then.
    pub due: Option<Timestamp>,
}

/// The public keys of a tenant, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwks {
    /// A JWK set (RFC 7517, section 5) in JSON.
    pub body: Arc<[u8]>,
    /// A strong entity tag, with its quotes.
    pub etag: String,
}

/// A signature, and the key that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The key.
    pub kid: String,
    /// As JOSE has it (for ES256 both numbers one after the other).
    pub bytes: Vec<u8>,
}

/// A key that signs.
pub trait SigningKey: Send + Sync + 'static {
    /// Goes into the header of what is signed.
    fn kid(&self) -> &str;

    /// Signs.
    ///
    /// # Errors
    /// When the library refuses.
    fn sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Fault>;
}

/// On whose behalf something happens to a key.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// Who, where it is a person.
    pub actor: Option<PersonId>,
    /// In which session: what is done in one must not outlive it.
    pub session: Option<SessionId>,
    /// From where.
    pub origin: &'a Origin,
}

impl<'a> By<'a> {
    /// Nobody in person: the command line, the time.
    pub fn nobody(origin: &'a Origin) -> Self {
        Self { actor: None, session: None, origin }
    }

    /// A line of the audit log.
    pub fn event(&self, kind: &str, tenant: &TenantId, at: Timestamp) -> Event {
        Event { session: self.session, ..Event::new(kind, tenant, at, self.origin).by(self.actor) }
    }
}

/// How a key is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The successor is published now and signs when everybody has fetched it.
    Announced,
    /// The successor signs at once; the key before it still verifies.
    AtOnce,
}

/// Has the signing keys of all tenants.
#[async_trait]
pub trait Signer: Send + Sync + 'static {
    /// The key that signs now; the first of a tenant is made when it is first asked for.
    ///
    /// # Errors
    /// When the store or the keys can't be had.
    async fn current(
        &self,
        tenant: &TenantId,
        algorithm: Algorithm,
    ) -> std::result::Result<Arc<dyn SigningKey>, Fault>;

    /// Signs with the current key. What names its key within (a JWT) takes [`Signer::current`] instead.
    ///
    /// # Errors
    /// Those of [`Signer::current`] and [`SigningKey::sign`].
    async fn sign(
        &self,
        tenant: &TenantId,
        algorithm: Algorithm,
        message: &[u8],
    ) -> std::result::Result<Signature, Fault> {
        let key = self.current(tenant, algorithm).await?;
        Ok(Signature { kid: key.kid().to_owned(), bytes: key.sign(message)? })
    }

    /// The published keys.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn public_jwks(&self, tenant: &TenantId) -> std::result::Result<Arc<Jwks>, Fault>;

    /// The published keys with their times: the current ones first.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn keys(&self, tenant: &TenantId) -> std::result::Result<Vec<PublicKey>, Fault>;

    /// Gives the current key of an algorithm a successor, whose id is returned. `None`: there is no key of this
    /// algorithm yet, or the successor has been announced already.
    ///
    /// # Errors
    /// [`Fault::Conflict`] when somebody else does the same at the same time.
    async fn rotate(
        &self,
        tenant: &TenantId,
        algorithm: Algorithm,
        how: Rotation,
        by: &By<'_>,
    ) -> std::result::Result<Option<String>, Fault>;

    /// Takes a key out at once: nothing that it signed verifies any more. `false`: there is no such key.
    ///
    /// # Errors
    /// [`Fault::Conflict`] when somebody else changes it at the same time.
    async fn revoke(&self, tenant: &TenantId, kid: &str, by: &By<'_>) -> std::result::Result<bool, Fault>;
}

/// What an administrator asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replace {
    /// Only keys of this algorithm.
    pub algorithm: Option<Algorithm>,
    /// The successors sign at once.
    pub at_once: bool,
    /// Instead: this key is taken out.
    pub revoke: Option<String>,
}

impl Engine {
    /// The signing keys of a tenant, for an administrator.
    ///
    /// # Errors
    /// 403 without the permission, 404 for another tenant.
    pub async fn signing_keys(&self, caller: &Caller, tenant: &TenantId) -> Result<Vec<PublicKey>> {
        self.allow(caller, Action::KeysWrite, &Resource::of(tenant)).await?;
        self.tenant(tenant).await?;
        Ok(self.signer().keys(tenant).await?)
    }

    /// Replaces signing keys of a tenant, or takes one out, on behalf of an administrator. Returns the keys after it.
    ///
    /// # Errors
    /// 403 without the permission or a fresh login, 404 for another tenant or a key that is not there, 409 when
    /// somebody else does it, or the session is ended, at the same time.
    pub async fn replace_signing_keys(
        &self,
        caller: &Caller,
        tenant: &TenantId,
        wish: &Replace,
        origin: &Origin,
    ) -> Result<Vec<PublicKey>> {
        self.allow(caller, Action::KeysWrite, &Resource::of(tenant)).await?;
        self.must_be_fresh(caller).await?;
        self.tenant(tenant).await?;
        let session = &caller.session;
        let by = By { actor: Some(session.person), session: Some(session.id), origin };
        match &wish.revoke {
            Some(kid) => match self.signer().revoke(tenant, kid, &by).await? {
                true => {}
                false => return Err(Problem::not_found("signing key")),
            },
            None => {
                let how = if wish.at_once { Rotation::AtOnce } else { Rotation::Announced };
                for algorithm in Algorithm::ALL.into_iter().filter(|a| wish.algorithm.is_none_or(|w| w == *a))
                {
                    self.signer().rotate(tenant, algorithm, how, &by).await?;
                }
            }
        }
        Ok(self.signer().keys(tenant).await?)
    }
}
