//! What the token endpoint hands out: access tokens, ID tokens, refresh tokens, and the reply that they are in.

mod access_token;
mod claims;
mod id_token;
mod refresh_token;
mod reply;

pub(crate) use access_token::Making;
pub use claims::supported as supported_claims;
pub(crate) use id_token::{IdToken, TYP as ID_TOKEN_TYP};
pub(crate) use refresh_token::RefreshToken;
pub use reply::TokenReply;
