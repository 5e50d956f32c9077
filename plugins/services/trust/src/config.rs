//! The table `[plugins.trust]`.

use schemars::JsonSchema;
use serde::Deserialize;
use std::{collections::BTreeMap, path::PathBuf};

/// The table `[plugins.trust]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Certification authorities by a name of your choice, to which authenticators refer. Default: none.
    pub stores: BTreeMap<String, Store>,
}

/// Who is trusted to issue, and what they have taken back.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// Files with root certificates, PEM or DER. Do not put those of the web in here: each of their holders could
    /// issue a certificate for anybody.
    pub roots: Vec<PathBuf>,
    /// Files with revocation lists of these roots and of what is between, PEM or DER; full lists, no deltas. Something
    /// else (cron, the authority itself) brings new ones in their place.
    pub crls: Vec<PathBuf>,
}
