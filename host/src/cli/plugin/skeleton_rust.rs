//! The skeleton of an authenticator in Rust: what `gatewright plugin new NAME --lang rust` writes.
//!
//! The template is a whole factor with its tests. Nothing of it is fetched from anywhere: the crates that it builds on
//! are written beside it, in the version that this program was built from.

mod manifest;

use super::skeleton::{self, SkeletonError};
use std::path::{Path, PathBuf};

/// A file of the source tree, by its path below `core/`.
macro_rules! embedded {
    ($($file:literal)+) => {
        &[$(($file, include_str!(concat!("../../../../core/", $file)))),+]
    };
}

/// The factor. What stands in double braces is filled in.
const TEMPLATE: &[(&str, &str)] = embedded! {
    "sdk/template/Cargo.toml"
    "sdk/template/README.md"
    "sdk/template/gitignore"
    "sdk/template/rustfmt.toml"
    "sdk/template/src/lib.rs"
    "sdk/template/src/tests.rs"
};

/// What it builds on: every file but tests.
const CRATES: &[(&str, &str)] = embedded! {
    "abi/Cargo.toml"
    "abi/README.md"
    "abi/src/lib.rs"
    "contract/Cargo.toml"
    "contract/README.md"
    "contract/build.rs"
    "contract/src/ability.rs"
    "contract/src/allowance.rs"
    "contract/src/authenticator.rs"
    "contract/src/call.rs"
    "contract/src/erased.rs"
    "contract/src/erased/adapt.rs"
    "contract/src/fault.rs"
    "contract/src/host.rs"
    "contract/src/id.rs"
    "contract/src/lib.rs"
    "contract/src/manifest.rs"
    "contract/src/provision.rs"
    "contract/src/register.rs"
    "contract/src/secret.rs"
    "contract/src/testing.rs"
    "contract/src/timestamp.rs"
    "contract/src/verdict.rs"
    "contract/src/wire.rs"
    "contract/src/wire/effects.rs"
    "contract/src/wire/reply.rs"
    "contract/src/wire/request.rs"
    "contract/src/wire/serve.rs"
    "contract/src/wire/status.rs"
    "sdk/Cargo.toml"
    "sdk/README.md"
    "sdk/src/asked.rs"
    "sdk/src/baton.rs"
    "sdk/src/caught.rs"
    "sdk/src/lib.rs"
    "sdk/src/library.rs"
    "sdk/src/table.rs"
    "sdk/src/task.rs"
    "sdk/src/unwilling.rs"
};

/// Where those go.
const BESIDE: &str = "gatewright";

/// Writes the skeleton of a plugin with this id into a folder that is new or empty. What was written, in order.
///
/// # Errors
/// A name that is no id, a folder that holds something, or what the system says.
pub(super) fn rust(name: &str, folder: &Path) -> Result<Vec<PathBuf>, SkeletonError> {
    skeleton::write(name, folder, files(name))
}

/// Every file, by its path in the folder.
fn files(name: &str) -> Vec<(String, String)> {
    let type_name = type_of(name);
    let filled = |text: &str| {
        text.replace("{{name}}", name)
            .replace("{{Type}}", &type_name)
            .replace("{{lib}}", &format!("authenticator_{}", name.replace('-', "_")))
    };
    let own = TEMPLATE.iter().map(|(file, text)| match file.trim_start_matches("sdk/template/") {
        "gitignore" => (".gitignore".to_owned(), filled(text)),
        "Cargo.toml" => ("Cargo.toml".to_owned(), filled(&manifest::alone(text, BESIDE))),
        file => (file.to_owned(), filled(text)),
    });
    let beside = CRATES.iter().map(|(file, text)| {
        let text = match file.ends_with("/Cargo.toml") {
            true => manifest::alone(&manifest::without_tests(text), ".."),
            false => (*text).to_owned(),
        };
        (format!("{BESIDE}/{file}"), text)
    });
    own.chain(beside).collect()
}

/// `night-watch` is `NightWatch`, and what is no type or a word of the template already gets one word more.
fn type_of(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    let name: String = name.split('-').map(capital).collect();
    let taken = |word: &str| TEMPLATE.iter().any(|(_, text)| words(text).any(|there| there == word));
    match name.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("Factor{name}"),
        false if taken(&name) => format!("{name}Factor"),
        false => name,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[cfg(test)]
mod tests;
