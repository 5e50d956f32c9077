//! What a provider says of itself (OpenID Connect Discovery 1.0, section 4).

use crate::{
    config::Provider,
    fetch::{End, document},
};
use gatewright_contract::Host;
use serde::Deserialize;
use url::Url;

const WELL_KNOWN: &str = "/.well-known/openid-configuration";
const MAX_DOCUMENT: usize = 64 * 1024;
const MAX_URL: usize = 2048;

/// As much of the document as is used, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) authorization: Url,
    pub(crate) token: String,
    pub(crate) keys: String,
    pub(crate) userinfo: Option<String>,
    /// It says in each response who it is (RFC 9207).
    pub(crate) says_who: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Fetches it.
pub(crate) async fn discover(host: &Host, provider: &Provider) -> Result<Metadata, End> {
    let url = format!("{}{WELL_KNOWN}", provider.issuer.trim_end_matches('/'));
    let said: Document = document(host, "its document", &url, MAX_DOCUMENT).await?;
    checked(said, provider)
}

fn checked(said: Document, provider: &Provider) -> Result<Metadata, End> {
    // Section 4.3: exactly, or one provider could speak for another.
    if said.issuer != provider.issuer {
        return Err(End::Down("its document is of another issuer".to_owned()));
    }
    let url = |name: &str, text: &str| {
        let url = Url::parse(text).ok().filter(|url| text.len() <= MAX_URL && provider.may_ask(url));
        url.ok_or_else(|| End::Down(format!("its {name} is no https URL")))
    };
    Ok(Metadata {
        authorization: url("authorization_endpoint", &said.authorization_endpoint)?,
        token: url("token_endpoint", &said.token_endpoint)?.into(),
        keys: url("jwks_uri", &said.jwks_uri)?.into(),
        userinfo: match &said.userinfo_endpoint {
            Some(text) => Some(url("userinfo_endpoint", text)?.into()),
            None => None,
        },
        says_who: said.authorization_response_iss_parameter_supported,
    })
}
