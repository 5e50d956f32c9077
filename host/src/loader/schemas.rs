//! The schemas of a library's messages: what comes in is held against them before the library sees it, and what it says
//! before anybody else does.

mod dialect;
#[cfg(test)]
mod tests;
mod words;

pub(super) use dialect::unbounded;
pub(super) use words::Mismatch;

use dialect::{each, options, plain};
use gatewright_contract::{Body, Fault, Schemas as Declared};
use jsonschema::{ValidationError, Validator};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One compiled schema.
pub(super) struct Shape {
    validator: Validator,
    schema: Value,
    names: BTreeSet<String>,
}

impl Shape {
    /// Of a schema in draft 2020-12.
    ///
    /// # Errors
    /// What can't be compiled, with its place inside the schema.
    pub(super) fn of(schema: Value) -> Result<Self, Mismatch> {
        let validator = options().build(&schema).map_err(|error| not_a_schema(&error))?;
        let mut names = BTreeSet::new();
        each(&schema, "", &mut |one, _| {
            names.extend(
                one.get("properties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                    .map(|(n, _)| n.clone()),
            );
        });
        Ok(Self { validator, schema, names })
    }

    /// Of a schema in the dialect of OpenAPI 3.0.
    fn of_openapi(schema: &Value) -> Result<Self, Mismatch> {
        Self::of(plain(schema))
    }

    /// The first place of a value that does not fit.
    pub(super) fn mismatch(&self, value: &Value) -> Option<Mismatch> {
        // Most messages fit, and to ask only that is cheaper.
        if self.validator.is_valid(value) {
            return None;
        }
        let error = self.validator.iter_errors(value).next()?;
        Some(words::words(&error, &self.names, &self.schema))
    }
}

fn not_a_schema(error: &ValidationError<'_>) -> Mismatch {
    let field = error.instance_path().as_str().trim_start_matches('/').replace('/', ".");
    let message = match field.rsplit('.').next() {
        Some("pattern") => {
            "is no regular expression that takes time in proportion to the text: no look-around, no \
             back-references, no huge repetitions"
                .to_owned()
        }
        _ => words::words(error, &BTreeSet::new(), &Value::Null).message,
    };
    Mismatch { field, message }
}

/// Every mistake of a schema that a manifest declares for a message.
pub(super) fn mistakes(schema: &Value, place: &str) -> Vec<String> {
    let mut mistakes = dialect::mistakes(schema, place);
    if !mistakes.is_empty() {
        return mistakes;
    }
    if let Err(Mismatch { field, message }) = Shape::of_openapi(schema) {
        return vec![format!("`{}`: {message}", [place, &field].join("."))];
    }
    each(schema, place, &mut |one, place| {
        let Some(example) = one.get("example") else { return };
        if let Ok(shape) = Shape::of_openapi(&Value::Object(one.clone()))
            && let Some(mismatch) = shape.mismatch(example)
        {
            mistakes.push(format!("`{place}.example`: does not fit its own schema ({mismatch})"));
        }
    });
    mistakes
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Begin,
    Answer,
    Invite,
    Proof,
    Event,
    Ask,
    Prompt,
    Invitation,
    Reveal,
    Reply,
}

/// The messages of one library, compiled.
pub(super) struct Messages(Vec<(Word, Shape)>);

impl Messages {
    /// Of what a manifest declares, which has been checked.
    ///
    /// # Errors
    /// What can't be compiled.
    pub(super) fn of(declared: &Declared) -> Result<Self, Vec<String>> {
        let mut messages = Vec::new();
        let mut mistakes = Vec::new();
        for (word, name, schema) in declared_by(declared) {
            match Shape::of_openapi(schema) {
                Ok(shape) => messages.push((word, shape)),
                Err(mismatch) => mistakes.push(format!("`schemas.{name}`: {mismatch}")),
            }
        }
        if mistakes.is_empty() { Ok(Self(messages)) } else { Err(mistakes) }
    }

    fn shape(&self, word: Word) -> Option<&Shape> {
        self.0.iter().find(|(of, _)| *of == word).map(|(_, shape)| shape)
    }

    /// What came in.
    ///
    /// # Errors
    /// [`Fault::BadRequest`] with the place and what belongs there; never what was sent.
    pub(super) fn inbound(&self, word: Word, body: &Body) -> Result<(), Fault> {
        match self.shape(word).and_then(|shape| shape.mismatch(&body.0)) {
            Some(Mismatch { field, message }) => Err(Fault::bad_request(field, message)),
            None => Ok(()),
        }
    }

    /// What the plugin says; nothing is an empty object.
    ///
    /// # Errors
    /// The place that is not as it has declared.
    pub(super) fn outbound(&self, word: Word, value: &mut Value) -> Result<(), Mismatch> {
        if value.is_null() {
            *value = json!({});
        }
        match self.shape(word).and_then(|shape| shape.mismatch(value)) {
            Some(mismatch) => Err(mismatch),
            None => Ok(()),
        }
    }
}

/// Every schema of a message with its name in the manifest.
pub(super) fn declared_by(s: &Declared) -> impl Iterator<Item = (Word, &'static str, &Value)> {
    let always = [
        (Word::Begin, "begin", Some(&s.begin)),
        (Word::Prompt, "prompt", Some(&s.prompt)),
        (Word::Answer, "answer", Some(&s.answer)),
    ];
    let some = [
        (Word::Invite, "invite", s.invite.as_ref()),
        (Word::Invitation, "invitation", s.invitation.as_ref()),
        (Word::Proof, "proof", s.proof.as_ref()),
        (Word::Reveal, "reveal", s.reveal.as_ref()),
        (Word::Event, "event", s.event.as_ref()),
        (Word::Ask, "ask", s.ask.as_ref()),
        (Word::Reply, "reply", s.reply.as_ref()),
    ];
    always.into_iter().chain(some).filter_map(|(word, name, schema)| Some((word, name, schema?)))
}
