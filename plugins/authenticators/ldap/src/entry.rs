//! What the directory says.

use crate::Config;
use data_encoding::{BASE64, HEXLOWER};
use gatewright_contract::Fault;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Longest id that is kept, in bytes: a UUID in text has 36.
const LONGEST_ID: usize = 128;

/// The reply to `ldap.find`.
#[derive(Deserialize)]
pub(crate) struct Found {
    entries: Vec<Entry>,
}

/// One entry; the names of attributes are in lower case, their values in base64.
#[derive(Clone, Deserialize)]
pub(crate) struct Entry {
    pub(crate) dn: String,
    attributes: BTreeMap<String, Vec<String>>,
}

/// What a search is worth.
pub(crate) enum Search {
    Nobody,
    One(Entry),
    /// Nobody is let in by a name that several have.
    Several,
}

impl Search {
    pub(crate) fn read(reply: Value) -> Result<Self, Fault> {
        let found: Found =
            serde_json::from_value(reply).map_err(|_| Fault::internal("ldap.find answers something else"))?;
        let mut entries = found.entries.into_iter();
        Ok(match (entries.next(), entries.next()) {
            (None, _) => Self::Nobody,
            // The root of a directory has no name, and a bind without a name is a bind of nobody.
            (Some(one), None) if !one.dn.is_empty() => Self::One(one),
            (Some(_), None) => Self::Nobody,
            (Some(_), Some(_)) => Self::Several,
        })
    }
}

impl Entry {
    fn values(&self, attribute: &str) -> impl Iterator<Item = Vec<u8>> + '_ {
        let values = self.attributes.get(&attribute.to_ascii_lowercase()).into_iter().flatten();
        values.filter_map(|text| BASE64.decode(text.as_bytes()).ok())
    }

    /// What names it for ever, in hex digits; `None` when it is not there exactly once.
    pub(crate) fn id(&self, attribute: &str) -> Option<String> {
        let mut values = self.values(attribute);
        let only = values.next().filter(|v| !v.is_empty() && v.len() <= LONGEST_ID)?;
        values.next().is_none().then(|| HEXLOWER.encode(&only))
    }

    /// What is taken over: text only, one value or a list.
    pub(crate) fn claims(&self, config: &Config) -> Map<String, Value> {
        let mut claims = Map::new();
        for (claim, attribute) in &config.claims {
            let texts: Vec<Value> =
                self.values(attribute).filter_map(|v| String::from_utf8(v).ok()).map(Value::from).collect();
            match <[Value; 1]>::try_from(texts) {
                Ok([one]) => claims.insert(claim.clone(), one),
                Err(none) if none.is_empty() => None,
                Err(several) => claims.insert(claim.clone(), Value::from(several)),
            };
        }
        claims
    }
}
