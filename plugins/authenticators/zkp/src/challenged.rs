//! A question that was asked, login or enrolment: what its answer is held against.

use crate::{
    oprf::Evaluated,
    record::Fixed,
    vp1::{self, Challenge, CipherKey, Context, Flags, Helper, Kind, NotSealed},
};
use gatewright_contract::{Fault, Host, HostExt as _, Scope};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use subtle::{Choice, ConstantTimeEq as _};

/// How long an answer is accepted.
pub(crate) const TTL: Duration = Duration::from_secs(120);

/// What was asked, for whom, by whom and when.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    pub(crate) tenant: String,
    pub(crate) username: String,
    pub(crate) client_id: String,
    pub(crate) auth_req_id: String,
    pub(crate) origin: String,
    pub(crate) cipher_key: Fixed<{ CipherKey::BYTES }>,
    pub(crate) id: Fixed<16>,
    pub(crate) nonce: Fixed<32>,
    pub(crate) issued: u64,
    pub(crate) oprf_id: Fixed<16>,
    pub(crate) seed_id: Fixed<8>,
    pub(crate) flags: u8,
}

/// Reads what a client asks with; whom it is about does not matter to what is said about it.
pub(crate) fn read_key(told: &str, kind: Kind) -> Result<CipherKey, Fault> {
    CipherKey::parse(told).filter(|key| key.kind == kind).ok_or_else(bad_key)
}

fn bad_key() -> Fault {
    Fault::bad_request("cipher_key", "not a key as it is described: ask with a new one")
}

impl Asked {
    /// A new question.
    pub(crate) fn new(
        host: &Host,
        scope: &Scope,
        key: &CipherKey,
        oprf_id: [u8; 16],
        seed_id: [u8; 8],
    ) -> Result<Self, Fault> {
        let said = |text: &Option<String>| text.clone().unwrap_or_default();
        Ok(Self {
            tenant: scope.tenant.as_str().to_owned(),
            username: said(&scope.claimed),
            client_id: said(&scope.asker.client),
            auth_req_id: said(&scope.asker.request),
            origin: said(&scope.asker.origin),
            cipher_key: Fixed(key.to_bytes()),
            id: Fixed(host.random_array()?),
            nonce: Fixed(host.random_array()?),
            issued: seconds(scope),
            oprf_id: Fixed(oprf_id),
            seed_id: Fixed(seed_id),
            flags: Flags::of(&scope.keypad).byte(),
        })
    }

    /// What the client is told, sealed to its key.
    pub(crate) fn seal(
        &self,
        host: &Host,
        evaluated: &Evaluated,
        helper: &[u8; Helper::BYTES],
    ) -> Result<String, Fault> {
        let key = self.key()?;
        let challenge = Challenge {
            id: self.id.0,
            nonce: self.nonce.0,
            issued: self.issued,
            ttl: TTL.as_secs() as u32,
            evaluated: evaluated.element,
            helper: *helper,
        };
        let aad =
            Challenge::aad(&self.tenant, &self.username, &self.auth_req_id, &key).ok_or_else(too_long)?;
        let sealed =
            vp1::seal(&key.epk, Challenge::INFO, &aad, &challenge.to_bytes(), |buffer| host.random(buffer));
        sealed.map(|sealed| vp1::text(&sealed)).map_err(|why| match why {
            NotSealed::Key => bad_key(),
            NotSealed::Random(fault) => fault,
        })
    }

    /// As it names the question.
    pub(crate) fn id(&self) -> String {
        vp1::text(&self.id.0)
    }

    /// Whether it was asked too long ago.
    pub(crate) fn is_over(&self, scope: &Scope) -> bool {
        seconds(scope).saturating_sub(self.issued) > TTL.as_secs()
    }

    /// Whether what is said again is what was asked with. What is left out is not compared.
    pub(crate) fn fits(
        &self,
        scope: &Scope,
        username: Option<&str>,
        auth_req_id: Option<&str>,
        cipher_key: Option<&str>,
    ) -> Choice {
        let same = |said: Option<&str>, asked: &str| said.map_or(Choice::from(1), |s| equal(s, asked));
        equal(scope.tenant.as_str(), &self.tenant)
            & same(username, &self.username)
            & same(auth_req_id, &self.auth_req_id)
            & same(cipher_key, &vp1::text(&self.cipher_key.0))
    }

    /// What a proof for this purpose must be for.
    pub(crate) fn context(&self, purpose: vp1::Purpose, binding: &[u8]) -> Result<Vec<u8>, Fault> {
        let key = self.key()?;
        let context = Context {
            purpose: purpose.word(),
            tenant: &self.tenant,
            username: &self.username,
            client_id: &self.client_id,
            auth_req_id: &self.auth_req_id,
            origin: &self.origin,
            challenge_id: &self.id.0,
            nonce: &self.nonce.0,
            epk: &key.epk,
            issued: self.issued,
            binding,
        };
        context.bytes().ok_or_else(too_long)
    }

    /// Who proves it.
    pub(crate) fn user_id(&self) -> Result<Vec<u8>, Fault> {
        vp1::user_id(&self.tenant, &self.username).ok_or_else(too_long)
    }

    fn key(&self) -> Result<CipherKey, Fault> {
        CipherKey::from_bytes(&self.cipher_key.0).ok_or_else(|| Fault::internal("what was asked is damaged"))
    }
}

fn equal(a: &str, b: &str) -> Choice {
    a.as_bytes().ct_eq(b.as_bytes())
}

fn seconds(scope: &Scope) -> u64 {
    u64::try_from(scope.now.as_secs()).unwrap_or(0)
}

pub(crate) fn too_long() -> Fault {
    Fault::bad_request("", "a name in it is longer than 65535 bytes")
}
