//! Reply of the query.

use super::{
    fido::FidoChallenge,
    formed::{Formed, Named},
    grid::GridChallenge,
    kba::KbaChallenge,
    lockout::UserAuthenticatorLockoutStatus,
    machine::{MachineAuthenticator, UserMachineSettings},
    organization::Organization,
    otp::{OtpDeliveryType, OtpDetails},
    password::PasswordChallenge,
    temp_access_code::TempAccessCodeChallenge,
    token::TokenChallenge,
    user_authenticated::AuthenticatedResponse,
};
use poem_openapi::Object;
use serde_json::Value;

/// What somebody of this name can authenticate with. The same for everybody, whether they exist or not: it
/// is what the tenant's policy offers.
#[derive(Object, Default)]
#[oai(rename = "IdaasUserAuthenticateQueryResponse", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct UserAuthenticateQueryResponse {
    /// Whether the token that was sent suffices.
    pub(crate) authentication_completed: Option<bool>,
    /// What may come first, best first. The `…_AND_SECONDFACTOR` names are there where the policy ever asks
    /// for a second factor.
    pub(crate) authentication_types: Option<Vec<Formed<Named>>>,
    /// How many tries there are.
    pub(crate) authenticator_lockout_status: Option<Vec<UserAuthenticatorLockoutStatus>>,
    /// What may come second, best first. Whether this person has it shows only after the first.
    pub(crate) available_second_factor: Option<Vec<Formed<Named>>>,
    /// With `returnDefaultChallenge`: what an authenticator asks for which the contract has no words.
    pub(crate) challenge: Option<Value>,
    /// Not used.
    pub(crate) device_cert_auth_desired: Option<bool>,
    /// When the token ends, in milliseconds since 1970.
    pub(crate) expires: Option<i64>,
    /// With `returnDefaultChallenge`.
    pub(crate) fido_challenge: Option<FidoChallenge>,
    /// With `returnDefaultChallenge`.
    pub(crate) grid_challenge: Option<GridChallenge>,
    /// With `returnDefaultChallenge`.
    pub(crate) kba_challenge: Option<KbaChallenge>,
    /// Not used.
    pub(crate) machine_authenticator: Option<MachineAuthenticator>,
    /// Not used.
    pub(crate) organizations: Option<Vec<Organization>>,
    /// Ids of authenticators that may come first and have no name in this API; the id takes the name's place.
    pub(crate) other_authenticators: Option<Vec<String>>,
    /// Ids of authenticators that may come second and have no name in this API.
    pub(crate) other_second_factors: Option<Vec<String>>,
    /// Not used.
    pub(crate) otp_delivery_info: Option<OtpDetails>,
    /// With `returnDefaultChallenge`: how the code was sent.
    pub(crate) otp_delivery_type: Option<OtpDeliveryType>,
    /// With `returnDefaultChallenge`. Since 5.45.
    pub(crate) password_challenge: Option<PasswordChallenge>,
    /// Whether this tenant lets people replace a lost password: at our own API, `POST /auth/v1/login` with
    /// `purpose: reset`.
    pub(crate) password_reset_allowed: Option<bool>,
    /// With `returnDefaultChallenge`: what the person must find on the device.
    pub(crate) push_mutual_challenge: Option<String>,
    /// Said of nobody before they have proven something.
    pub(crate) registration_required: Option<bool>,
    /// Not used.
    pub(crate) supports_signature: Option<bool>,
    /// With `returnDefaultChallenge`.
    pub(crate) temp_access_code_challenge: Option<TempAccessCodeChallenge>,
    /// The server's time, in milliseconds since 1970.
    pub(crate) time: Option<i64>,
    /// For the challenge, as `authToken`. With `returnDefaultChallenge` for the completion, in the header.
    pub(crate) token: Option<String>,
    /// With `returnDefaultChallenge`.
    pub(crate) token_challenge: Option<TokenChallenge>,
    /// Not used.
    pub(crate) token_details: Option<Vec<String>>,
    /// The same as `pushMutualChallenge`, for older clients.
    #[oai(deprecated)]
    pub(crate) token_push_mutual_challenge: Option<String>,
    /// Where devices are remembered: that they are. The same for everybody.
    pub(crate) user_machine_settings: Option<UserMachineSettings>,
    /// Said of nobody before they have proven something.
    pub(crate) verification_required: Option<bool>,
}

impl UserAuthenticateQueryResponse {
    /// Takes over what a challenge shows.
    #[must_use]
    pub(crate) fn asking(self, asked: AuthenticatedResponse) -> Self {
        Self {
            challenge: asked.challenge,
            fido_challenge: asked.fido_challenge,
            grid_challenge: asked.grid_challenge,
            kba_challenge: asked.kba_challenge,
            otp_delivery_type: asked.otpdelivery_type,
            password_challenge: asked.password_challenge,
            push_mutual_challenge: asked.push_mutual_challenge,
            temp_access_code_challenge: asked.temp_access_code_challenge,
            token_challenge: asked.token_challenge,
            token_details: asked.token_details,
            token_push_mutual_challenge: asked.token_push_mutual_challenge,
            ..self
        }
    }
}
