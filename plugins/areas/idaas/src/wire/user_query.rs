//! Body of the query.

use super::{machine::MachineAuthenticator, push::RequestDetail, transaction::TransactionDetail};
use gatewright_plugin::Text;
use poem_openapi::{Object, types::Example};

/// Asks what a person can authenticate with.
#[derive(Object, Default)]
#[oai(
    rename = "IdaasUserAuthenticateQueryParameters",
    rename_all = "camelCase",
    skip_serializing_if_is_none,
    example
)]
pub(crate) struct UserAuthenticateQueryParameters {
    /// Id of the application, from the server's configuration. It decides the tenant.
    pub(crate) application_id: Text,
    /// Taken and not used.
    pub(crate) auth_request_key: Option<Text>,
    /// Access token of an earlier authentication of this person. One that is no longer good is as if it had
    /// not been sent.
    pub(crate) auth_token: Option<Text>,
    /// Address of the person, as the caller sees it. Shown to the person in a push, never trusted.
    pub(crate) client_ip: Option<Text>,
    /// Taken and not used.
    #[oai(rename = "ignoreIPAddressForRBA")]
    pub(crate) ignore_ip_address_for_rba: Option<bool>,
    /// The device, where it is remembered: after the right first factor it stands for the second.
    pub(crate) machine_authenticator: Option<MachineAuthenticator>,
    /// With `authToken`: the authentication may be this many seconds old.
    pub(crate) max_age: Option<i32>,
    /// Taken and not used.
    #[oai(rename = "offlineTVS")]
    pub(crate) offline_tvs: Option<bool>,
    /// Taken and not used: the tenant's `site` says where its passkeys are good.
    pub(crate) origin: Option<Text>,
    /// Taken and not used.
    #[oai(validator(minimum(value = "0"), maximum(value = "9")))]
    pub(crate) priority: Option<i32>,
    /// Shown to the person in a push.
    pub(crate) push_message_identifier: Option<Text>,
    /// Taken and not used.
    pub(crate) push_mutual_challenge_enabled: Option<bool>,
    /// Taken and not used. Since 5.43.
    pub(crate) request_acrs: Option<Text>,
    /// Shown to the person in a push.
    pub(crate) request_detail: Option<RequestDetail>,
    /// Taken and not used: the server's clock counts.
    pub(crate) request_time: Option<i64>,
    /// Ask at once with the first authenticator of the reply.
    pub(crate) return_default_challenge: Option<bool>,
    /// Taken and not used: the tenant's `site` says where its passkeys are good. Since 5.45.
    pub(crate) rp_id: Option<Text>,
    /// Shown to the person in a push.
    pub(crate) summary: Option<Text>,
    /// Taken and not used.
    #[oai(deprecated)]
    pub(crate) support_choosing_otp_delivery: Option<bool>,
    /// Taken and not used.
    #[oai(deprecated)]
    pub(crate) token_push_mutual_challenge_enabled: Option<bool>,
    /// Shown to the person in a push.
    pub(crate) transaction_details: Option<Vec<TransactionDetail>>,
    /// The username.
    pub(crate) user_id: Text,
}

impl Example for UserAuthenticateQueryParameters {
    fn example() -> Self {
        Self { application_id: "default".into(), user_id: "ada".into(), ..Self::default() }
    }
}
