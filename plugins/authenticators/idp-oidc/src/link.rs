//! Tying a subject of a provider to an account: by the person who is logged in, or by an administrator.

use crate::{
    IdpOidc,
    config::Provider,
    flow::{Came, Prompt, State, lookup},
};
use gatewright_contract::{Call, Challenge, Enrol, Enrolment, Fault, Held, Nothing, Purpose, Violation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Links that a person may have.
const MAX_LINKS: usize = 10;
const MAX_LABEL_CHARS: usize = 64;
const MAX_SUBJECT: usize = 255;

/// What is kept about a linked account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Who says it.
    pub issuer: String,
    /// Who it is there.
    pub subject: String,
    /// The provider's name in the configuration when it was linked.
    pub provider: String,
}

/// What a client may say when it asks to link.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = Invite::default())]
pub struct Invite {
    /// Which provider, by its name in the configuration. Left out: the default one.
    #[schemars(length(max = 48))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// A name for the link, for the person's own list: at most 64 characters. Left out: the provider's.
    #[schemars(length(max = 64))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Empty: the answer comes by the browser. Only an administrator says it in words.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = Proof::default())]
pub struct Proof {
    /// For an administrator: who it is at the provider (`sub`).
    #[schemars(length(max = 255))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// For an administrator: the issuer, which must be that of the provider.
    #[schemars(length(max = 512))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

impl Enrol for IdpOidc {
    type Invite = Invite;
    type Invitation = Prompt;
    type Draft = State;
    type Proof = Proof;
    type Reveal = Nothing;

    async fn invite(&self, call: Call<'_, Invite, Link>) -> Result<Challenge<Prompt, State, Link>, Fault> {
        let label = label(call.body.label)?;
        if call.scope.purpose != Purpose::Provision {
            return self.send(call.body.provider.as_deref(), label, call.scope).await;
        }
        // There is no browser to be sent anywhere, and the issuer may say which provider it is.
        let provider = match call.body.provider.as_deref() {
            Some(name) => self.pick(Some(name), call.scope)?.0,
            None => self.pick(None, call.scope).map_or("", |(name, _)| name),
        };
        let name = self.shown(provider).to_owned();
        let prompt = Prompt { url: String::new(), provider: provider.to_owned(), name };
        Ok(Challenge::new(prompt, State { provider: provider.to_owned(), label, flow: None }))
    }

    async fn enrol(&self, call: Call<'_, (State, Proof), Link>) -> Result<Enrolment<Link, Nothing>, Fault> {
        let (state, proof) = call.body;
        if call.scope.purpose == Purpose::Provision {
            return self.provisioned(state, proof, call.credentials);
        }
        if proof.subject.is_some() || proof.issuer.is_some() {
            return Err(Fault::bad_request(
                "subject",
                "the provider says who it is; only an administrator may",
            ));
        }
        let came = state.flow.as_ref().map_or(&Came::Refused, |flow| &flow.came);
        match (came, state.said()) {
            (_, Some((flow, said))) => {
                let label = state.label.clone().unwrap_or_else(|| self.shown(&state.provider).to_owned());
                let (issuer, subject) = (flow.issuer.clone(), said.subject.clone());
                let link = Link { issuer, subject, provider: state.provider.clone() };
                Ok(linked(link, label, call.credentials))
            }
            (Came::Nothing, _) => Ok(Enrolment::Pending { retry_after: Duration::from_secs(2) }),
            (Came::Down, _) => Err(Fault::unavailable("the provider did not answer")),
            (Came::Declined, _) => Ok(rejected("declined", "You have said no at the provider. Begin anew.")),
            _ => Ok(rejected("not_believed", "What the provider said can't be believed. Begin anew.")),
        }
    }
}

impl IdpOidc {
    fn provisioned(
        &self,
        state: State,
        proof: Proof,
        held: &[Held<Link>],
    ) -> Result<Enrolment<Link, Nothing>, Fault> {
        let subject = proof.subject.unwrap_or_default();
        if !(1..=MAX_SUBJECT).contains(&subject.len()) || subject.chars().any(char::is_control) {
            return Err(Fault::bad_request("subject", "1 to 255 bytes without control characters"));
        }
        let meant = |(name, provider): &(&String, &Provider)| match &proof.issuer {
            Some(issuer) => provider.issuer == *issuer,
            None => **name == state.provider,
        };
        let Some((name, provider)) = self.config.providers.iter().find(meant) else {
            return Err(Fault::bad_request("issuer", "the issuer of a provider that is configured"));
        };
        let link = Link { issuer: provider.issuer.clone(), subject, provider: name.clone() };
        let label = state.label.unwrap_or_else(|| self.shown(name).to_owned());
        Ok(linked(link, label, held))
    }
}

fn linked(link: Link, label: String, held: &[Held<Link>]) -> Enrolment<Link, Nothing> {
    let same = |held: &Held<Link>| held.doc.issuer == link.issuer && held.doc.subject == link.subject;
    if held.iter().any(same) {
        return rejected("already_linked", "This account is linked already.");
    }
    if held.len() >= MAX_LINKS {
        return rejected("too_many", "There are ten links already. Remove one first.");
    }
    let lookup = Some(lookup(&link.issuer, &link.subject));
    Enrolment::Enrolled { credential: link, label: Some(label), lookup, reveal: Nothing {} }
}

fn rejected(code: &str, message: &str) -> Enrolment<Link, Nothing> {
    Enrolment::Rejected(vec![Violation { code: code.to_owned(), message: message.to_owned() }])
}

fn label(given: Option<String>) -> Result<Option<String>, Fault> {
    let label = given.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let bad = |text: &String| text.chars().count() > MAX_LABEL_CHARS || text.chars().any(char::is_control);
    match label.as_ref().is_some_and(bad) {
        true => Err(Fault::bad_request("label", "at most 64 characters, without control characters")),
        false => Ok(label),
    }
}
