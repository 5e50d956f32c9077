//! What the token endpoint hands out: access tokens, ID tokens, refresh tokens, and the reply that they are in.

mod claims;
mod refresh_token;

pub use claims::supported as supported_claims;
pub(crate) use refresh_token::RefreshToken;
