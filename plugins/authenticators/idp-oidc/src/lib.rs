#![doc = include_str!("../README.md")]

mod config;
mod exchange;
mod fetch;
mod flow;
mod id_token;
mod keys;
mod known;
mod link;
mod metadata;
mod redirect;

#[cfg(test)]
mod tests;

pub use config::{Algorithm, Ask, ClientAuth, Config, Provider};
pub use flow::{Begin, Event, Prompt, State};
pub use link::{Invite, Link, Proof};

use flow::{Came, lookup};
use gatewright_contract::{
    Accepted, Authenticator, Call, Challenge, Fault, Host, Identified, Identify, Kind, Nothing, Refusal,
    Steps, Traits, Verdict,
};
use known::Known;
use serde_json::{Value, json};
use std::time::Duration;

/// A window that waits asks as often as this.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// An OpenID provider elsewhere says who it is.
pub struct IdpOidc {
    config: Config,
    host: Host,
    known: Known,
}

impl Authenticator for IdpOidc {
    const ID: &'static str = "idp-oidc";
    const ABOUT: &'static str = include_str!("../README.md");
    const NEEDS: &'static [&'static str] = &[fetch::FETCH];

    type Config = Config;
    type Credential = Link;
    type Begin = Begin;
    type Prompt = Prompt;
    type State = State;
    type Answer = Nothing;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        let known = Known::new(Duration::from_secs(config.refresh_seconds.into()));
        Ok(Self { config, host, known })
    }

    fn traits(&self) -> Traits {
        Traits {
            // RFC 8176 has no word for it; this one is in use. What the provider says stands in the claims.
            amr: vec!["fed".to_owned()],
            kind: Kind::Federation,
            phishing_resistant: false,
            many: true,
            single_use: true,
            self_service: true,
            // Useless without a provider: a tenant's policy names it.
            steps: Steps { first: false, second: false, fallback: false },
        }
    }

    async fn challenge(&self, call: Call<'_, Begin, Link>) -> Result<Challenge<Prompt, State, Link>, Fault> {
        self.send(call.body.provider.as_deref(), None, call.scope).await
    }

    async fn verify(
        &self,
        call: Call<'_, (State, Nothing), Link>,
    ) -> Result<Verdict<Prompt, State, Link>, Fault> {
        let (state, _) = call.body;
        let Some(flow) = &state.flow else { return Ok(Verdict::refused(Refusal::Wrong)) };
        Ok(match &flow.came {
            Came::Nothing => Verdict::pending(state, ASK_AGAIN),
            Came::Declined => Verdict::refused(Refusal::Declined),
            Came::Refused => Verdict::refused(Refusal::Wrong),
            Came::Down => return Err(Fault::unavailable("the provider did not answer")),
            Came::Said(said) => {
                let mine = |link: &Link| link.issuer == flow.issuer && link.subject == said.subject;
                match call.credentials.iter().find(|held| mine(&held.doc)) {
                    None => Verdict::refused(Refusal::NotEnrolled),
                    Some(held) => Verdict::of(Accepted {
                        credential: Some(held.id),
                        amr: said.amr.clone(),
                        claims: said.claims.clone(),
                        ..Accepted::default()
                    }),
                }
            }
        })
    }

    fn describe(link: &Link) -> Value {
        json!({"provider": link.provider, "issuer": link.issuer, "subject": link.subject})
    }
}

impl Identify for IdpOidc {
    async fn identify(&self, call: Call<'_, (State, Nothing), Link>) -> Result<Identified<State>, Fault> {
        let (state, _) = call.body;
        let lookup = state.said().map(|(flow, said)| lookup(&flow.issuer, &said.subject));
        Ok(Identified { lookup, state })
    }
}

gatewright_contract::register_authenticator!(IdpOidc: enrol, identify, signal);
