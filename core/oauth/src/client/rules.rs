//! What follows from how a client is registered.

use super::{AuthMethod, Client, ClientType, GrantType};
use gatewright_core::signing::Algorithm;
use url::Url;

impl Client {
    /// Bytes of a `client_id` at most.
    pub const LONGEST_ID: usize = 255;

    /// Whether it may use a grant.
    pub fn may(&self, grant: GrantType) -> bool {
        self.grants.contains(&grant)
    }

    /// Whether it proves who it is with each request.
    pub fn is_confidential(&self) -> bool {
        self.client_type == ClientType::Confidential && self.auth_method != AuthMethod::None
    }

    /// How its ID tokens are signed. Entra knows RS256 only.
    pub fn signed_with(&self) -> Algorithm {
        if self.entra.is_some() { Algorithm::Rs256 } else { self.algorithm }
    }

    /// The host that stands for its sector (OpenID Connect Core, section 8.1); its own name where it has no redirect URI.
    pub fn sector(&self) -> String {
        let host = || Url::parse(self.redirect_uris.first()?).ok()?.host_str().map(str::to_owned);
        self.sector.clone().or_else(host).unwrap_or_else(|| format!("client:{}", self.client_id))
    }
}
