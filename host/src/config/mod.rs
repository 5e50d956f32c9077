//! The configuration: TOML and environment, checked strictly and as a whole.
//!
//! Every part of the server brings a [`Section`]: where its table is, a JSON Schema and defaults. The [`Loader`] knows
//! all sections, reads the [`Sources`] and answers with the values that hold ([`Loaded`]) or with every mistake at
//! once, each with its place ([`ConfigReport`]).
//!
//! * Later sources win: defaults, memory, file, environment. Tables join key by key; lists are replaced as a whole; a
//!   setting that has variants is replaced when the variant changes.
//! * `http.listen` is `GATEWRIGHT_HTTP__LISTEN` in the environment: two underscores between levels, `-` written `_`.
//!   The text is read as the schema's type, so that `0042` stays text where text is asked for. Lists of plain values
//!   may be written `a, b`; other lists and tables are JSON or TOML.
//! * `listen` and `GATEWRIGHT_LISTEN` are short for `http.listen`; so are `kek` and `kek_previous` for those of `keys`.
//! * A key or variable that no section knows is a mistake, and the message lists what exists.
//! * A secret (`x-secret: true`, or `format: password`) is text, `{ file = "path" }` or `{ env = "NAME" }`, whatever
//!   its Rust type; relative paths begin at the folder of the file that says them. Files that others than their owner
//!   may use are refused, but with `x-open-file: true` (a certificate). No message and no listing shows a secret.

mod describe;
mod document;
mod environment;
mod explain;
mod fill;
mod layer;
mod loaded;
mod loader;
mod merge;
mod near;
mod reference;
mod report;
mod reveal;
mod secret;
mod section;
mod shape;
mod show;
mod sources;
mod text;
mod toml_text;
mod unknown;
mod validate;

#[cfg(test)]
mod tests;

pub use loaded::Loaded;
pub use loader::Loader;
pub use reference::reference;
pub use report::{ConfigProblem, ConfigReport, Place};
pub use secret::{SecretError, SecretResolver, SecretValue, SystemSecrets};
pub use section::Section;
pub use sources::{Sources, process_environment};

use section::Sections;

/// What the names of all environment variables that are settings begin with.
pub const PREFIX: &str = "GATEWRIGHT_";

/// Largest configuration file, in bytes.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;

/// Deepest nesting of tables and lists.
pub const MAX_DEPTH: usize = 16;

/// Keys at the top that stand for one further down.
const SHORT_FORMS: &[(&str, &[&str])] = &[
    ("listen", &["http", "listen"]),
    ("kek", &["keys", "kek"]),
    ("kek_previous", &["keys", "kek_previous"]),
];

/// The path that a key at the top is short for, where a section knows that path.
fn short_form(sections: &Sections, key: &str) -> Option<Vec<String>> {
    let (_, path) = SHORT_FORMS.iter().find(|(short, _)| *short == key)?;
    let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
    sections.top().descend(&path, &serde_json::Value::Null).map(|_| path)
}

/// A path one level further down.
fn below(path: &[String], name: &str) -> Vec<String> {
    let mut longer = path.to_vec();
    longer.push(name.to_owned());
    longer
}
