//! From the contract's fields to an authenticator's own JSON and back. An authenticator for which the
//! contract has fields of its own keeps them in one small file here and is named in the table of
//! [`crate::names`]; every other one passes as it is.

pub(crate) mod face;
pub(crate) mod grid;
pub(crate) mod idp;
pub(crate) mod kba;
pub(crate) mod machine;
pub(crate) mod otp;
pub(crate) mod passkey;
pub(crate) mod password;
pub(crate) mod push;
pub(crate) mod smart_login;
pub(crate) mod temp_access_code;
pub(crate) mod token;
pub(crate) mod user_certificate;

use crate::wire::{AuthenticatedResponse, UserAuthenticateParameters, UserChallengeParameters};
use gatewright_contract::Manifest;
use gatewright_core::Problem;
use serde_json::{Map, Value, json};

/// What is special about the fields of one authenticator. What is not written passes as it is.
pub(crate) trait Adapter: Sync {
    /// The body with which the authenticator is asked for a challenge.
    fn begin(&self, asked: &UserChallengeParameters) -> Value {
        asked.begin.clone().unwrap_or_else(|| json!({}))
    }

    /// Shows what the authenticator asks.
    fn show(&self, prompt: Value, reply: &mut AuthenticatedResponse) {
        reply.challenge = Some(prompt);
    }

    /// Takes over what is handed out with a right answer.
    fn reveal(&self, reveal: Value, reply: &mut AuthenticatedResponse) {
        let _ = (reveal, reply);
    }

    /// Whether a completion only asks how a challenge stands that rings on no device: the authenticator is not asked.
    fn polls(&self, given: &UserAuthenticateParameters) -> bool {
        let _ = given;
        false
    }

    /// What the person answers, in the authenticator's form.
    ///
    /// # Errors
    /// 400 when the field is missing that this authenticator needs.
    fn answer(&self, given: &UserAuthenticateParameters, manifest: &Manifest) -> Result<Value, Problem> {
        answer(given, manifest)
    }
}

/// No fields of its own.
pub(crate) struct OwnJson;

impl Adapter for OwnJson {}

/// `answer` as it is; or `response` in the place of the one string that the authenticator wants; or nothing,
/// for an authenticator that wants nothing or is only asked whether it knows more.
fn answer(given: &UserAuthenticateParameters, manifest: &Manifest) -> Result<Value, Problem> {
    if let Some(answer) = &given.answer {
        return Ok(answer.clone());
    }
    let schema = &manifest.schemas.answer;
    let Some(response) = &given.response else {
        return match manifest.abilities.signal || required(schema).next().is_none() {
            true => Ok(json!({})),
            false => Err(Problem::invalid("response: this authenticator needs an answer")),
        };
    };
    let place = place_of_response(schema).ok_or_else(|| {
        Problem::invalid(
            "response: this authenticator takes more than one string; send `answer` as its own JSON",
        )
    })?;
    Ok(Value::Object(Map::from_iter([(place.to_owned(), Value::from(&**response))])))
}

/// The one string among the properties: the only one that is required, or else the only one.
fn place_of_response(schema: &Value) -> Option<&str> {
    let properties = schema["properties"].as_object()?;
    let strings: Vec<&str> =
        properties.iter().filter(|(_, p)| p["type"] == "string").map(|(name, _)| name.as_str()).collect();
    let needed: Vec<&str> =
        strings.iter().filter(|name| required(schema).any(|r| r == **name)).copied().collect();
    match (&needed[..], &strings[..]) {
        ([one], _) | (_, [one]) => Some(one),
        _ => None,
    }
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
