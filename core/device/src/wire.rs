//! What clients send and are shown, where a person is asked by name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a client may say when it asks.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline, example = Begin { number: Some(true) })]
pub struct Begin {
    /// Whether the client can show a number. Left out: it can. It counts where `number_matching` is `asked`.
    pub number: Option<bool>,
}

/// What the login page shows: the same for everybody, whatever the person has paired.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, example = Prompt { number: Some(42), expires_in_seconds: 120 })]
pub struct Prompt {
    /// The number that the person types on the device; `null` where none is asked for.
    pub number: Option<u8>,
    /// How long the devices wait for a decision.
    pub expires_in_seconds: u16,
}

/// What a client may say when it asks to pair a device.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline, example = Invite { label: Some("Phone".to_owned()) })]
pub struct Invite {
    /// A name for the device, for the person's own list: at most 64 characters. Left out: the one that it gives itself.
    #[schemars(length(max = 64))]
    pub label: Option<String>,
}
