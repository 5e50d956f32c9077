//! A device says yes or no.

use crate::{CLOCK_SECONDS, Device, Statement};
use gatewright_contract::{CredentialId, Fault, Held, Host, HostExt as _, Refusal, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the person says on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Yes.
    Approve,
    /// No.
    Deny,
    /// No, and somebody else is trying.
    Concern,
}

/// Three words. (Derived, the documented variants would become three schemas of one word.)
impl JsonSchema for Decision {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DeviceDecision".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": ["approve", "deny", "concern"]})
    }
}

/// What a device sends.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Decide {
    /// The device: the thumbprint of its key (RFC 7638, SHA-256, base64url).
    #[schemars(length(max = 64))]
    pub device: String,
    /// What the person said.
    pub decision: Decision,
    /// To approve, where a number was asked for: the one that the person typed, two digits.
    #[serde(default)]
    #[schemars(range(min = 10, max = 99))]
    pub number: Option<u8>,
    /// SHA-256 of the `shown` that the person has seen, in base64url.
    #[schemars(length(max = 64))]
    pub prompt: String,
    /// The device's time, in seconds since 1970; at most a minute off.
    pub at: i64,
    /// Over the statement `decide`: 64 bytes in base64url.
    #[schemars(length(max = 128))]
    pub signature: String,
}

impl Decide {
    /// The bytes that a device signs.
    pub fn statement(&self, scope: &Scope, authenticator: &str, wake: &str) -> Statement {
        let decision = match self.decision {
            Decision::Approve => "approve",
            Decision::Deny => "deny",
            Decision::Concern => "concern",
        };
        Statement::new("decide", scope.tenant.as_str(), authenticator)
            .with("wake", wake)
            .with("device", &self.device)
            .with("decision", decision)
            .with("number", &self.number.map_or_else(String::new, |n| n.to_string()))
            .with("prompt", &self.prompt)
            .with("at", &self.at.to_string())
    }
}

/// A prompt that waits for a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The name under which the decision finds it.
    pub wake: String,
    /// SHA-256 of what is shown.
    pub prompt: String,
    /// The number on the login page, where one is asked for.
    pub number: Option<u8>,
    /// The device that has decided, and what.
    pub decided: Option<(CredentialId, String, Judged)>,
}

/// A decision, held against the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Judged {
    /// Yes.
    Approved,
    /// Yes, to something else: the number is that of another page.
    WrongNumber,
    /// No.
    Denied,
    /// No, and somebody else is trying.
    Concern,
}

impl Judged {
    /// Why not; `None` for a yes.
    pub fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Approved => None,
            Self::WrongNumber => Some(Refusal::Wrong),
            Self::Denied => Some(Refusal::Declined),
            Self::Concern => Some(Refusal::Concern),
        }
    }
}

impl Asked {
    /// A number to match: 10 to 99, each as likely as any other up to one in ten million.
    ///
    /// # Errors
    /// Those of the random numbers.
    pub fn number(host: &Host) -> Result<u8, Fault> {
        let drawn = u32::from_be_bytes(host.random_array()?) % 90;
        Ok(10 + u8::try_from(drawn).unwrap_or(0))
    }

    /// Whose decision it is: the device must be among those of the person, and its signature right. `None`: refused,
    /// also when somebody has decided before.
    pub fn by<'a>(
        &self,
        scope: &Scope,
        authenticator: &str,
        devices: &'a [Held<Device>],
        decide: &Decide,
    ) -> Option<&'a Held<Device>> {
        let fits = self.decided.is_none()
            && decide.prompt == self.prompt
            && scope.now.as_secs().abs_diff(decide.at) <= CLOCK_SECONDS.unsigned_abs();
        let held = devices.iter().find(|held| held.doc.key.thumbprint() == decide.device)?;
        let statement = decide.statement(scope, authenticator, &self.wake);
        (fits && held.doc.key.has_signed(&statement, &decide.signature)).then_some(held)
    }

    /// The same, decided by this device. A wrong number ends it: there is one guess, not ninety.
    #[must_use]
    pub fn decided(self, by: &Held<Device>, decide: &Decide) -> Self {
        let judged = match decide.decision {
            Decision::Approve if self.number.is_none_or(|n| decide.number == Some(n)) => Judged::Approved,
            Decision::Approve => Judged::WrongNumber,
            Decision::Deny => Judged::Denied,
            Decision::Concern => Judged::Concern,
        };
        Self { decided: Some((by.id, by.doc.key.thumbprint(), judged)), ..self }
    }
}
