//! Choosing a password, and taking over one from another system.

use crate::{
    authenticator::{Password, unusable},
    credential::{Credential, Old},
    hash::{self, HashFault, Stored},
    rules,
};
use gatewright_contract::{
    Call, Challenge, Enrol, Enrolment, Fault, Held, HostExt, Nothing, PersonView, Purpose, Rehearse, Scope,
    Secret, Timestamp, Violation,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a new password must be.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Invitation {
    /// At least this many characters.
    pub min_characters: u16,
    /// At most this many bytes of UTF-8.
    pub max_bytes: u32,
}

/// The new password.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = proof_example())]
pub struct Proof {
    /// The new password.
    #[serde(default)]
    #[schemars(length(max = 1024), with = "String", required)]
    password: Option<Secret<String>>,
    /// A hash of another system; taken from the host alone.
    #[serde(default)]
    #[schemars(skip)]
    hash: Option<Secret<String>>,
    /// The person must choose their own at the next login; taken from an administrator alone.
    #[serde(default)]
    #[schemars(skip)]
    must_change: bool,
}

fn proof_example() -> std::collections::BTreeMap<&'static str, &'static str> {
    [("password", "plum-Orbit 42 lantern")].into()
}

impl Enrol for Password {
    type Invite = Nothing;
    type Invitation = Invitation;
    type Draft = Nothing;
    type Proof = Proof;
    type Reveal = Nothing;

    async fn invite(
        &self,
        _: Call<'_, Nothing, Credential>,
    ) -> Result<Challenge<Invitation, Nothing, Credential>, Fault> {
        let invitation = Invitation { min_characters: self.config.min_characters, max_bytes: 1024 };
        Ok(Challenge::new(invitation, Nothing {}))
    }

    async fn enrol(
        &self,
        call: Call<'_, (Nothing, Proof), Credential>,
    ) -> Result<Enrolment<Credential, Nothing>, Fault> {
        let Proof { password, hash, must_change } = call.body.1;
        let provided = call.scope.purpose == Purpose::Provision;
        if must_change && !provided {
            return Err(Fault::bad_request(
                "must_change",
                "only an administrator says this of somebody else",
            ));
        }
        let chosen = match (password, hash) {
            (Some(password), None) => self.choose(call.scope, call.credentials, &password).await?,
            (None, Some(hash)) if provided => imported(hash),
            _ => return Err(Fault::bad_request("password", "send the new password")),
        };
        let old = self.old_after(call.credentials);
        Ok(match chosen {
            Ok(hash) => Enrolment::Enrolled {
                credential: Credential { hash, set: call.scope.now, must_change, old },
                label: None,
                lookup: None,
                reveal: Nothing {},
            },
            Err(broken) => Enrolment::Rejected(broken),
        })
    }
}

/// The hash to keep, or the rules that were broken.
type Chosen = Result<Secret<String>, Vec<Violation>>;

impl Password {
    async fn choose(
        &self,
        scope: &Scope,
        held: &[Held<Credential>],
        password: &Secret<String>,
    ) -> Result<Chosen, Fault> {
        let mut context: Vec<&str> = self.config.service_words.iter().map(String::as_str).collect();
        if let Some(PersonView { username, display_name, email, .. }) = &scope.person {
            context.push(username);
            context.extend([display_name, email].into_iter().flatten().map(String::as_str));
        }
        let password = match rules::check(password.expose(), &context, &self.config.rules()) {
            Ok(password) => Secret::new(password.to_string()),
            Err(broken) => return Ok(Err(broken.into_iter().map(violation).collect())),
        };
        for former in self.forbidden(scope, held) {
            if self.is(former, &password).await? {
                let message = "This password was used before. Choose one that was not.".to_owned();
                return Ok(Err(vec![Violation { code: "used_before".to_owned(), message }]));
            }
        }
        let (argon, salt) = (self.argon, self.host.random_array::<16>()?);
        let hashed = self.host.cpu(move || hash::hash(password.expose().as_bytes(), &salt, &argon)).await?;
        Ok(Ok(Secret::new(hashed.map_err(|e| unusable(&e))?)))
    }

    /// What the person may not choose. An administrator is not told what somebody had before.
    fn forbidden<'a>(&self, scope: &Scope, held: &'a [Held<Credential>]) -> Vec<&'a Secret<String>> {
        let Some(held) = held.first().filter(|_| scope.purpose != Purpose::Provision) else {
            return Vec::new();
        };
        let least = usize::from(self.is_over(&held.doc, scope.now));
        held.doc.all().take(usize::from(self.config.history).max(least)).collect()
    }

    /// Each in a turn of its own: others who wait for a thread must not wait for all of them.
    async fn is(&self, former: &Secret<String>, password: &Secret<String>) -> Result<bool, Fault> {
        let (argon, former, password) = (self.argon, former.clone(), password.clone());
        let verified = self
            .host
            .cpu(move || hash::verify(former.expose(), password.expose().as_bytes(), &argon))
            .await?;
        verified.map(|v| v.matches).map_err(|e: HashFault| unusable(&e))
    }

    /// Those before the new one that are still to be known: the new one is the first of `history`.
    fn old_after(&self, held: &[Held<Credential>]) -> Vec<Old> {
        let all = held.first().into_iter().flat_map(|h| h.doc.all());
        let kept = usize::from(self.config.history.saturating_sub(1));
        all.take(kept).map(|hash| Old(hash.clone())).collect()
    }
}

fn imported(hash: Secret<String>) -> Chosen {
    match Stored::parse(hash.expose()) {
        Ok(_) => Ok(hash),
        Err(e) => Err(vec![Violation { code: "bad_hash".to_owned(), message: e.to_string() }]),
    }
}

fn violation(broken: rules::Violation) -> Violation {
    Violation { code: broken.code.to_owned(), message: broken.message }
}

/// The password of the person that the conformance suite plays.
const REHEARSED: &str = "plum-Orbit 42 lantern";

impl Rehearse for Password {
    fn prove(_: &Invitation, _: Timestamp) -> Value {
        json!({"password": REHEARSED})
    }

    fn answer(_: &Invitation, _: &Nothing, _: &Value, _: Timestamp, _: usize) -> Option<Value> {
        Some(json!({"password": REHEARSED}))
    }
}
