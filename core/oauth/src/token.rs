//! The token endpoint (RFC 6749, section 3.2): a proof of a grant for tokens. One file a grant.

mod assertion;
mod begin;
mod client_credentials;
mod code;
mod device;
mod end;
mod exchange;
mod held;
mod idaas;
mod narrow;
mod refresh;
mod tokens;

use crate::{
    Client, Credentials, ErrorCode, OAuthError, Params, Provider, Result, client::GrantType, grant::Bound,
    issue::TokenReply,
};
use gatewright_core::{Origin, Tenant};
use serde::{Deserialize, de::IntoDeserializer};

/// A request of a client that has proven who it is and may use the grant that it names.
pub(crate) struct Call<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) client: &'a Client,
    pub(crate) form: &'a Params,
    /// What the tokens of this request are bound to.
    pub(crate) bound: Bound,
    pub(crate) origin: &'a Origin,
    /// The endpoint as the client called it.
    pub(crate) url: &'a str,
}

impl Provider {
    /// Tokens for whatever the request brings.
    ///
    /// # Errors
    /// Those of RFC 6749, section 5.2, and of the RFC of the grant.
    pub async fn token(&self, tenant: &Tenant, shown: &Credentials, origin: &Origin) -> Result<TokenReply> {
        let grant = grant_type(shown.form.required("grant_type")?)?;
        let client = self.authenticate(tenant, shown).await?;
        // An external authentication method of Entra gets its ID token by way of the browser, and nothing else.
        if client.entra.is_some() || !client.may(grant) {
            let text = "The client is not registered for this grant type.";
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, text));
        }
        let bound = self.bound(tenant, &client, shown).await?;
        let call = Call { tenant, client: &client, form: &shown.form, bound, origin, url: &shown.url };
        match grant {
            GrantType::AuthorizationCode => self.by_code(call).await,
            GrantType::RefreshToken => self.by_refresh_token(call).await,
            GrantType::ClientCredentials => self.by_itself(call).await,
            GrantType::DeviceCode => self.by_device_code(call).await,
            GrantType::TokenExchange => self.by_exchange(call).await,
            GrantType::JwtBearer => self.by_assertion(call).await,
            GrantType::JwtIdaas => self.by_login(call).await,
        }
    }
}

/// The grant type of a word. `password` is none, nor is what would be the implicit one.
fn grant_type(word: &str) -> Result<GrantType> {
    let read: std::result::Result<GrantType, serde::de::value::Error> =
        GrantType::deserialize(word.into_deserializer());
    read.map_err(|_| unsupported())
}

fn unsupported() -> OAuthError {
    OAuthError::new(ErrorCode::UnsupportedGrantType, "There is no such grant type here.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_type_is_one_of_the_words_and_nothing_else() {
        assert_eq!(grant_type("refresh_token").ok(), Some(GrantType::RefreshToken));
        let exchange = grant_type("urn:ietf:params:oauth:grant-type:token-exchange");
        assert_eq!(exchange.ok(), Some(GrantType::TokenExchange));
        for bad in ["password", "implicit", "Refresh_Token", "refresh_token ", "\u{0}"] {
            assert_eq!(grant_type(bad).err().map(|e| e.code), Some(ErrorCode::UnsupportedGrantType));
        }
    }
}
