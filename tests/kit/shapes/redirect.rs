//! `redirect`: somebody else says who it is, and a browser brings the word. The shape of OpenID Connect.
//!
//! The prompt leads to a provider; the provider's reply comes in at the callback and moves the challenge; the
//! client asks with an empty answer whether it has. Here the provider signs nothing: the code says the subject,
//! and nothing ties the browser that comes back to the one that was sent (`docs/decisions/0001-…`, item 1).

use super::prelude::*;

const ISSUER: &str = "https://provider.example";

pub fn registration() -> Registration {
    gatewright_contract::registration!(Redirect: enrol, identify, signal)
}

pub struct Redirect(Host);

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Prompt {
    /// Where the browser goes.
    pub url: String,
}

/// Of a login and of an enrolment alike: a signal does not say which of the two it moves.
#[derive(Clone, Serialize, Deserialize)]
pub struct State {
    state: String,
    subject: Option<String>,
    declined: bool,
}

/// What the provider sends along with the browser (RFC 6749, sections 4.1.2 and 4.1.2.1). It may send more.
#[derive(Deserialize, JsonSchema)]
#[schemars(example = serde_json::json!({"state": "00", "code": "subject ann"}))]
pub struct Event {
    pub state: String,
    pub code: Option<String>,
    pub error: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Link {
    subject: String,
}

impl Authenticator for Redirect {
    const ID: &'static str = "redirect";
    const ABOUT: &'static str = "# redirect\n\nAnother provider says who it is. For tests.";
    type Config = Nothing;
    type Credential = Link;
    type Begin = Nothing;
    type Prompt = Prompt;
    type State = State;
    type Answer = Nothing;

    fn new(_: Nothing, host: Host) -> Result<Self, Fault> {
        Ok(Self(host))
    }

    fn traits(&self) -> Traits {
        let steps = Steps { first: true, second: false, fallback: false };
        Traits { many: true, steps, ..second(&["fed"], Kind::Federation) }
    }

    async fn challenge(&self, _: Call<'_, Nothing, Link>) -> Result<Challenge<Prompt, State, Link>, Fault> {
        let state = State { state: token(&self.0)?, subject: None, declined: false };
        let prompt = Prompt { url: format!("{ISSUER}/authorize?state={}", state.state) };
        let wake = Some(LookupKey(state.state.clone()));
        Ok(Challenge { wake, ..Challenge::new(prompt, state) })
    }

    async fn verify(
        &self,
        call: Call<'_, (State, Nothing), Link>,
    ) -> Result<Verdict<Prompt, State, Link>, Fault> {
        let (state, _) = call.body;
        Ok(match &state.subject {
            _ if state.declined => Verdict::refused(Refusal::Declined),
            None => Verdict::pending(state, Duration::from_secs(1)),
            Some(subject) => match call.credentials.iter().find(|held| &held.doc.subject == subject) {
                None => Verdict::refused(Refusal::NotEnrolled),
                Some(held) => {
                    let claims = [("sub".to_owned(), subject.clone().into())].into_iter().collect();
                    Verdict::of(Accepted { claims, ..by(held.id) })
                }
            },
        })
    }
}

impl Signal for Redirect {
    const SAME_BROWSER: bool = true;
    type Event = Event;

    fn correlate(&self, event: &Event) -> Result<LookupKey, Fault> {
        Ok(LookupKey(event.state.clone()))
    }

    async fn signal(&self, call: Call<'_, (State, Event), Link>) -> Result<Option<State>, Fault> {
        let (state, event) = call.body;
        // A second reply to one request is an attack or a mistake (RFC 9700, section 4.5).
        if state.subject.is_some() || state.declined {
            return Ok(None);
        }
        let subject = event.code.as_deref().and_then(|code| code.strip_prefix("subject "));
        Ok(match (subject, event.error) {
            (Some(subject), None) => Some(State { subject: Some(subject.to_owned()), ..state }),
            (None, Some(_)) => Some(State { declined: true, ..state }),
            _ => None,
        })
    }
}

impl Identify for Redirect {
    async fn identify(&self, call: Call<'_, (State, Nothing), Link>) -> Result<Identified<State>, Fault> {
        let (state, _) = call.body;
        Ok(Identified { lookup: state.subject.as_deref().map(key_of), state })
    }
}

/// A tie between the account and a subject of the provider, made by somebody who is logged in.
impl Enrol for Redirect {
    type Invite = Nothing;
    type Invitation = Prompt;
    type Draft = State;
    type Proof = Nothing;
    type Reveal = Nothing;

    async fn invite(&self, call: Call<'_, Nothing, Link>) -> Result<Challenge<Prompt, State, Link>, Fault> {
        self.challenge(call).await
    }

    async fn enrol(&self, call: Call<'_, (State, Nothing), Link>) -> Result<Enrolment<Link, Nothing>, Fault> {
        let Some(subject) = call.body.0.subject else {
            let message = "The provider has not answered yet.".to_owned();
            return Ok(Enrolment::Rejected(vec![Violation { code: "not_yet".to_owned(), message }]));
        };
        let lookup = Some(key_of(&subject));
        Ok(Enrolment::Enrolled { credential: Link { subject }, label: None, lookup, reveal: Nothing {} })
    }
}

/// Issuer and subject together: two providers may both have an "ann".
fn key_of(subject: &str) -> LookupKey {
    LookupKey(format!("{ISSUER} {subject}"))
}
