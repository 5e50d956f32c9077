//! What authenticators may ask.

use crate::{connection::Entry, directory::Directory};
use async_trait::async_trait;
use data_encoding::BASE64;
use gatewright_contract::{Fault, Secret};
use gatewright_core::service::Service;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::Arc};

const FIND: &str = "ldap.find";
const BIND: &str = "ldap.bind";
/// Longest name that is looked for and longest password that is checked, in bytes.
const MOST_BYTES: usize = 1024;
/// Attributes that may be asked for.
const MOST_ATTRIBUTES: usize = 32;

/// The methods `ldap.find` and `ldap.bind`.
pub(crate) struct DirectoryService(pub(crate) Arc<BTreeMap<String, Arc<Directory>>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Find {
    server: String,
    username: String,
    #[serde(default)]
    attributes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bind {
    server: String,
    /// None: the same work for nobody.
    dn: Option<String>,
    password: Secret<String>,
}

#[async_trait]
impl Service for DirectoryService {
    fn methods(&self) -> &[&'static str] {
        &[FIND, BIND]
    }

    async fn call(&self, method: &str, args: Value) -> Result<Value, Fault> {
        match method {
            FIND => self.find(read(args)?).await,
            BIND => self.bind(read(args)?).await,
            _ => Err(Fault::bad_request("method", "ldap.find or ldap.bind")),
        }
    }
}

impl DirectoryService {
    async fn find(&self, asked: Find) -> Result<Value, Fault> {
        let odd = |name: &String| !is_attribute(name);
        if asked.attributes.len() > MOST_ATTRIBUTES || asked.attributes.iter().any(odd) {
            return Err(Fault::bad_request("attributes", "at most 32 names of attributes"));
        }
        must_be_sendable("username", &asked.username)?;
        let found = self.directory(&asked.server)?.find(asked.username, asked.attributes).await?;
        Ok(json!({"entries": found.iter().map(shown).collect::<Vec<_>>()}))
    }

    async fn bind(&self, asked: Bind) -> Result<Value, Fault> {
        // An empty name or password would be a bind of nobody, and that succeeds (RFC 4513, section 5.1).
        must_be_sendable("password", asked.password.expose())?;
        if let Some(dn) = &asked.dn
            && (dn.is_empty() || dn.contains('\0'))
        {
            return Err(Fault::bad_request("dn", "the name of an entry"));
        }
        let right = self.directory(&asked.server)?.bind(asked.dn, asked.password).await?;
        Ok(json!({"right": right}))
    }

    fn directory(&self, name: &str) -> Result<&Arc<Directory>, Fault> {
        let missing =
            || Fault::bad_request("server", format!("there is no [plugins.directory.servers.{name}]"));
        self.0.get(name).ok_or_else(missing)
    }
}

fn shown(entry: &Entry) -> Value {
    let attributes = entry.attributes.iter();
    // Some values are no text (`objectGUID`), and which ones only the asker knows.
    let values = |all: &Vec<Vec<u8>>| all.iter().map(|v| Value::from(BASE64.encode(v))).collect();
    let attributes: Map<String, Value> = attributes.map(|(n, all)| (n.clone(), values(all))).collect();
    json!({"dn": entry.dn, "attributes": attributes})
}

fn must_be_sendable(field: &str, text: &str) -> Result<(), Fault> {
    match text.is_empty() || text.len() > MOST_BYTES || text.contains('\0') {
        true => Err(Fault::bad_request(field, "1 to 1024 bytes, no NUL")),
        false => Ok(()),
    }
}

/// A name or a number, perhaps with options (RFC 4512, section 2.5).
fn is_attribute(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-.;".contains(&b);
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

/// Its own message could repeat a value, and one of them is a password.
fn read<T: DeserializeOwned>(args: Value) -> Result<T, Fault> {
    serde_json::from_value(args).map_err(|_| Fault::bad_request("", "not the arguments of this method"))
}
