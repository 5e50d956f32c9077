//! PASSTHROUGH, which came after 5.39.

use gatewright_plugin::Text;
use poem_openapi::Object;

/// What another system is told.
#[derive(Object, Clone)]
#[oai(rename = "IdaasPassthroughAuthenticatorParms", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct PassthroughAuthenticatorParms {
    /// Values by name.
    pub(crate) passthrough_authenticator_placeholders: Option<Vec<PassthroughAuthenticatorPlaceholder>>,
}

/// One value for another system.
#[derive(Object, Clone)]
#[oai(rename = "IdaasPassthroughAuthenticatorPlaceholder", rename_all = "camelCase")]
pub(crate) struct PassthroughAuthenticatorPlaceholder {
    /// Its name.
    pub(crate) name: Text,
    /// The value.
    pub(crate) value: Text,
}

/// What another system said.
#[derive(Object, Clone)]
#[oai(
    rename = "IdaasPassthroughAuthenticationResponse",
    rename_all = "camelCase",
    skip_serializing_if_is_none
)]
pub(crate) struct PassthroughAuthenticationResponse {
    /// Values by name.
    pub(crate) passthrough_authentication_result_items: Option<Vec<PassthroughAuthenticationResultItem>>,
}

/// One value from another system.
#[derive(Object, Clone)]
#[oai(
    rename = "IdaasPassthroughAuthenticationResultItems",
    rename_all = "camelCase",
    skip_serializing_if_is_none
)]
pub(crate) struct PassthroughAuthenticationResultItem {
    /// Its name.
    pub(crate) name: Option<String>,
    /// The value.
    pub(crate) value: Option<String>,
}
