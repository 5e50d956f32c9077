//! The applications that may ask, and the tenant of each.

use gatewright_contract::{Fault, TenantId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The table `[plugins.idaas]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IdaasConfig {
    /// The applications that may ask. A request names one in `applicationId`; any other id is refused.
    pub applications: Vec<Application>,
}

/// An application that may ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// What clients send as `applicationId`: 1 to 128 visible ASCII characters.
    #[schemars(length(min = 1, max = 128))]
    pub id: String,
    /// The tenant whose people log in with it.
    pub tenant: TenantId,
    /// A name for the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Default for IdaasConfig {
    fn default() -> Self {
        let tenant = TenantId::default_tenant();
        Self { applications: vec![Application { id: "default".to_owned(), tenant, name: None }] }
    }
}

impl IdaasConfig {
    /// What the schema can't say.
    ///
    /// # Errors
    /// For an id that can't be sent, and for one that is there twice.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong =
            |at: usize, message: String| Fault::Config { key: format!("applications.{at}.id"), message };
        let mut seen = BTreeSet::new();
        for (at, application) in self.applications.iter().enumerate() {
            let id = application.id.as_str();
            if !(1..=128).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(wrong(
                    at,
                    "an id is 1 to 128 visible ASCII characters without spaces".to_owned(),
                ));
            }
            if !seen.insert(id) {
                return Err(wrong(at, format!("`{id}` is there twice; leave one out or rename it")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(ids: &[&str]) -> IdaasConfig {
        let tenant = TenantId::default_tenant();
        let application =
            |id: &&str| Application { id: (*id).to_owned(), tenant: tenant.clone(), name: None };
        IdaasConfig { applications: ids.iter().map(application).collect() }
    }

    #[test]
    fn an_id_is_there_once_and_can_be_sent() {
        assert!(IdaasConfig::default().check().is_ok());
        assert!(config(&["a", "0f1c5d1e-0000-4000-8000-000000000000"]).check().is_ok());
        for bad in [&["a", "a"][..], &[""], &["a b"], &["ä"], &["a\n"]] {
            assert!(config(bad).check().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_default_reads_back() {
        let json = serde_json::to_value(IdaasConfig::default()).expect("json");
        assert_eq!(json, serde_json::json!({"applications": [{"id": "default", "tenant": "default"}]}));
        let read: IdaasConfig = serde_json::from_value(json).expect("config");
        assert_eq!(read.applications, IdaasConfig::default().applications);
    }
}
