//! Clients that prove who they are (RFC 6749, section 2.3; OpenID Connect Core, section 9; RFC 8705).

use crate::{
    Client, Credentials, ErrorCode, OAuthError, Provider, Result, assertion, certificate, client::AuthMethod,
    grant::Bound, provider::hex,
};
use gatewright_core::{HashedToken, Tenant};
use std::sync::Arc;

/// The one way in which a request shows who sends it.
enum Way<'a> {
    Secret {
        id: &'a str,
        secret: &'a str,
        method: AuthMethod,
    },
    Assertion(&'a str),
    /// Its name only: it is public, or its certificate says the rest.
    Name(&'a str),
}

impl<'a> Way<'a> {
    fn of(shown: &'a Credentials) -> Result<Self> {
        let form = |name| shown.form.get(name);
        let (named, secret) = (form("client_id"), form("client_secret"));
        let (sort, assertion) = (form("client_assertion_type"), form("client_assertion"));
        let ways = [shown.basic.is_some(), secret.is_some(), sort.is_some() || assertion.is_some()];
        if ways.into_iter().filter(|used| *used).count() > 1 {
            return Err(OAuthError::invalid("The client proves who it is in more than one way; use one."));
        }
        if let Some((id, secret)) = &shown.basic {
            if named.is_some_and(|named| named != id) {
                return Err(OAuthError::invalid("client_id is not that of the Authorization header."));
            }
            return Ok(Self::Secret { id, secret, method: AuthMethod::ClientSecretBasic });
        }
        match (secret, sort, assertion) {
            (Some(secret), ..) => {
                let id = shown.form.required("client_id")?;
                Ok(Self::Secret { id, secret, method: AuthMethod::ClientSecretPost })
            }
            (None, Some(assertion::TYPE), Some(assertion)) => Ok(Self::Assertion(assertion)),
            (None, None, None) => Ok(Self::Name(named.ok_or_else(OAuthError::client)?)),
            _ => Err(OAuthError::invalid(format!(
                "An assertion takes both client_assertion and client_assertion_type={}.",
                assertion::TYPE
            ))),
        }
    }
}

impl Provider {
    /// The client of a request, which has proven who it is in the one way that it is registered for.
    ///
    /// # Errors
    /// `invalid_client`, the same for unknown and wrong; `invalid_request` for two ways at once.
    pub async fn authenticate(&self, tenant: &Tenant, shown: &Credentials) -> Result<Arc<Client>> {
        match Way::of(shown)? {
            Way::Secret { id, secret, method } => {
                let client = self.client(&tenant.id, id).await?.filter(|client| client.auth_method == method);
                // Who is not there has no secrets: the work is a hash for everybody.
                let good = self.is_secret_of(client.as_deref(), secret);
                client.filter(|_| good).ok_or_else(OAuthError::client)
            }
            Way::Assertion(text) => self.client_of_assertion(tenant, text, shown).await,
            Way::Name(id) => {
                let client = self.client(&tenant.id, id).await?.ok_or_else(OAuthError::client)?;
                let proven = match client.auth_method {
                    AuthMethod::None => true,
                    AuthMethod::SelfSignedTlsClientAuth => {
                        let keys = self.client_keys(&tenant.id, &client).await?;
                        certificate::is_registered(&shown.certificates, &keys, self.engine.now())
                    }
                    _ => false,
                };
                if proven { Ok(client) } else { Err(OAuthError::client()) }
            }
        }
    }

    fn is_secret_of(&self, client: Option<&Client>, secret: &str) -> bool {
        let (now, shown) = (self.engine.now(), hex(&HashedToken::of(secret.as_bytes())));
        let known = client.map(|client| &client.secrets[..]).unwrap_or_default();
        let good = known.iter().filter(|known| known.expires.is_none_or(|end| end > now));
        good.fold(false, |found, known| {
            found | bool::from(subtle::ConstantTimeEq::ct_eq(known.hash.as_bytes(), shown.as_bytes()))
        })
    }

    /// What tokens of this request are bound to: the key of its DPoP proof, its certificate. Spends the proof: call it once.
    ///
    /// # Errors
    /// `invalid_dpop_proof`; `invalid_request` where the client must bind its tokens and showed no certificate.
    pub async fn bound(&self, tenant: &Tenant, client: &Client, shown: &Credentials) -> Result<Bound> {
        let jkt = self.dpop_proof(&tenant.id, shown, None).await?;
        if client.dpop_bound && jkt.is_none() {
            let what = "The tokens of this client are bound to a key: send a proof in the header DPoP.";
            return Err(OAuthError::new(ErrorCode::InvalidDpopProof, what));
        }
        let x5t = match (client.certificate_bound, shown.certificates.first()) {
            (false, _) => None,
            (true, Some(own)) => Some(certificate::thumbprint(own)),
            (true, None) => {
                let what = "The tokens of this client are bound to its certificate: show it in TLS.";
                return Err(OAuthError::invalid(what));
            }
        };
        Ok(Bound { jkt, x5t })
    }
}
