//! Texts of messages to people: what a channel writes for a template, in which language, with the values put in.
//!
//! A text has places for values: `Your code is {code}.` Two braces stand for one. A channel brings a text for each
//! template that it knows, made of parts (a mail has a subject and a body); the operator replaces parts, or all of a
//! template for a language.

mod wording;

#[cfg(test)]
mod tests;

use gatewright_contract::{Fault, Secret};
use gatewright_core::channel::{Parcel, Undelivered};
use std::collections::{BTreeMap, btree_map::Entry};
use wording::Wording;

/// The value that every template has: the name by which people know the tenant.
const SITE: &str = "site";
/// A whole part is no longer, whatever the values are.
const LONGEST: usize = 16 * 1024;

/// What a channel knows to write by itself.
pub struct BuiltIn {
    /// The template.
    pub template: &'static str,
    /// Part, the values that may stand in it besides `site`, and its text.
    pub parts: &'static [(&'static str, &'static [&'static str], &'static str)],
}

/// One part of one template, as the operator wrote it.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The template.
    pub template: &'a str,
    /// BCP 47 tag; `None`: for everybody whose language has no text of its own.
    pub language: Option<&'a str>,
    /// The part.
    pub part: &'static str,
    /// The text.
    pub text: &'a str,
}

/// All texts of a channel.
pub struct Letters(BTreeMap<String, Texts>);

#[derive(Default)]
struct Texts {
    plain: Parts,
    /// By tag in lower case.
    languages: BTreeMap<String, Parts>,
}

type Parts = BTreeMap<&'static str, Wording>;

impl Letters {
    /// What is built in, with what the operator wrote in its place. A template that is not built in is one of an
    /// authenticator from elsewhere: all its `parts` must be given, and of its values nothing is known.
    ///
    /// # Errors
    /// [`Fault::Config`] with a key below `templates`.
    pub fn new(built_in: &[BuiltIn], parts: &[&'static str], given: &[Given<'_>]) -> Result<Self, Fault> {
        let mut all: BTreeMap<String, Texts> = BTreeMap::new();
        for BuiltIn { template, parts } in built_in {
            let texts = all.entry((*template).to_owned()).or_default();
            for (part, _, text) in *parts {
                let wording = Wording::read(text).map_err(|why| at(&[template, part], why))?;
                texts.plain.insert(part, wording);
            }
        }
        for one in given {
            let path: Vec<&str> =
                [Some(one.template), one.language, Some(one.part)].into_iter().flatten().collect();
            let wording = Wording::read(one.text).map_err(|why| at(&path, why))?;
            check_values(built_in, one, &wording).map_err(|why| at(&path, why))?;
            let texts = all.entry(one.template.to_owned()).or_default();
            let place = match one.language {
                None => &mut texts.plain,
                Some(tag) => texts.languages.entry(language(tag).map_err(|why| at(&path, why))?).or_default(),
            };
            match (place.entry(one.part), one.language) {
                (Entry::Occupied(_), Some(_)) => {
                    return Err(at(&path, "given twice, in upper and lower case"));
                }
                (Entry::Occupied(mut there), None) => {
                    there.insert(wording);
                }
                (Entry::Vacant(free), _) => {
                    free.insert(wording);
                }
            }
        }
        for (template, texts) in &all {
            let whole = [(None, &texts.plain)].into_iter();
            for (tag, there) in whole.chain(texts.languages.iter().map(|(tag, there)| (Some(tag), there))) {
                if let Some(missing) = parts.iter().find(|part| !there.contains_key(**part)) {
                    let path: Vec<&str> =
                        [Some(template), tag].into_iter().flatten().map(String::as_str).collect();
                    return Err(at(&path, format!("`{missing}` is missing")));
                }
            }
        }
        Ok(Self(all))
    }

    /// Writes a part of a message.
    ///
    /// # Errors
    /// [`Undelivered::Never`] when there is no text for the template, or it asks for a value that the message has not.
    pub fn write(&self, parcel: &Parcel, part: &str) -> Result<Secret<String>, Undelivered> {
        let no_text =
            || Undelivered::Never(format!("there is no text for the template `{}`", parcel.template));
        let texts = self.0.get(&parcel.template).ok_or_else(no_text)?;
        let wording = texts.parts_for(parcel.locale.as_deref()).get(part).ok_or_else(no_text)?;
        wording.write(LONGEST, |name| match parcel.values.iter().find(|(known, _)| known == name) {
            Some((_, value)) => Some(value.expose().as_str()),
            None => (name == SITE).then_some(parcel.site.name.as_str()),
        })
    }
}

impl Texts {
    /// The text for a language, for the one that it is a kind of (RFC 4647, section 3.4), or for everybody.
    fn parts_for(&self, locale: Option<&str>) -> &Parts {
        let mut tag = locale.unwrap_or_default().to_ascii_lowercase();
        loop {
            if let Some(found) = self.languages.get(&tag) {
                return found;
            }
            match tag.rfind('-') {
                Some(end) => tag.truncate(end),
                None => return &self.plain,
            }
        }
    }
}

/// Only values that there will be; and no code where a mail server would log it.
fn check_values(built_in: &[BuiltIn], given: &Given<'_>, wording: &Wording) -> Result<(), String> {
    let Some(known) = built_in.iter().find(|known| known.template == given.template) else { return Ok(()) };
    let part = known.parts.iter().find(|(part, _, _)| *part == given.part);
    let values = part.map(|(_, values, _)| *values).unwrap_or_default();
    match wording.values().find(|name| *name != SITE && !values.contains(name)) {
        None => Ok(()),
        Some(odd) => {
            let list: Vec<String> = values.iter().chain([&SITE]).map(|name| format!("{{{name}}}")).collect();
            Err(format!("there is no value {{{odd}}} here; there are: {}", list.join(", ")))
        }
    }
}

/// A BCP 47 tag in lower case.
fn language(tag: &str) -> Result<String, String> {
    let fits = (2..=35).contains(&tag.len())
        && tag
            .split('-')
            .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if fits {
        Ok(tag.to_ascii_lowercase())
    } else {
        Err("expected a language, such as `de` or `pt-BR`".to_owned())
    }
}

fn at(path: &[&str], message: impl Into<String>) -> Fault {
    Fault::Config { key: format!("templates.{}", path.join(".")), message: message.into() }
}
