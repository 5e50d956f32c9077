#![doc = include_str!("../README.md")]

mod config;
mod ticket;

#[cfg(test)]
mod tests;

pub use config::Config;

use gatewright_contract::{
    Accepted, Authenticator, Call, Challenge, Effects, Fault, Host, Kind, LookupKey, Message, Nothing,
    Refusal, Scope, Secret, Signal, Steps, Traits, Verdict, in_sealed_document,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;
use ticket::Ticket;

/// When asking again makes sense.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// A link by mail, for the browser that asked for it.
pub struct MagicLink {
    config: Config,
    host: Host,
}

/// What the person is told: the same for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Prompt { life_seconds: 600 })]
pub struct Prompt {
    /// How long the link is good, in seconds.
    pub life_seconds: u32,
}

/// What is kept of a challenge.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Where the link went; empty: nowhere, and nothing that happens lets anybody in.
    #[serde(with = "in_sealed_document")]
    to: Secret<String>,
    /// The link has been opened in the browser that asked for it.
    opened: bool,
}

/// What the link brings back. Mail programs that add something to it are not in the way.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(
    example = json!({"ticket": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}),
    extend("additionalProperties" = true)
)]
pub struct Event {
    /// The ticket in the link.
    #[schemars(length(max = 64))]
    pub ticket: Secret<String>,
}

/// Nobody sets it up: it goes by the e-mail address of the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoCredential {}

impl Authenticator for MagicLink {
    const ID: &'static str = "magic-link";
    const ABOUT: &'static str = include_str!("../README.md");
    const SENDS: bool = true;

    type Config = Config;
    type Credential = NoCredential;
    type Begin = Nothing;
    type Prompt = Prompt;
    type State = State;
    type Answer = Nothing;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        Ok(Self { config, host })
    }

    fn traits(&self) -> Traits {
        Traits {
            // RFC 8176 has no word for it; RFC 4949 calls a one-time password what is used only once.
            amr: vec!["otp".to_owned()],
            kind: Kind::Possession,
            phishing_resistant: false,
            many: false,
            single_use: true,
            self_service: false,
            // Weak (OWASP ASVS 5, 6.3.6): only where a tenant's policy asks for it.
            steps: Steps { first: false, second: false, fallback: false },
        }
    }

    async fn challenge(
        &self,
        call: Call<'_, Nothing, NoCredential>,
    ) -> Result<Challenge<Prompt, State, NoCredential>, Fault> {
        let free = self.config.allowance().take(&self.host, call.scope, "sent").await?;
        let to = address(call.scope).filter(|_| free).unwrap_or_default();
        let ticket = Ticket::fresh(&self.host)?;
        // Too many are too many for nobody as well, and must not push out what still waits to be sent.
        let send = free.then(|| self.message(call.scope, to, &ticket)).into_iter().collect();
        let wake = Some(ticket.key());
        let state = State { to: Secret::new(to.to_owned()), opened: false };
        Ok(Challenge {
            expires_in: Some(self.config.life()),
            wake,
            effects: Effects { credentials: Vec::new(), send },
            ..Challenge::new(Prompt { life_seconds: self.config.life_seconds }, state)
        })
    }

    async fn verify(
        &self,
        call: Call<'_, (State, Nothing), NoCredential>,
    ) -> Result<Verdict<Prompt, State, NoCredential>, Fault> {
        let (state, _) = call.body;
        if !state.opened {
            return Ok(Verdict::pending(state, ASK_AGAIN));
        }
        // The mailbox that was written to must still be the person's.
        let same = address(call.scope).is_some_and(|now| now == state.to.expose());
        Ok(match same {
            true => Verdict::of(Accepted::default()),
            false => Verdict::refused(Refusal::NotEnrolled),
        })
    }
}

impl Signal for MagicLink {
    /// Or else whoever begins a login as somebody is let in when that one opens their mail; and a scanner that follows
    /// every link of a mail would do it for them.
    const SAME_BROWSER: bool = true;
    type Event = Event;

    fn correlate(&self, event: &Event) -> Result<LookupKey, Fault> {
        Ok(Ticket::read(event.ticket.expose())
            .ok_or_else(|| Fault::bad_request("ticket", "43 characters of base64url"))?
            .key())
    }

    async fn signal(&self, call: Call<'_, (State, Event), NoCredential>) -> Result<Option<State>, Fault> {
        let (state, _) = call.body;
        // The host has found the state by the hash of the ticket. Opened a second time it moves nothing.
        Ok((!state.opened).then_some(State { opened: true, ..state }))
    }
}

impl MagicLink {
    fn message(&self, scope: &Scope, to: &str, ticket: &Ticket) -> Message {
        let link = format!("{}?ticket={}", scope.site.callback(Self::ID), ticket.expose());
        let value = |name: &str, value: String| (name.to_owned(), Secret::new(value));
        Message {
            channel: self.config.channel.clone(),
            to: Secret::new(to.to_owned()),
            template: "magic-link".to_owned(),
            values: vec![value("link", link), value("minutes", (self.config.life_seconds / 60).to_string())],
            expires_in: self.config.life(),
        }
    }
}

/// The person's address, where they have proven that it is theirs.
fn address(scope: &Scope) -> Option<&str> {
    scope.person.as_ref().filter(|p| p.email_verified)?.email.as_deref()
}

gatewright_contract::register_authenticator!(MagicLink: signal);
