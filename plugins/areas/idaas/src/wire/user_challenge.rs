//! Body of the challenge.

use super::{
    formed::{Formed, Named},
    machine::MachineAuthenticator,
    otp::OtpDeliveryType,
    passthrough::PassthroughAuthenticatorParms,
    push::RequestDetail,
    transaction::TransactionDetail,
    user_query::UserAuthenticateQueryParameters,
};
use gatewright_plugin::Text;
use poem_openapi::{Object, types::Example};
use serde_json::Value;

/// Asks for a challenge.
#[derive(Object, Default)]
#[oai(
    rename = "IdaasUserChallengeParameters",
    rename_all = "camelCase",
    skip_serializing_if_is_none,
    example
)]
pub(crate) struct UserChallengeParameters {
    /// Id of the application, from the server's configuration. It decides the tenant.
    pub(crate) application_id: Text,
    /// Taken and not used. Since 5.43.
    pub(crate) auth_request_key: Option<Text>,
    /// The token of the query or of a completion that was not the last, to go on from there; or an access
    /// token, to raise its session. Without one a new authentication begins.
    pub(crate) auth_token: Option<Text>,
    /// What the authenticator wants to know before it asks, in its own form. Not in the contract; for
    /// authenticators for which the contract has no words, such as FACE: `{"cipher_key": "…"}`.
    pub(crate) begin: Option<Value>,
    /// Address of the person, as the caller sees it. Shown to the person in a push, never trusted.
    pub(crate) client_ip: Option<Text>,
    /// Taken and not used.
    #[oai(rename = "ignoreIPAddressForRBA")]
    pub(crate) ignore_ip_address_for_rba: Option<bool>,
    /// The language of the person; `Accept-Language` otherwise.
    pub(crate) locale: Option<Text>,
    /// The device, where it is remembered: after the right first factor it stands for the second.
    pub(crate) machine_authenticator: Option<MachineAuthenticator>,
    /// Taken and not used.
    #[oai(rename = "offlineTVS")]
    pub(crate) offline_tvs: Option<bool>,
    /// Taken and not used: the tenant's `site` says where its passkeys are good.
    pub(crate) origin: Option<Text>,
    /// The contact that a code is sent to: its label or id.
    pub(crate) otp_delivery_attribute: Option<Text>,
    /// How a code is sent.
    pub(crate) otp_delivery_type: Option<OtpDeliveryType>,
    /// Taken and not used.
    pub(crate) passthrough_authenticator_parms: Option<PassthroughAuthenticatorParms>,
    /// Taken and not used.
    #[oai(validator(minimum(value = "0"), maximum(value = "9")))]
    pub(crate) priority: Option<i32>,
    /// Shown to the person in a push.
    pub(crate) push_message_identifier: Option<Text>,
    /// Whether the caller can show a value that the person must find on the device.
    pub(crate) push_mutual_challenge_enabled: Option<bool>,
    /// Taken and not used. Since 5.43.
    pub(crate) request_acrs: Option<Text>,
    /// Shown to the person in a push.
    pub(crate) request_detail: Option<RequestDetail>,
    /// Taken and not used: the tenant's `site` says where its passkeys are good. Since 5.43.
    pub(crate) rp_id: Option<Text>,
    /// With a `…_AND_SECONDFACTOR` path, once the first factor is proven: what to ask with. Without it, the
    /// best that this person has.
    pub(crate) second_factor_authenticator: Option<Formed<Named>>,
    /// Shown to the person in a push.
    pub(crate) summary: Option<Text>,
    /// The same as `pushMutualChallengeEnabled`, from older clients.
    #[oai(deprecated)]
    pub(crate) token_push_mutual_challenge_enabled: Option<bool>,
    /// Shown to the person in a push.
    pub(crate) transaction_details: Option<Vec<TransactionDetail>>,
    /// The username. Absent (or empty) where the answer says who it is: a passkey.
    pub(crate) user_id: Option<Text>,
}

impl UserChallengeParameters {
    /// The challenge that a query asks for with `returnDefaultChallenge`.
    pub(crate) fn of_query(query: UserAuthenticateQueryParameters) -> Self {
        Self {
            application_id: query.application_id,
            client_ip: query.client_ip,
            machine_authenticator: query.machine_authenticator,
            origin: query.origin,
            priority: query.priority,
            push_message_identifier: query.push_message_identifier,
            push_mutual_challenge_enabled: query.push_mutual_challenge_enabled,
            request_detail: query.request_detail,
            rp_id: query.rp_id,
            summary: query.summary,
            token_push_mutual_challenge_enabled: query.token_push_mutual_challenge_enabled,
            transaction_details: query.transaction_details,
            user_id: Some(query.user_id),
            ..Self::default()
        }
    }
}

impl Example for UserChallengeParameters {
    fn example() -> Self {
        Self { application_id: "default".into(), user_id: Some("ada".into()), ..Self::default() }
    }
}
