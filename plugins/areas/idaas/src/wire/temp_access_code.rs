//! TEMP_ACCESS_CODE.

use poem_openapi::Object;

/// Where a person gets a temporary access code.
#[derive(Object, Clone)]
#[oai(rename = "IdaasTempAccessCodeChallenge", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct TempAccessCodeChallenge {
    /// Whom to ask for one.
    pub(crate) admin_contact: Option<String>,
    /// Whether to show whom to ask.
    pub(crate) enable_admin_contact: Option<bool>,
}
