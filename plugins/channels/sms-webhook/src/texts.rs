//! What is written: short, so that it is one text message where the tenant's name is not long.

use crate::config::Template;
use gatewright_contract::Fault;
use gatewright_plugin::letters::{BuiltIn, Given, Letters};
use std::collections::BTreeMap;

pub(crate) const TEXT: &str = "text";

const VALUES: &[&str] = &["code", "minutes", "kind"];

const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        template: "otp",
        parts: &[(
            TEXT,
            VALUES,
            "{code} is your code for {site}, good for {minutes} minutes. Tell it to nobody.",
        )],
    },
    BuiltIn {
        template: "reset",
        parts: &[(
            TEXT,
            VALUES,
            "{code} is your code for a new password at {site}, good for {minutes} minutes. Tell it to nobody.",
        )],
    },
];

/// The built-in texts, and what the operator wrote in their place.
///
/// # Errors
/// [`Fault::Config`] with the key.
pub(crate) fn letters(templates: &BTreeMap<String, Template>) -> Result<Letters, Fault> {
    let mut given = Vec::new();
    for (template, texts) in templates {
        let plain = texts.text.as_ref().map(|text| (None, text));
        let languages = texts.languages.iter().map(|(tag, words)| (Some(tag.as_str()), &words.text));
        for (language, text) in plain.into_iter().chain(languages) {
            given.push(Given { template, language, part: TEXT, text });
        }
    }
    Letters::new(BUILT_IN, &[TEXT], &given)
}
