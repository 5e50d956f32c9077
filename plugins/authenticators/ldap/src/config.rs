//! The table `[plugins.ldap]`.

use gatewright_contract::{Fault, TenantId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Claims that may be taken over.
const MOST_CLAIMS: usize = 24;

/// The table `[plugins.ldap]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Name of the directory under `[plugins.directory.servers]`. Left out: this authenticator is off.
    pub server: Option<String>,
    /// Tenants whose people are in this directory. Nobody of another tenant is let in by it, whatever that tenant's
    /// policy says: the same login name is somebody else there.
    pub tenants: Vec<String>,
    /// Attribute that names an entry for ever and is given to no second one: `entryUUID` (OpenLDAP, 389),
    /// `objectGUID` (Active Directory). The first login ties the account to it; whoever gets the same name in the
    /// directory later is not let in. Left out: the name alone decides at each login.
    pub id_attribute: Option<String>,
    /// What is taken over from the entry: a claim and its attribute.
    pub claims: BTreeMap<String, String>,
}

impl Default for Config {
    fn default() -> Self {
        let claims = [("email", "mail"), ("name", "displayName")];
        let claims = claims.map(|(claim, attribute)| (claim.to_owned(), attribute.to_owned()));
        Self {
            server: None,
            tenants: vec![TenantId::default_tenant().to_string()],
            id_attribute: Some("entryUUID".to_owned()),
            claims: claims.into(),
        }
    }
}

impl Config {
    /// What the schema can't say.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong = |key: String, message: &str| Err(Fault::Config { key, message: message.to_owned() });
        if self.server.as_ref().is_some_and(String::is_empty) {
            return wrong("server".to_owned(), "a name under [plugins.directory.servers]");
        }
        if let Some(i) = self.tenants.iter().position(|tenant| TenantId::parse(tenant).is_none()) {
            return wrong(format!("tenants.{i}"), "the id of a tenant, such as \"default\"");
        }
        if self.id_attribute.as_ref().is_some_and(|name| !is_attribute(name)) {
            return wrong("id_attribute".to_owned(), "the name of an attribute, such as \"entryUUID\"");
        }
        if self.claims.len() > MOST_CLAIMS {
            return wrong("claims".to_owned(), "at most 24");
        }
        match self.claims.iter().find(|(claim, attribute)| claim.is_empty() || !is_attribute(attribute)) {
            Some((claim, _)) => {
                wrong(format!("claims.{claim}"), "the name of an attribute, such as \"mail\"")
            }
            None => Ok(()),
        }
    }

    /// Everything that is asked for.
    pub(crate) fn attributes(&self) -> Vec<&str> {
        let all = self.claims.values().chain(&self.id_attribute);
        all.map(String::as_str).collect()
    }
}

/// A name or a number, perhaps with options (RFC 4512, section 2.5).
fn is_attribute(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-.;".contains(&b);
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}
