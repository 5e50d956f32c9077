//! The bodies on the wire, spelled as the contract spells them. A Rust name is the contract's name; in the
//! document each begins with `Idaas`.
//!
//! A field that is absent is left out of a reply, and `null` in a request is the same as absent. A field that
//! the contract does not know is ignored, because clients of later editions send some.

mod face;
mod fido;
mod formed;
mod grid;
mod kba;
mod lockout;
mod machine;
mod mschap;
mod offline;
mod organization;
mod otp;
mod passkey;
mod passthrough;
mod password;
mod push;
mod temp_access_code;
mod token;
mod transaction;
mod user_authenticate;
mod user_authenticated;
mod user_certificate;
mod user_challenge;
mod user_query;
mod user_query_reply;

pub(crate) use face::{FaceChallenge, FaceDevice};
pub(crate) use fido::FidoChallenge;
pub(crate) use formed::{Formed, Named};
pub(crate) use grid::{GridChallenge, GridChallengeCell, GridInfo};
pub(crate) use kba::{KbaChallenge, UserQuestion};
pub(crate) use lockout::UserAuthenticatorLockoutStatus;
pub(crate) use machine::{
    MachineAuthenticator, MachineAuthenticatorRegistration, UserMachineAuthenticator, UserMachineSettings,
};
pub(crate) use otp::OtpDeliveryType;
pub(crate) use passkey::{PasskeyChallengeParameters, PasskeyChallengeResult};
pub(crate) use push::PushStatus;
pub(crate) use temp_access_code::TempAccessCodeChallenge;
pub(crate) use token::TokenChallenge;
pub(crate) use user_authenticate::UserAuthenticateParameters;
pub(crate) use user_authenticated::AuthenticatedResponse;
pub(crate) use user_certificate::UserCertificateChallenge;
pub(crate) use user_challenge::UserChallengeParameters;
pub(crate) use user_query::UserAuthenticateQueryParameters;
pub(crate) use user_query_reply::UserAuthenticateQueryResponse;
