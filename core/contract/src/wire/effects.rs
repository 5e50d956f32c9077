//! What a step does to the world, as JSON.

use super::reply::millis;
use crate::{Body, CredentialChange, CredentialId, LookupKey, Message, Secret};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

/// A change of one credential ([`CredentialChange`]).
#[derive(Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case", deny_unknown_fields)]
pub enum ChangeOut {
    /// One more.
    Add {
        /// Its document.
        doc: Value,
        /// A name for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
        /// What finds it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lookup: Option<LookupKey>,
    },
    /// A new document in place of the old.
    Replace {
        /// Which.
        id: CredentialId,
        /// The new document.
        doc: Value,
    },
    /// Gone.
    Remove {
        /// Which.
        id: CredentialId,
    },
}

/// A message for a person ([`Message`]).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageOut {
    /// Id of the channel.
    pub channel: String,
    /// Address or number; empty: nobody.
    pub to: String,
    /// Name of the template.
    pub template: String,
    /// Values for it, in the order of their names.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// After this long nobody needs it any more; milliseconds.
    pub expires_in_ms: u64,
}

impl From<CredentialChange<Body>> for ChangeOut {
    fn from(change: CredentialChange<Body>) -> Self {
        match change {
            CredentialChange::Add { doc, label, lookup } => Self::Add { doc: doc.0, label, lookup },
            CredentialChange::Replace { id, doc } => Self::Replace { id, doc: doc.0 },
            CredentialChange::Remove { id } => Self::Remove { id },
        }
    }
}

impl From<ChangeOut> for CredentialChange<Body> {
    fn from(change: ChangeOut) -> Self {
        match change {
            ChangeOut::Add { doc, label, lookup } => Self::Add { doc: Body(doc), label, lookup },
            ChangeOut::Replace { id, doc } => Self::Replace { id, doc: Body(doc) },
            ChangeOut::Remove { id } => Self::Remove { id },
        }
    }
}

impl From<&Message> for MessageOut {
    fn from(m: &Message) -> Self {
        Self {
            channel: m.channel.clone(),
            to: m.to.expose().clone(),
            template: m.template.clone(),
            values: m.values.iter().map(|(name, value)| (name.clone(), value.expose().clone())).collect(),
            expires_in_ms: millis(m.expires_in),
        }
    }
}

impl From<MessageOut> for Message {
    fn from(m: MessageOut) -> Self {
        Self {
            channel: m.channel,
            to: Secret::new(m.to),
            template: m.template,
            values: m.values.into_iter().map(|(name, value)| (name, Secret::new(value))).collect(),
            expires_in: Duration::from_millis(m.expires_in_ms),
        }
    }
}
