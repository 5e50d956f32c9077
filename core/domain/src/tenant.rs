//! A tenant and what it has settled.

mod update;
mod vault;

pub use update::{BlockConfig, UpdateTenantForm};
pub use vault::{LivenessConfig, LoginStep, VaultSettings, Within};

use crate::{
    look::Look, oidc::OidcRules, policy::Policy, rate::RateRules, session::SessionRules, site::SiteRules,
    throttle::ThrottleRules,
};
use gatewright_contract::{TenantId, Timestamp, Violation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A world of its own: people, policy, keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// The id, also in URLs.
    pub id: TenantId,
    /// The name to show.
    pub display_name: String,
    /// Nobody logs in here.
    pub disabled: bool,
    /// When it was made.
    pub created: Timestamp,
    /// What it has settled; what it has not is the host's `[login]` table.
    pub settings: Option<Settings>,
    /// Grows with each change.
    pub rev: i64,
}

/// How people of a tenant log in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Which proofs are asked for and what they are worth.
    pub policy: Policy,
    /// How many tries, and what happens after.
    pub block_config: ThrottleRules,
    /// How many steps of logins and enrolments a tenant may make in a second, right or wrong.
    pub rate: RateRules,
    /// How long sessions last.
    pub session: SessionRules,
    /// Where the tenant is found from outside.
    pub site: SiteRules,
    /// How applications log people in.
    pub oidc: OidcRules,
    /// How the hosted pages look.
    pub look: Look,
    /// What a login page offers, named as the vault contract names it.
    pub vault: VaultSettings,
}

impl Settings {
    /// What no single field can say.
    ///
    /// # Errors
    /// Everything that does not fit together.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut broken = self.vault.check();
        broken.extend(self.block_config.check());
        broken.extend(self.site.check());
        broken.extend(self.look.check());
        if broken.is_empty() { Ok(()) } else { Err(broken) }
    }
}
