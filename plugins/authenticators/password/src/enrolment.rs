//! Choosing a password, and taking over one from another system.

use crate::{
    authenticator::{Credential, Password, unusable},
    hash::{self, Stored},
    rules,
};
use gatewright_contract::{
    Call, Challenge, Enrol, Enrolment, Fault, HostExt, Nothing, PersonView, Purpose, Rehearse, Scope, Secret,
    Timestamp, Violation,
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
        match (call.body.1.password, call.body.1.hash) {
            (Some(password), None) => self.choose(call.scope, &password).await,
            (None, Some(hash)) if call.scope.purpose == Purpose::Provision => Ok(imported(call.scope, hash)),
            _ => Err(Fault::bad_request("password", "send the new password")),
        }
    }
}

impl Password {
    async fn choose(
        &self,
        scope: &Scope,
        password: &Secret<String>,
    ) -> Result<Enrolment<Credential, Nothing>, Fault> {
        let mut context: Vec<&str> = self.config.service_words.iter().map(String::as_str).collect();
        if let Some(PersonView { username, display_name, email, .. }) = &scope.person {
            context.push(username);
            context.extend([display_name, email].into_iter().flatten().map(String::as_str));
        }
        let password = match rules::check(password.expose(), &context, &self.config.rules()) {
            Ok(password) => password,
            Err(broken) => return Ok(Enrolment::Rejected(broken.into_iter().map(violation).collect())),
        };
        let (argon, salt) = (self.argon, self.host.random_array::<16>()?);
        let hashed = self.host.cpu(move || hash::hash(password.as_bytes(), &salt, &argon)).await?;
        Ok(enrolled(scope, Secret::new(hashed.map_err(|e| unusable(&e))?)))
    }
}

fn imported(scope: &Scope, hash: Secret<String>) -> Enrolment<Credential, Nothing> {
    match Stored::parse(hash.expose()) {
        Ok(_) => enrolled(scope, hash),
        Err(e) => {
            Enrolment::Rejected(vec![Violation { code: "bad_hash".to_owned(), message: e.to_string() }])
        }
    }
}

fn enrolled(scope: &Scope, hash: Secret<String>) -> Enrolment<Credential, Nothing> {
    let credential = Credential { hash, set: scope.now };
    Enrolment::Enrolled { credential, label: None, lookup: None, reveal: Nothing {} }
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
