//! The five operations, one a file.

pub(crate) mod challenge;
pub(crate) mod complete;
pub(crate) mod logout;
mod machine;
mod new_password;
pub(crate) mod passkey;
pub(crate) mod query;

use poem_openapi::Tags;

/// One page in the document.
#[derive(Tags)]
pub(crate) enum Tag {
    /// The Entrust IDaaS Authentication API, for clients that speak it: ask what somebody can authenticate
    /// with, ask for a challenge, answer it, log out. Three calls in this order, and the `token` of each
    /// reply goes into the next.
    #[oai(rename = "idaas")]
    Idaas,
}
