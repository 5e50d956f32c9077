//! Organizations.

use poem_openapi::Object;

/// An organization that a person belongs to.
#[derive(Object, Clone)]
#[oai(rename = "IdaasOrganization", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct Organization {
    /// What it is.
    pub(crate) description: Option<String>,
    /// The name to show.
    pub(crate) display_name: String,
    /// The id.
    pub(crate) id: String,
    /// Where its logo is.
    pub(crate) logo_uri: Option<String>,
    /// The name.
    pub(crate) name: String,
}
