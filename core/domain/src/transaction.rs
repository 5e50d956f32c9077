//! A login (or another guarded conversation) under way. Stored, so that any node can go on with it.

use crate::token::HashedToken;
use gatewright_contract::{
    CredentialId, Kind, LookupKey, PersonId, Purpose, SessionId, TenantId, Timestamp, TransactionId,
};
use serde::{Deserialize, Serialize};

/// The conversation. Everything secret in it is sealed or hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The id; stays the same, is not a handle.
    pub id: TransactionId,
    /// The tenant.
    pub tenant: TenantId,
    /// Hash of the handle that the next step must bring.
    pub handle: HashedToken,
    /// The name under which something from outside finds the pending challenge: authenticator and key.
    pub wake: Option<(String, LookupKey)>,
    /// When it ends, whatever happens.
    pub expires: Timestamp,
    /// Grows with each step.
    pub rev: i64,
    /// All else.
    pub body: TransactionBody,
}

/// The part of a transaction that no one searches by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionBody {
    /// Why it is held.
    pub purpose: Purpose,
    /// The authenticator whose lost credential is to be replaced (purpose: reset).
    #[serde(default)]
    pub reset: Option<String>,
    /// Area where it began; it can't go on at another.
    pub door: String,
    /// Program that asked, in the dialect's own words.
    pub client: Option<String>,
    /// Hex of the hash of the browser's binding cookie, where it began in one.
    pub browser: Option<String>,
    /// Login name in its compared form, whether somebody has it or not.
    pub claimed: Option<String>,
    /// The same as it was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<String>,
    /// The authorization request that it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The try that the pending challenge was, where asking is the try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<AskedTry>,
    /// The person, once the name or an answer has found one.
    pub person: Option<PersonId>,
    /// The session that is being elevated or in which somebody enrols.
    pub session: Option<SessionId>,
    /// What has been proven.
    pub proofs: Vec<Proof>,
    /// What is being asked.
    pub pending: Option<PendingStep>,
    /// Wrong answers so far.
    pub attempts: u32,
    /// When it began.
    pub begun: Timestamp,
    /// What the caller said about what is being approved; bounded, not trusted.
    #[serde(default)]
    pub context: serde_json::Value,
    /// The remembered device that was shown when it began, as its answer: sealed, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// What the dialect wants to find again.
    #[serde(default)]
    pub dialect: serde_json::Value,
}

/// A try that was counted when the challenge was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedTry {
    /// The person's counter was blocked: nothing is right.
    pub locked: bool,
    /// Hex of the hash of what it was asked from (a browser by its cookie, else a network): only who answers from there
    /// gets tries back.
    pub from: String,
    /// Hex of the name of the address's counter that has this try.
    #[serde(default)]
    pub address: Option<String>,
    /// The end of the block that this try began: a right answer lifts it, and no other.
    #[serde(default)]
    pub began: Option<Timestamp>,
}

/// A question that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingStep {
    /// Who asks.
    pub authenticator: String,
    /// Which of those that served under this id: the answer is for that one. None: it is linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<String>,
    /// An enrolment, not a proof.
    pub enrolment: bool,
    /// The author's state, sealed, base64.
    pub state: String,
    /// Until when an answer counts.
    pub expires: Timestamp,
}

/// Something that has been proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// By which authenticator.
    pub authenticator: String,
    /// The credential that did it: the proof counts as long as that is there.
    #[serde(default)]
    pub credential: Option<CredentialId>,
    /// When.
    pub at: Timestamp,
    /// What it rests on.
    pub kind: Kind,
    /// Authentication method references (RFC 8176).
    pub amr: Vec<String>,
    /// Bound to the origin that asked.
    pub phishing_resistant: bool,
    /// The device checked the person itself.
    pub user_verified: bool,
    /// A new credential must be set up in the place of this one before the login ends.
    #[serde(default)]
    pub renew: bool,
}

impl Transaction {
    /// What the seal of the pending state is bound to.
    pub fn seal_context(&self) -> String {
        format!("transaction|{}|{}", self.tenant, self.id)
    }
}
