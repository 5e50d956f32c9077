#![doc = include_str!("../README.md")]

mod code;
mod config;
mod contact;
mod enrol;
mod pick;

#[cfg(test)]
mod tests;

pub use config::{Channels, Config, ShowContact};
pub use contact::{Contact, Delivery};
pub use enrol::{Draft, Invitation, Invite, Proof};
pub use pick::{Begin, Choice};

use code::{Bytes, Kept};
use gatewright_contract::{
    Accepted, Authenticator, Call, Challenge, CredentialId, Effects, Fault, Host, Kind, Message, Purpose,
    Refusal, Scope, Secret, Steps, Traits, Verdict,
};
use pick::Picked;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A code that is sent to the person.
pub struct Otp {
    config: Config,
    host: Host,
}

/// What the person is told. It has the same shape for who does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Prompt::example())]
pub struct Prompt {
    /// How the code was sent.
    pub delivery: Delivery,
    /// Where it was sent, masked. Left out where nothing has been proven yet, unless the server is configured
    /// otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How many digits the code has.
    pub digits: u8,
    /// How long it is good, in seconds.
    pub life_seconds: u32,
    /// Where it can be sent instead, for `begin` of another challenge; only once something has been proven.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
}

impl Prompt {
    fn example() -> Self {
        Self {
            delivery: Delivery::Email,
            to: Some("a***@e***.com".to_owned()),
            digits: 6,
            life_seconds: 300,
            choices: Vec::new(),
        }
    }
}

/// What is kept of a challenge.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    kept: Kept,
    sent: Sent,
}

/// To whom the code was sent.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Sent {
    /// To a contact that was set up.
    Contact(CredentialId),
    /// To the person's own verified address, which must still be the same.
    Own(Bytes),
    /// To nobody: there is no such person, no such contact, or there were too many codes. No answer is right.
    Nobody,
}

/// What the person answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"code": "123 456"}))]
pub struct Answer {
    /// The code that was sent. White space and hyphens in it do not count.
    #[schemars(length(max = 64))]
    pub code: Secret<String>,
}

impl Authenticator for Otp {
    const ID: &'static str = "otp";
    const ABOUT: &'static str = include_str!("../README.md");
    const SENDS: bool = true;

    type Config = Config;
    type Credential = Contact;
    type Begin = Begin;
    type Prompt = Prompt;
    type State = State;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        Ok(Self { config, host })
    }

    fn traits(&self) -> Traits {
        Traits {
            amr: vec!["otp".to_owned()],
            kind: Kind::Possession,
            phishing_resistant: false,
            many: true,
            single_use: true,
            self_service: true,
            // Weak (OWASP ASVS 5, 6.3.6 and 6.6.1): only where a tenant's policy asks for it.
            steps: Steps { first: false, second: false, fallback: false },
        }
    }

    async fn challenge(
        &self,
        call: Call<'_, Begin, Contact>,
    ) -> Result<Challenge<Prompt, State, Contact>, Fault> {
        let scope = call.scope;
        let Picked { delivery, target } = self.pick(scope, call.credentials, &call.body)?;
        // What anybody can ask for must not use up the codes of who has proven something.
        let ground = if scope.first { "first" } else { "proven" };
        let enough = !self.config.allowance().take(&self.host, scope, ground).await?;
        let (code, kept) = Kept::fresh(&self.host, self.config.digits)?;
        let sent = match &target {
            _ if enough => Sent::Nobody,
            None => Sent::Nobody,
            Some(target) => match target.credential {
                Some(id) => Sent::Contact(id),
                None => Sent::Own(kept.tag_of(target.contact.value.expose())),
            },
        };
        let to = match (&target, &sent) {
            (Some(target), Sent::Contact(_) | Sent::Own(_)) => target.contact.value.clone(),
            _ => Secret::new(String::new()),
        };
        let prompt = Prompt {
            delivery,
            to: self.shows(scope).then(|| match &target {
                Some(target) => target.contact.masked(),
                None => contact::decoy(delivery, &scope.pseudonym.0),
            }),
            digits: self.config.digits,
            life_seconds: self.config.life_seconds,
            choices: if scope.first { Vec::new() } else { self.choices(call.credentials) },
        };
        let template = if scope.purpose == Purpose::Reset { "reset" } else { "otp" };
        // Too many are too many for nobody as well, and must not push out what still waits to be sent.
        let send = match enough {
            true => Vec::new(),
            false => vec![self.message(delivery, template, (to, code))],
        };
        Ok(Challenge {
            expires_in: Some(self.config.life()),
            effects: Effects { credentials: Vec::new(), send },
            ..Challenge::new(prompt, State { kept, sent })
        })
    }

    async fn verify(
        &self,
        call: Call<'_, (State, Answer), Contact>,
    ) -> Result<Verdict<Prompt, State, Contact>, Fault> {
        let (State { kept, sent }, Answer { code }) = call.body;
        let right = kept.is(code.expose());
        let by = match &sent {
            Sent::Nobody => None,
            // One that has been removed since is nobody's any more.
            Sent::Contact(id) => {
                call.credentials.iter().find(|held| held.id == *id).map(|h| (Some(h.id), h.doc.delivery))
            }
            Sent::Own(tag) => {
                let same = own(call.scope).is_some_and(|own| kept.is_tag_of(own.value.expose(), tag));
                same.then_some((None, Delivery::Email))
            }
        };
        Ok(match by {
            Some((credential, delivery)) if right => Verdict::of(Accepted {
                credential,
                amr: Some(vec![delivery.amr().to_owned()]),
                ..Accepted::default()
            }),
            Some(_) => Verdict::refused(Refusal::Wrong),
            None => Verdict::refused(Refusal::NotEnrolled),
        })
    }

    fn describe(credential: &Contact) -> Value {
        json!({"delivery": credential.delivery.as_str(), "to": credential.masked()})
    }
}

impl Otp {
    fn shows(&self, scope: &Scope) -> bool {
        !scope.first || self.config.show_contact == ShowContact::Always
    }

    /// Of an empty address the host makes what it makes of any, and delivers it to nobody.
    fn message(
        &self,
        delivery: Delivery,
        template: &str,
        (to, code): (Secret<String>, Secret<String>),
    ) -> Message {
        let plain = |name: &str, value: String| (name.to_owned(), Secret::new(value));
        Message {
            channel: self.config.channel(delivery).to_owned(),
            to,
            template: template.to_owned(),
            values: vec![
                ("code".to_owned(), code),
                plain("minutes", (self.config.life_seconds / 60).to_string()),
                plain("kind", delivery.as_str().to_owned()),
            ],
            expires_in: self.config.life(),
        }
    }
}

/// The person's own address, where they have proven that it is theirs.
fn own(scope: &Scope) -> Option<Contact> {
    let person = scope.person.as_ref().filter(|p| p.email_verified)?;
    Contact::read(Delivery::Email, person.email.as_deref()?)
}

gatewright_contract::register_authenticator!(Otp: enrol);
