//! What is kept of a password: hashes, never a password.

use gatewright_contract::{Fault, Secret, Timestamp, in_sealed_document};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The document of a password, sealed at rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// PHC or another system's form.
    #[serde(with = "in_sealed_document")]
    pub hash: Secret<String>,
    /// When it was chosen.
    pub set: Timestamp,
    /// Somebody else has set it: at the next login the person chooses their own.
    pub must_change: bool,
    /// Those before it, newest first, as many as the configuration said.
    pub old: Vec<Old>,
}

/// The hash of a password that is no longer good.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Old(#[serde(with = "in_sealed_document")] pub Secret<String>);

impl Credential {
    /// The present one and those before it, newest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Secret<String>> {
        std::iter::once(&self.hash).chain(self.old.iter().map(|old| &old.0))
    }
}

/// Version 1 knew neither that a password must be changed nor those before it.
pub(crate) fn migrate(from: u32, mut doc: Value) -> Result<Value, Fault> {
    match (from, doc.as_object_mut()) {
        (1, Some(members)) => {
            members.insert("must_change".to_owned(), json!(false));
            members.insert("old".to_owned(), json!([]));
            Ok(doc)
        }
        _ => Err(Fault::internal(format!("password has no migration from document version {from}"))),
    }
}
