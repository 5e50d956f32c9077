//! TOKENPUSH, SMARTCREDENTIALPUSH and FACE.

use gatewright_plugin::Text;
use poem_openapi::{Enum, Object};

/// How a push stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[oai(rename = "IdaasPushStatus", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum PushStatus {
    /// The person said yes.
    Confirm,
    /// The person said that somebody else is trying.
    Concern,
    /// It was cancelled.
    Cancel,
    /// Nobody has said anything yet: ask again.
    NoResponse,
}

/// What a person is told of the request that they approve.
#[derive(Object, Clone)]
#[oai(rename = "IdaasRequestDetail", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct RequestDetail {
    /// The browser.
    pub(crate) browser: Option<Text>,
    /// The operating system.
    pub(crate) os: Option<Text>,
}
