//! What is said, in the languages that there are: one file each, by key.

use serde_json::Value;
use std::{collections::BTreeMap, sync::LazyLock};

/// One language.
pub(crate) struct Language {
    /// Its tag (BCP 47).
    pub(crate) tag: &'static str,
    /// What it calls itself.
    pub(crate) name: &'static str,
    texts: BTreeMap<String, String>,
}

/// All of them; the first is spoken where none of a person's is there.
static LANGUAGES: LazyLock<[Language; 2]> = LazyLock::new(|| {
    [
        read("en", "English", include_str!("../texts/en.json")),
        read("de", "Deutsch", include_str!("../texts/de.json")),
    ]
});

fn read(tag: &'static str, name: &'static str, file: &str) -> Language {
    // A test reads the files: they are JSON.
    let texts = serde_json::from_str::<BTreeMap<String, Value>>(file).unwrap_or_default();
    let text = |(key, value): (String, Value)| Some((key, value.as_str()?.to_owned()));
    Language { tag, name, texts: texts.into_iter().filter_map(text).collect() }
}

/// All languages, for choosing one.
pub(crate) fn all() -> &'static [Language] {
    &*LANGUAGES
}

/// The language that stands first in one of these lists of tags, the first list before the others.
pub(crate) fn choose<'a>(wishes: impl IntoIterator<Item = &'a str>) -> &'static Language {
    wishes.into_iter().find_map(known).unwrap_or(&LANGUAGES[0])
}

/// The language of a tag.
pub(crate) fn known(tag: &str) -> Option<&'static Language> {
    let primary = tag.split('-').next().unwrap_or_default();
    LANGUAGES.iter().find(|language| language.tag.eq_ignore_ascii_case(primary))
}

/// The tags of an `Accept-Language` header, the dearest first (RFC 9110, section 12.5.4).
pub(crate) fn accepted(header: &str) -> Vec<&str> {
    let weighed = |item: &'_ str| -> Option<(u16, usize)> {
        let mut parts = item.split(';').map(str::trim);
        let tag = parts.next()?;
        let weight = parts.find_map(|p| p.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
        (weight > 0.0 && !tag.is_empty()).then_some(((weight.min(1.0) * 1000.0) as u16, tag.len()))
    };
    let mut tags: Vec<(u16, &str)> = header
        .split(',')
        .take(32)
        .map(str::trim)
        .filter_map(|item| weighed(item).map(|(weight, length)| (weight, &item[..length])))
        .collect();
    tags.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    tags.into_iter().map(|(_, tag)| tag).collect()
}

impl Language {
    /// The text of a key, where there is one.
    pub(crate) fn find(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }

    /// The text of a key; what is missing shows as its key (a test looks for it).
    pub(crate) fn say<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// The text of a key with `{name}` replaced.
    pub(crate) fn say_with(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut rest = self.say(key);
        let mut text = String::with_capacity(rest.len() + 32);
        // In one pass: a value that looks like a placeholder stays as it is.
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                text.push('{');
                rest = after;
                continue;
            };
            text.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
            rest = behind;
        }
        text.push_str(rest);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{LANGUAGES, accepted, choose};
    use std::collections::BTreeSet;

    #[test]
    fn every_language_has_every_key_and_the_same_placeholders() {
        let names = |text: &str| -> BTreeSet<String> {
            text.split('{').skip(1).filter_map(|r| Some(r.split_once('}')?.0.to_owned())).collect()
        };
        let first = &LANGUAGES[0];
        assert!(first.texts.len() > 100, "{} texts", first.texts.len());
        for other in &LANGUAGES[1..] {
            let (a, b): (BTreeSet<_>, BTreeSet<_>) =
                (first.texts.keys().collect(), other.texts.keys().collect());
            assert_eq!(a, b, "{}", other.tag);
            for (key, text) in &first.texts {
                assert_eq!(names(text), names(other.say(key)), "{} in {}", key, other.tag);
                assert!(key.starts_with("prompt.") || !text.is_empty(), "{key} is empty");
            }
        }
    }

    #[test]
    fn every_key_that_the_code_names_is_there() {
        let sources = [
            include_str!("account.rs"),
            include_str!("account_list.rs"),
            include_str!("ask.rs"),
            include_str!("consent.rs"),
            include_str!("drive.rs"),
            include_str!("layout.rs"),
            include_str!("login.rs"),
            include_str!("module.rs"),
            include_str!("other.rs"),
            include_str!("register.rs"),
            include_str!("reset.rs"),
            include_str!("step.rs"),
        ];
        let mut found = 0;
        for key in sources.iter().flat_map(|s| s.split("t(\"").skip(1)).filter_map(|r| r.split('"').next()) {
            if key.contains('.') && !key.ends_with('.') {
                assert!(LANGUAGES[0].find(key).is_some(), "no text {key}");
                found += 1;
            }
        }
        assert!(found > 60, "{found}");
    }

    #[test]
    fn the_dearest_language_that_there_is_comes_first() {
        assert_eq!(accepted("fr;q=0.3, de-AT;q=0.9,en;q=0, *;q=0.1"), ["de-AT", "fr", "*"]);
        assert_eq!(choose(accepted("fr, de-AT;q=0.5, en;q=0.4")).tag, "de");
        assert_eq!(choose(accepted("fr")).tag, "en");
        assert_eq!(choose(["DE"]).tag, "de");
        for odd in ["", ",,,", ";q=1", "de;q=x", "é;q=2"] {
            assert_eq!(choose(accepted(odd)).tag, "en", "{odd}");
        }
    }

    #[test]
    fn a_value_is_put_in_as_it_is() {
        let said = LANGUAGES[0].say_with("login.to", &[("name", "{name}{x}")]);
        assert!(said.contains("{name}{x}"), "{said}");
    }
}
