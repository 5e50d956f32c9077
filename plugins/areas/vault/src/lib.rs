#![doc = include_str!("../README.md")]

mod authenticate;
mod ber;
mod challenge;
mod change;
mod claims;
mod claims_list;
mod hearsay;
mod log_data;
mod log_evidence;
mod register;
mod reset;
mod small;
mod within;

use gatewright_contract::Fault;
use gatewright_plugin::{Area, House, Mount};
use gatewright_vault::{PREFIX, dialect};
use poem_openapi::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The table `[plugins.vault]`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VaultConfig {
    /// Days that `log_data` and `ber` of a login or a change are kept, sealed, for who has the permission `audit.read`; the
    /// newest five of a person. 0: they are checked and not kept.
    #[schemars(range(max = 365))]
    pub log_data_days: u16,
}

impl Default for VaultConfig {
    fn default() -> Self {
        Self { log_data_days: 30 }
    }
}

/// The area.
pub struct VaultArea(VaultConfig);

impl Area for VaultArea {
    const ID: &'static str = "vault";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = VaultConfig;

    fn new(config: VaultConfig) -> Result<Self, Fault> {
        Ok(Self(config))
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        // One mount: a schema is closed where it is a body, and must be the same everywhere.
        let all = (
            register::Register::new(house),
            challenge::Challenge::new(house),
            authenticate::Authenticate::new(house, self.0),
            reset::Reset::new(house),
            change::Change::new(house, self.0),
        );
        let contract = Mount::new(PREFIX, all).speaking(dialect()).answering(answers).strict();
        let list = Mount::new("/auth/v1", claims_list::ClaimsList::new(house));
        vec![contract, list.answering(|_| &[401, 403, 404])]
    }
}

gatewright_plugin::register_area!(VaultArea);

#[derive(Tags)]
enum VaultTags {
    /// The zero-knowledge factor in the dialect of the vault contract: registering, logging in, replacing what was lost.
    #[oai(rename = "vault")]
    Vault,
}

/// Statuses besides the success.
fn answers(operation: &str) -> &'static [u16] {
    match operation {
        "register" => &[403, 404, 409, 422, 429],
        "getChallenge" => &[404, 422, 429],
        "authenticate" => &[401, 403, 404, 422, 429],
        "changePassword" => &[401, 403, 422, 429],
        "resetPasswordCode" => &[400, 422, 429],
        _ => &[404, 409, 422, 429],
    }
}
