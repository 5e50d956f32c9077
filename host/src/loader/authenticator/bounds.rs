//! How much a library may say in one reply. Each gives what is too much, and never what it was.

use crate::loader::manifest::MFA;
use gatewright_contract::{
    Accepted, Body, CredentialChange, CredentialId, Held, LookupKey, Message, Violation,
};
use gatewright_core::engine::LABEL_MAX;
use serde_json::{Map, Value};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);
const MAX_KEPT: usize = 64 * 1024;
const MAX_TOLD: usize = 16 * 1024;
const MAX_LOOKUP: usize = 512;
const MAX_AMR: usize = 8;
const MOST_CHANGES: usize = 32;
const MOST_MESSAGES: usize = 4;
const MOST_VALUES: usize = 16;
const MAX_ADDRESS: usize = 512;
const MAX_VALUE: usize = 4_096;
const MAX_WORD: usize = 64;
const MOST_VIOLATIONS: usize = 16;
const MAX_MESSAGE: usize = 500;

type Bounded = Result<(), String>;

fn within(fits: bool, what: impl FnOnce() -> String) -> Bounded {
    if fits { Ok(()) } else { Err(what()) }
}

fn size(value: &Value) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => count.0,
        Err(_) => usize::MAX,
    }
}

/// A state or a draft.
pub(super) fn kept(state: &Body) -> Bounded {
    within(size(&state.0) <= MAX_KEPT, || format!("what it wants kept is longer than {MAX_KEPT} bytes"))
}

/// A credential document. Null would be one that says nothing: it was forgotten.
pub(super) fn document(doc: &Body) -> Bounded {
    within(!doc.0.is_null(), || "the document of a credential is missing".to_owned())?;
    within(size(&doc.0) <= MAX_KEPT, || {
        format!("the document of a credential is longer than {MAX_KEPT} bytes")
    })
}

/// How long something lasts.
pub(super) fn wait(time: Option<Duration>) -> Bounded {
    within(time.is_none_or(|time| time <= DAY), || "a time of more than a day".to_owned())
}

/// A key that finds something.
pub(super) fn key(key: Option<&LookupKey>) -> Bounded {
    let fits = |key: &LookupKey| (1..=MAX_LOOKUP).contains(&key.0.len()) && !key.0.contains('\0');
    within(key.is_none_or(fits), || format!("a key is not 1 to {MAX_LOOKUP} bytes, or has a zero byte"))
}

/// A name for a credential.
pub(super) fn label(label: Option<&str>) -> Bounded {
    let fits = |label: &str| label.chars().count() <= LABEL_MAX && !label.chars().any(char::is_control);
    within(label.is_none_or(fits), || {
        format!("a label has more than {LABEL_MAX} characters, or control characters")
    })
}

/// What may be seen of a credential.
pub(super) fn details(details: &Value) -> Bounded {
    within(details.is_null() || details.is_object(), || "`details` is no object".to_owned())?;
    within(size(details) <= MAX_TOLD, || format!("`details` is longer than {MAX_TOLD} bytes"))
}

/// A yes.
pub(super) fn accepted(accepted: &Accepted, given: &[Held<Body>], declared: &[String]) -> Bounded {
    let is_given = |id: &CredentialId| given.iter().any(|held| held.id == *id);
    within(accepted.credential.as_ref().is_none_or(is_given), || {
        "accepted by a credential that it was not given".to_owned()
    })?;
    let amr = accepted.amr.as_deref().unwrap_or_default();
    // `mfa` is the host's to say.
    let is_its = |word: &String| declared.contains(word) && word != MFA;
    within(amr.len() <= MAX_AMR && amr.iter().all(is_its), || {
        "`amr` has a word that its manifest does not declare, or too many".to_owned()
    })?;
    within(claims(&accepted.claims) <= MAX_TOLD, || format!("`claims` are longer than {MAX_TOLD} bytes"))?;
    within(accepted.reveal.as_ref().is_none_or(|Body(reveal)| reveal.is_object()), || {
        "`reveal` is no object".to_owned()
    })
}

fn claims(claims: &Map<String, Value>) -> usize {
    claims.iter().map(|(name, value)| name.len().saturating_add(size(value))).fold(0, usize::saturating_add)
}

/// Changes of credentials: only of those that it was given.
pub(super) fn changes(changes: &[CredentialChange<Body>], given: &[Held<Body>]) -> Bounded {
    within(changes.len() <= MOST_CHANGES, || format!("more than {MOST_CHANGES} changes"))?;
    for change in changes {
        let its = |id: &CredentialId| {
            within(given.iter().any(|held| held.id == *id), || {
                "a change of a credential that it was not given".to_owned()
            })
        };
        match change {
            CredentialChange::Add { doc, label, lookup } => {
                document(doc)?;
                self::label(label.as_deref())?;
                key(lookup.as_ref())?;
            }
            CredentialChange::Replace { id, doc } => {
                its(id)?;
                document(doc)?;
            }
            CredentialChange::Remove { id } => its(id)?,
        }
    }
    Ok(())
}

/// Messages to people.
pub(super) fn messages(messages: &[Message]) -> Bounded {
    within(messages.len() <= MOST_MESSAGES, || format!("more than {MOST_MESSAGES} messages"))?;
    for message in messages {
        let word = |text: &str| (1..=MAX_WORD).contains(&text.len()) && !text.chars().any(char::is_control);
        within(word(&message.channel) && word(&message.template), || {
            format!("the channel or template of a message is not 1 to {MAX_WORD} bytes")
        })?;
        let to = message.to.expose();
        within(to.len() <= MAX_ADDRESS && !to.chars().any(char::is_control), || {
            format!("the address of a message has more than {MAX_ADDRESS} bytes, or control characters")
        })?;
        let values = &message.values;
        let fits = |(name, value): &(String, gatewright_contract::Secret<String>)| {
            word(name) && value.expose().len() <= MAX_VALUE
        };
        within(values.len() <= MOST_VALUES && values.iter().all(fits), || {
            format!("a message has more than {MOST_VALUES} values, or one of more than {MAX_VALUE} bytes")
        })?;
        wait(Some(message.expires_in))?;
    }
    Ok(())
}

/// Rules that were broken, for a form.
pub(super) fn violations(violations: &[Violation]) -> Bounded {
    let fits = |v: &Violation| {
        let plain = |text: &str| !text.chars().any(char::is_control);
        (1..=MAX_WORD).contains(&v.code.len())
            && v.message.len() <= MAX_MESSAGE
            && plain(&v.code)
            && plain(&v.message)
    };
    within((1..=MOST_VIOLATIONS).contains(&violations.len()) && violations.iter().all(fits), || {
        format!(
            "`violations` are not 1 to {MOST_VIOLATIONS}, each with a code and at most {MAX_MESSAGE} bytes"
        )
    })
}
