//! What a client may be: everything that is wrong with one, all at once.

mod keys;
mod texts;
mod uris;

use super::{AuthMethod, Client, ClientType, Consent, GrantType};
use gatewright_contract::Violation;
use gatewright_core::{access::is_scope, signing::Algorithm};

/// Scopes of one client at most.
const MOST_SCOPES: usize = 100;
/// Bytes of a scope at most.
const LONGEST_SCOPE: usize = 128;
/// Resources of one client at most.
const MOST_RESOURCES: usize = 32;

/// Collects what is wrong.
#[derive(Default)]
pub(super) struct Findings(Vec<Violation>);

impl Findings {
    /// Notes what is wrong with a member and what would be right.
    pub(super) fn say(&mut self, member: &str, message: impl Into<String>) {
        let message = format!("`{member}`: {}", message.into());
        self.0.push(Violation { code: member.to_owned(), message });
    }
}

impl Client {
    /// Everything about it that can't be. Empty: it may be kept.
    pub fn check(&self) -> Vec<Violation> {
        let mut found = Findings::default();
        texts::check(self, &mut found);
        uris::check(self, &mut found);
        keys::check(self, &mut found);
        self.check_method(&mut found);
        self.check_grants(&mut found);
        self.check_scopes(&mut found);
        self.check_entra(&mut found);
        found.0
    }

    fn check_method(&self, found: &mut Findings) {
        let is_public = self.client_type == ClientType::Public;
        if is_public != (self.auth_method == AuthMethod::None) {
            found.say(
                "auth_method",
                "A public client has `none`, and only a public one: it can keep no secret.",
            );
        }
        if is_public && !self.secrets.is_empty() {
            found.say("client_type", "A public client has no secret.");
        }
        if self.require_signed_requests && !self.has_keys() {
            found.say("require_signed_requests", "Signed requests need keys: give `jwks` or `jwks_uri`.");
        }
        let by_certificate =
            matches!(self.auth_method, AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth);
        if self.certificate_bound && is_public {
            found.say(
                "certificate_bound",
                "A public client has no certificate; bind its tokens to a DPoP key.",
            );
        }
        let names = usize::from(self.tls_subject_dn.is_some()) + usize::from(self.tls_san_dns.is_some());
        match self.auth_method {
            AuthMethod::TlsClientAuth if names != 1 => found.say(
                "auth_method",
                "`tls_client_auth` needs one name of the certificate: `tls_subject_dn` or `tls_san_dns`.",
            ),
            AuthMethod::SelfSignedTlsClientAuth | AuthMethod::PrivateKeyJwt if !self.has_keys() => {
                found.say("auth_method", "This way needs public keys: give `jwks` or `jwks_uri`.");
            }
            _ if !by_certificate && names > 0 => {
                found.say("tls_subject_dn", "Names of a certificate go with `tls_client_auth` only.");
            }
            _ => {}
        }
    }

    /// Whether it has public keys, here or elsewhere.
    pub(super) fn has_keys(&self) -> bool {
        self.jwks.is_some() || self.jwks_uri.is_some()
    }

    fn check_grants(&self, found: &mut Findings) {
        let twice = |grant: &GrantType| self.grants.iter().filter(|other| *other == grant).count() > 1;
        if self.grants.iter().any(twice) {
            found.say("grants", "Each grant at most once.");
        }
        let alone = [
            GrantType::ClientCredentials,
            GrantType::TokenExchange,
            GrantType::JwtBearer,
            GrantType::JwtIdaas,
        ];
        if self.client_type == ClientType::Public && alone.iter().any(|grant| self.may(*grant)) {
            found.say(
                "grants",
                "A public client may have `authorization_code`, `refresh_token` and the device code only: \
                 the others rest on who it is, which it can't prove.",
            );
        }
        if self.may(GrantType::AuthorizationCode) && self.redirect_uris.is_empty() {
            found.say("redirect_uris", "With `authorization_code` name at least one.");
        }
        if self.may(GrantType::RefreshToken)
            && !self.may(GrantType::AuthorizationCode)
            && !self.may(GrantType::DeviceCode)
        {
            found.say(
                "grants",
                "`refresh_token` goes with `authorization_code` or the device code: nothing else gives one.",
            );
        }
    }

    fn check_scopes(&self, found: &mut Findings) {
        let token = |b: u8| matches!(b, b'!' | b'#'..=b'[' | b']'..=b'~');
        let fits = |scope: &String| (1..=LONGEST_SCOPE).contains(&scope.len()) && scope.bytes().all(token);
        if self.scopes.len() > MOST_SCOPES || !self.scopes.iter().all(fits) {
            found.say(
                "scopes",
                "At most 100, each of 1 to 128 visible ASCII characters without quotation mark and backslash.",
            );
        }
        if self.consent == Consent::Skip && self.scopes.iter().any(|scope| is_scope(scope)) {
            found.say(
                "consent",
                "With a scope that opens operations of this server people are asked, or whoever makes the \
                 client would take what they may.",
            );
        }
        if self.resources.len() > MOST_RESOURCES {
            found.say("resources", "At most 32.");
        }
    }

    /// Microsoft Entra: what its documentation of external authentication methods asks for.
    fn check_entra(&self, found: &mut Findings) {
        let Some(flow) = &self.entra else { return };
        if !is_entra_issuer(&flow.issuer) {
            found.say("entra", "The issuer is `https://login.microsoftonline.com/{tenant id}/v2.0`.");
        }
        if self.algorithm != Algorithm::Rs256 {
            found.say("algorithm", "Entra takes RS256 only.");
        }
        if self.redirect_uris.iter().any(|uri| !ENTRA_REDIRECTS.contains(&uri.as_str())) {
            found.say("redirect_uris", format!("Entra is answered at {} only.", ENTRA_REDIRECTS.join(", ")));
        }
        if !self.grants.is_empty() {
            found.say("grants", "An external authentication method of Entra gets an ID token and nothing else: leave them empty.");
        }
    }
}

/// Where Entra takes its answers.
pub const ENTRA_REDIRECTS: [&str; 3] = [
    "https://login.microsoftonline.com/common/federation/externalauthprovider",
    "https://login.microsoftonline.us/common/federation/externalauthprovider",
    "https://login.partner.microsoftonline.cn/common/federation/externalauthprovider",
];

fn is_entra_issuer(issuer: &str) -> bool {
    let tenant =
        issuer.strip_prefix("https://login.microsoftonline.com/").and_then(|r| r.strip_suffix("/v2.0"));
    tenant.is_some_and(|id| uuid::Uuid::try_parse(id).is_ok() && id.len() == 36)
}

#[cfg(test)]
mod tests;
