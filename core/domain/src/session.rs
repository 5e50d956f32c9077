//! Sessions and the opaque tokens that stand for them.

use crate::{
    Person,
    token::{HashedToken, PlainToken},
};
use gatewright_contract::{Body, PersonId, SessionId, TenantId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// How long things last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SessionRules {
    /// A session ends this many seconds after its login, whatever happens.
    #[schemars(range(min = 60, max = 31_536_000))]
    pub absolute_seconds: u32,
    /// A session that is not used for this many seconds ends.
    #[schemars(range(min = 60, max = 31_536_000))]
    pub idle_seconds: u32,
    /// An access token is good for this many seconds.
    #[schemars(range(min = 30, max = 86_400))]
    pub access_token_seconds: u32,
    /// For this many seconds after a login, dangerous things need no new one.
    #[schemars(range(min = 30, max = 86_400))]
    pub fresh_seconds: u32,
    /// A login that is not finished after this many seconds is forgotten.
    #[schemars(range(min = 30, max = 3_600))]
    pub transaction_seconds: u32,
    /// After this many wrong answers a login must begin anew.
    #[schemars(range(min = 1, max = 100))]
    pub transaction_attempts: u32,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self {
            absolute_seconds: 2_592_000,
            idle_seconds: 86_400,
            access_token_seconds: 900,
            fresh_seconds: 300,
            transaction_seconds: 600,
            transaction_attempts: 10,
        }
    }
}

impl SessionRules {
    /// `transaction_seconds` at most: after that no login is left, whatever its tenant has settled.
    pub const LONGEST_TRANSACTION: Duration = Duration::from_secs(3_600);

    /// `fresh_seconds` as a duration.
    pub fn fresh(&self) -> Duration {
        Duration::from_secs(u64::from(self.fresh_seconds))
    }
}

/// Somebody who is logged in somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The id; always a new one at a login (session fixation, CWE-384).
    pub id: SessionId,
    /// The tenant.
    pub tenant: TenantId,
    /// Who.
    pub person: PersonId,
    /// When it began.
    pub created: Timestamp,
    /// When the person last proved who they are.
    pub authenticated: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen: Timestamp,
    /// When it ends at the latest.
    pub expires: Timestamp,
    /// Assurance level.
    pub acr: String,
    /// Authentication method references (RFC 8176).
    pub amr: Vec<String>,
    /// Whether a second factor was proven: what weakens the account asks for it from who has one.
    #[serde(default)]
    pub second_factor: bool,
    /// Area where it began.
    pub door: String,
    /// Program that asked.
    pub client: Option<String>,
    /// Address that it began from.
    pub address: Option<String>,
    /// What the program called itself.
    pub user_agent: Option<String>,
    /// Idle limit at the time of the login, in seconds.
    pub idle_seconds: u32,
    /// Grows with each change.
    pub rev: i64,
}

impl Session {
    /// Whether it is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.expires || now >= self.last_seen.plus(Duration::from_secs(u64::from(self.idle_seconds)))
    }
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Opens doors for a short while.
    Access,
    /// Keeps the session; exchanged for a new one, good once.
    Session,
}

impl TokenKind {
    /// The word in storage.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Session => "session",
        }
    }

    /// The prefix of the token.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Access => "gwa",
            Self::Session => "gws",
        }
    }
}

/// A token as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// What is compared.
    pub hash: HashedToken,
    /// What it is for.
    pub kind: TokenKind,
    /// The session that it stands for.
    pub session: SessionId,
    /// The tenant.
    pub tenant: TenantId,
    /// When it ends.
    pub expires: Timestamp,
    /// When it was exchanged; a second use then ends the session.
    pub spent: Option<Timestamp>,
    /// Hash of a cookie that must come with it.
    pub binding: Option<HashedToken>,
}

/// What a finished login hands out. The tokens are shown once.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The new session.
    pub session: Session,
    /// Whose it is.
    pub person: Person,
    /// Opens doors.
    pub access_token: PlainToken,
    /// When the access token ends.
    pub access_expires: Timestamp,
    /// Keeps the session.
    pub session_token: PlainToken,
    /// The cookie value that the access token is bound to, where the door asked for one.
    pub binding: Option<PlainToken>,
    /// What the last proof hands out, exactly once.
    pub reveal: Option<Body>,
    /// What the device is to keep that was remembered with this login, as it asked for ([`crate::engine::Wish`]).
    pub device: Option<Body>,
}

/// A checked token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The session that it stands for.
    pub session: Arc<Session>,
    /// When the token ends.
    pub token_expires: Timestamp,
    /// What the token is good for; none: for all that its person may.
    pub scopes: Option<Arc<[String]>>,
}

impl Caller {
    /// Whether the token is good for this scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.as_ref().is_none_or(|all| all.iter().any(|one| one == scope))
    }
}

#[cfg(test)]
mod tests {
    use super::SessionRules;

    #[test]
    fn no_login_lasts_longer_than_the_longest() {
        let schema = schemars::schema_for!(SessionRules).to_value();
        let most = schema["properties"]["transaction_seconds"]["maximum"].as_u64();
        assert_eq!(most, Some(SessionRules::LONGEST_TRANSACTION.as_secs()));
    }
}
