//! What a library says about itself, checked as a whole: every mistake is told at once, at load and never at a login.

mod messages;
mod read;
#[cfg(test)]
mod tests;

use super::{
    LoadError, Needs,
    json::{self, legible},
    needs::is_word,
    schemas::Messages,
};
use gatewright_abi::MAX_BYTES;
use gatewright_contract::{Abilities, Assurance, CONTRACT, Kind, Manifest, Schemas, Steps, Traits};
use read::{Mistakes, Reader};
use serde_json::{Value, json};

/// The longest text of the docs page, in bytes.
const MAX_ABOUT: usize = 64 * 1024;
/// What the host says of a login in which two kinds were proven.
pub(super) const MFA: &str = "mfa";
const MAX_AMR: usize = 8;
/// More of them help nobody.
const MOST_MISTAKES: usize = 50;

const MEMBERS: [&str; 12] = [
    "id",
    "version",
    "contract",
    "about",
    "document_version",
    "needs",
    "sends",
    "asking_counts",
    "assurance",
    "traits",
    "abilities",
    "schemas",
];
const TRAITS: [&str; 7] =
    ["amr", "kind", "phishing_resistant", "many", "single_use", "steps", "self_service"];
const STEPS: [&str; 3] = ["first", "second", "fallback"];
const ABILITIES: [&str; 6] = ["enrol", "identify", "signal", "same_browser", "rehearse", "attend"];

/// A manifest that holds, and what was made of it.
pub struct Checked {
    /// What the library is.
    pub manifest: Manifest,
    /// What it may ask of the host.
    pub needs: Needs,
    pub(super) messages: Messages,
}

/// Reads a manifest. `id`: the table `[plugins.<id>]` that names the library, where one does.
///
/// Left out may be: `about`, `document_version` (1), `needs`, `sends`, `asking_counts`, `assurance` (ordinary), `abilities` and
/// each of them (no), each of `traits` but `amr` and `kind` (no), and the schemas `begin`, `prompt` and `config` (an empty
/// object).
///
/// # Errors
/// [`LoadError::Manifest`] with every mistake, each with its place and what would be right.
pub fn check(bytes: &[u8], id: Option<&str>) -> Result<Checked, LoadError> {
    let value = json::read(bytes, MAX_BYTES).map_err(|mistake| LoadError::Manifest(vec![mistake]))?;
    let mut mistakes = Vec::new();
    let manifest = read(&value, id, &mut mistakes);
    let needs = Needs::parse(&manifest.needs).map_err(|more| mistakes.extend(more));
    messages::check(&manifest, &mut mistakes);
    match (needs, mistakes.is_empty()) {
        (Ok(needs), true) => {
            let messages = Messages::of(&manifest.schemas).map_err(LoadError::Manifest)?;
            Ok(Checked { manifest, needs, messages })
        }
        _ => {
            let more = mistakes.len().saturating_sub(MOST_MISTAKES);
            mistakes.truncate(MOST_MISTAKES);
            if more > 0 {
                mistakes.push(format!("and {more} more"));
            }
            Err(LoadError::Manifest(mistakes))
        }
    }
}

fn read(value: &Value, id: Option<&str>, mistakes: &mut Mistakes) -> Manifest {
    let top = Reader::of(value, &MEMBERS, mistakes);
    let contract = top.number("contract", mistakes).unwrap_or_default();
    if contract != CONTRACT {
        mistakes
            .push(format!("`contract` is {contract}, this host speaks {CONTRACT}: rebuild it for this host"));
    }
    let document_version = top.number("document_version", mistakes).unwrap_or(1);
    if document_version == 0 {
        mistakes.push("`document_version` counts from 1".to_owned());
    }
    // What the server has seen itself, no library can say.
    if top.get("assurance").is_some_and(|said| said != "ordinary") {
        mistakes.push("`assurance` of a library is `ordinary`, or left out".to_owned());
    }
    Manifest {
        id: read_id(&top, id, mistakes),
        version: top.text("version", mistakes),
        contract,
        about: about(&top, mistakes),
        document_version,
        needs: top.texts("needs", mistakes),
        sends: top.flag("sends", mistakes),
        asking_counts: top.flag("asking_counts", mistakes),
        assurance: Assurance::Ordinary,
        traits: traits(&top, mistakes),
        abilities: abilities(&top, mistakes),
        schemas: schemas(&top, mistakes),
    }
}

fn read_id(top: &Reader<'_>, table: Option<&str>, mistakes: &mut Mistakes) -> String {
    let before = mistakes.len();
    let id = top.text("id", mistakes);
    if mistakes.len() > before {
        return id;
    }
    if !is_word(&id) {
        mistakes.push("`id` must be lower-case letters, digits and hyphens, at most 48".to_owned());
    } else if let Some(table) = table.filter(|table| *table != id) {
        mistakes.push(format!("`id` is `{id}`: its table must be `[plugins.{id}]`, not `[plugins.{table}]`"));
    }
    id
}

fn about(top: &Reader<'_>, mistakes: &mut Mistakes) -> String {
    match top.get("about") {
        None => String::new(),
        Some(Value::String(text)) if text.len() <= MAX_ABOUT => text.clone(),
        Some(_) => {
            mistakes.push(format!("`about` must be a text of at most {MAX_ABOUT} bytes"));
            String::new()
        }
    }
}

fn traits(top: &Reader<'_>, mistakes: &mut Mistakes) -> Traits {
    let traits = top.object("traits", &TRAITS, mistakes);
    let amr = traits.texts("amr", mistakes);
    if amr.is_empty() {
        mistakes.push(
            "`traits.amr` is missing or empty: the words for this proof (RFC 8176), such as [\"otp\"]"
                .to_owned(),
        );
    } else if amr.len() > MAX_AMR || !amr.iter().all(|word| is_amr(word)) {
        mistakes.push(format!(
            "`traits.amr`: at most {MAX_AMR} words of 1 to 32 lower-case letters, digits, `_`, `-` and `.`"
        ));
    }
    if amr.iter().any(|word| word == MFA) {
        mistakes.push(format!("`traits.amr`: `{MFA}` is the host's to say"));
    }
    let steps = traits.object("steps", &STEPS, mistakes);
    Traits {
        amr,
        kind: kind(&traits, mistakes),
        phishing_resistant: traits.flag("phishing_resistant", mistakes),
        many: traits.flag("many", mistakes),
        single_use: traits.flag("single_use", mistakes),
        steps: Steps {
            first: steps.flag("first", mistakes),
            second: steps.flag("second", mistakes),
            fallback: steps.flag("fallback", mistakes),
        },
        self_service: traits.flag("self_service", mistakes),
    }
}

/// A word of RFC 8176, or one like it.
fn is_amr(word: &str) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b);
    (1..=32).contains(&word.len()) && word.bytes().all(letter)
}

fn kind(traits: &Reader<'_>, mistakes: &mut Mistakes) -> Kind {
    let words = "knowledge, possession, inherence, federation or remembered";
    let read = match traits.get("kind") {
        None => Err(format!("`traits.kind` is missing: {words}")),
        Some(value) => {
            serde_json::from_value(value.clone()).map_err(|_| format!("`traits.kind` must be {words}"))
        }
    };
    read.unwrap_or_else(|mistake| {
        mistakes.push(mistake);
        Kind::Knowledge
    })
}

fn abilities(top: &Reader<'_>, mistakes: &mut Mistakes) -> Abilities {
    let abilities = top.object("abilities", &ABILITIES, mistakes);
    let read = Abilities {
        enrol: abilities.flag("enrol", mistakes),
        identify: abilities.flag("identify", mistakes),
        signal: abilities.flag("signal", mistakes),
        same_browser: abilities.flag("same_browser", mistakes),
        rehearse: abilities.flag("rehearse", mistakes),
        attend: abilities.flag("attend", mistakes),
    };
    for (is_alone, ability, needs) in [
        (read.same_browser && !read.signal, "same_browser", "signal"),
        (read.rehearse && !read.enrol, "rehearse", "enrol"),
    ] {
        if is_alone {
            mistakes.push(format!("`abilities.{ability}` takes `abilities.{needs}`"));
        }
    }
    read
}

fn schemas(top: &Reader<'_>, mistakes: &mut Mistakes) -> Schemas {
    let schemas = top.object("schemas", &messages::MEMBERS, mistakes);
    let nothing = || json!({"type": "object", "additionalProperties": false, "example": {}});
    let or_nothing = |name: &str| schemas.get(name).cloned().unwrap_or_else(nothing);
    let some = |name: &str| schemas.get(name).cloned();
    Schemas {
        config: some("config").unwrap_or_else(|| json!({"type": "object", "properties": {}})),
        config_default: some("config_default").unwrap_or_else(|| json!({})),
        begin: or_nothing("begin"),
        prompt: or_nothing("prompt"),
        answer: some("answer").unwrap_or_else(|| {
            mistakes.push("`schemas.answer` is missing: what the person answers".to_owned());
            nothing()
        }),
        invite: some("invite"),
        invitation: some("invitation"),
        proof: some("proof"),
        reveal: some("reveal"),
        event: some("event"),
        ask: some("ask"),
        reply: some("reply"),
    }
}
