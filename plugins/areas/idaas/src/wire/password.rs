//! PASSWORD.

use poem_openapi::Object;

/// Which password is asked for, where a person has several. Since 5.45.
#[derive(Object, Clone)]
#[oai(rename = "IdaasPasswordChallenge", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct PasswordChallenge {
    /// Its name.
    pub(crate) name: Option<String>,
    /// Its id.
    pub(crate) named_password_id: Option<String>,
}
