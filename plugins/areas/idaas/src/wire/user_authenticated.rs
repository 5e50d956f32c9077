//! Reply of the challenge and of the completion.

use super::{
    face::FaceChallenge,
    fido::FidoChallenge,
    formed::{Bytes, Formed, Named},
    grid::GridChallenge,
    kba::KbaChallenge,
    machine::{MachineAuthenticator, UserMachineSettings},
    offline::OfflineTokenAuthenticateResponse,
    organization::Organization,
    otp::OtpDeliveryType,
    passthrough::PassthroughAuthenticationResponse,
    password::PasswordChallenge,
    push::PushStatus,
    temp_access_code::TempAccessCodeChallenge,
    token::TokenChallenge,
    transaction::TransactionReceipt,
    user_certificate::UserCertificateChallenge,
};
use poem_openapi::Object;
use serde_json::Value;

/// How an authentication stands. `authenticationCompleted` decides, not the status.
#[derive(Object, Default)]
#[oai(rename = "IdaasAuthenticatedResponse", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct AuthenticatedResponse {
    /// True once the person is logged in; `token` is then an access token.
    pub(crate) authentication_completed: Option<bool>,
    /// Not used.
    pub(crate) authenticator_response: Option<Formed<Bytes>>,
    /// After a first factor that was not enough: the second factors that this person has, best first. Not in
    /// the contract here, and the same as in the reply of the query.
    pub(crate) available_second_factor: Option<Vec<Formed<Named>>>,
    /// What an authenticator asks for which the contract has no words, in its own form. Not in the contract.
    pub(crate) challenge: Option<Value>,
    /// Not used.
    pub(crate) device_cert_auth_desired: Option<bool>,
    /// When the token ends, in milliseconds since 1970.
    pub(crate) expires: Option<i64>,
    /// For FACE. What else goes into the proof is in `challenge`.
    pub(crate) face_challenge: Option<FaceChallenge>,
    /// For FIDO and PASSKEY.
    pub(crate) fido_challenge: Option<FidoChallenge>,
    /// Given name, where the display name is two words.
    pub(crate) first_name: Option<String>,
    /// For GRID.
    pub(crate) grid_challenge: Option<GridChallenge>,
    /// For KBA.
    pub(crate) kba_challenge: Option<KbaChallenge>,
    /// Family name, where the display name is two words.
    pub(crate) last_name: Option<String>,
    /// What the device is to keep from now on, in the place of what it sent: it was remembered just now, or has stood for
    /// the second factor.
    pub(crate) machine_authenticator: Option<MachineAuthenticator>,
    /// Not used. Since 5.43.
    pub(crate) magic_link_type: Option<String>,
    /// Not used.
    pub(crate) offline_token_responses: Option<OfflineTokenAuthenticateResponse>,
    /// Not used.
    pub(crate) organizations: Option<Vec<Organization>>,
    /// As `availableSecondFactor`: those that have no name in this API, by id.
    pub(crate) other_second_factors: Option<Vec<String>>,
    /// For OTP: how the code was sent. Spelled unlike `otpDeliveryType` elsewhere.
    #[oai(rename = "otpdeliveryType")]
    pub(crate) otpdelivery_type: Option<OtpDeliveryType>,
    /// Not used.
    pub(crate) passthrough_authentication_response: Option<PassthroughAuthenticationResponse>,
    /// For PASSWORD. Since 5.45.
    pub(crate) password_challenge: Option<PasswordChallenge>,
    /// For push and SMART_LOGIN: the number that the person types on the device.
    pub(crate) push_mutual_challenge: Option<String>,
    /// For IDP: where to send the browser.
    pub(crate) redirect_url: Option<String>,
    /// For SMART_LOGIN: the link that a device opens, to be drawn as a QR code.
    pub(crate) smart_login_challenge: Option<String>,
    /// For push: how it stands. `NO_RESPONSE` means ask again.
    pub(crate) status: Option<PushStatus>,
    /// Not used.
    pub(crate) step_up_auth_expiry: Option<i64>,
    /// For TEMP_ACCESS_CODE.
    pub(crate) temp_access_code_challenge: Option<TempAccessCodeChallenge>,
    /// The server's time, in milliseconds since 1970.
    pub(crate) time: Option<i64>,
    /// For the next call; the token before is no longer good. An access token once
    /// `authenticationCompleted` is true.
    pub(crate) token: Option<String>,
    /// For TOKEN.
    pub(crate) token_challenge: Option<TokenChallenge>,
    /// Serial numbers that may answer.
    pub(crate) token_details: Option<Vec<String>>,
    /// The same as `pushMutualChallenge`, for older clients.
    #[oai(deprecated)]
    pub(crate) token_push_mutual_challenge: Option<String>,
    /// Not used.
    pub(crate) transaction_receipt: Option<TransactionReceipt>,
    /// For USER_CERTIFICATE.
    pub(crate) user_certificate_challenge: Option<UserCertificateChallenge>,
    /// The username, as it is stored.
    pub(crate) user_id: Option<String>,
    /// Once the authentication is complete, where devices are remembered: those of the person.
    pub(crate) user_machine_settings: Option<UserMachineSettings>,
    /// True when the person must set up a second factor before any login can end. This API can't do that.
    pub(crate) user_registration_required: Option<bool>,
    /// Not used.
    pub(crate) user_verification_required: Option<bool>,
}
