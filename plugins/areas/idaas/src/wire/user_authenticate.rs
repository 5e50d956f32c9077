//! Body of the completion.

use super::{
    fido::FidoResponse,
    formed::{Formed, Named},
    kba::KbaChallenge,
    machine::{MachineAuthenticator, MachineAuthenticatorRegistration},
    mschap::{Mschapv1Response, Mschapv2Response},
    offline::TokenProtectedOfflineParms,
    passthrough::PassthroughAuthenticatorParms,
    transaction::TransactionDetail,
    user_certificate::UserCertificateResponse,
};
use gatewright_plugin::Text;
use poem_openapi::{Object, types::Example};
use serde_json::Value;
use std::collections::HashMap;

/// Answers, polls or cancels a challenge.
#[derive(Object, Default)]
#[oai(
    rename = "IdaasUserAuthenticateParameters",
    rename_all = "camelCase",
    skip_serializing_if_is_none,
    example
)]
pub(crate) struct UserAuthenticateParameters {
    /// The answer in the authenticator's own form. Not in the contract; for authenticators whose answer is
    /// more than one string and for which the contract has no words.
    pub(crate) answer: Option<Value>,
    /// Id of the application; where it is sent, it must be the one of the challenge.
    pub(crate) application_id: Option<Text>,
    /// Taken and not used.
    pub(crate) application_info: Option<Text>,
    /// Taken and not used.
    pub(crate) auth_request_key: Option<Text>,
    /// True ends the authentication.
    pub(crate) cancel: Option<bool>,
    /// USER_CERTIFICATE: the certificate whose key has signed, as in `userCertificateResponse.verifier`.
    pub(crate) certificate: Option<Text>,
    /// Not supported: a password is sent in `response`.
    pub(crate) chap_response: Option<HashMap<String, Value>>,
    /// Taken and not used.
    pub(crate) client_ip: Option<Text>,
    /// True binds the access token to a cookie `INTELLITRUST_SESSION_ID` that every later call must bring.
    pub(crate) enable_web_session: Option<bool>,
    /// FACE: the answer to `faceChallenge`, its JSON as text, at most 40 KiB. `answer` takes the same as JSON.
    #[oai(deprecated)]
    pub(crate) face_response: Option<Text>,
    /// The answer to `fidoChallenge`.
    pub(crate) fido_response: Option<FidoResponse>,
    /// Taken and not used.
    #[oai(rename = "ignoreIPAddressForRBA")]
    pub(crate) ignore_ip_address_for_rba: Option<bool>,
    /// The challenge with the answers in it.
    pub(crate) kba_challenge: Option<KbaChallenge>,
    /// The language of the person; `Accept-Language` otherwise.
    pub(crate) locale: Option<Text>,
    /// The device, where it is remembered: after the right first factor it stands for the second, in the same call.
    pub(crate) machine_authenticator: Option<MachineAuthenticator>,
    /// Remember this device once the authentication is complete: where the tenant's policy allows it and a second factor
    /// was proven in it. `machineAuthenticator` of the reply is then what the device keeps.
    pub(crate) machine_authenticator_registration: Option<MachineAuthenticatorRegistration>,
    /// Not supported: a password is sent in `response`.
    pub(crate) mschap_v1_response: Option<Mschapv1Response>,
    /// Not supported: a password is sent in `response`.
    pub(crate) mschap_v2_response: Option<Mschapv2Response>,
    /// The new password, with the answer that ends the authentication: when a change is asked for, or due because the
    /// password has grown too old or somebody else has set it. While `authenticationCompleted` is false nothing is
    /// changed; where a second factor is asked for, send it with that.
    pub(crate) new_password: Option<Text>,
    /// Taken and not used.
    #[oai(rename = "offlineTVS")]
    pub(crate) offline_tvs: Option<bool>,
    /// Taken and not used: the tenant's `site` says where its passkeys are good. Since 5.43.
    #[oai(deprecated)]
    pub(crate) origin: Option<Text>,
    /// Taken and not used.
    pub(crate) passthrough_authenticator_parms: Option<PassthroughAuthenticatorParms>,
    /// Taken and not used. Since 5.43.
    pub(crate) request_acrs: Option<Text>,
    /// The person's answer: a password, a code, cells of a grid. Absent where there is nothing to type; the
    /// completion then asks how the challenge stands.
    pub(crate) response: Option<Text>,
    /// Taken and not used: the tenant's `site` says where its passkeys are good. Since 5.45.
    pub(crate) rp_id: Option<Text>,
    /// With a `…_AND_SECONDFACTOR` path, the one of the challenge.
    pub(crate) second_factor_authenticator: Option<Formed<Named>>,
    /// Taken and not used.
    pub(crate) token_protected_offline_parms: Option<TokenProtectedOfflineParms>,
    /// Taken and not used: what is approved is what the challenge showed.
    pub(crate) transaction_details: Option<Vec<TransactionDetail>>,
    /// USER_CERTIFICATE: left out where the certificate is shown in TLS.
    pub(crate) user_certificate_response: Option<UserCertificateResponse>,
    /// The username; where it is sent, it must be the one of the challenge.
    pub(crate) user_id: Option<Text>,
}

impl Example for UserAuthenticateParameters {
    fn example() -> Self {
        Self { response: Some("correct horse battery staple".into()), ..Self::default() }
    }
}
