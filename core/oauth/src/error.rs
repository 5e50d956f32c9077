//! What an endpoint of OAuth says when it refuses (RFC 6749, section 5.2, and those that add words to it).

use gatewright_contract::Fault;
use gatewright_core::{Problem, store::StoreError};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal $status:literal,)+) => {
        /// The word of a refusal.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $name,)+
        }

        impl ErrorCode {
            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// The HTTP status where the refusal is a reply and no redirect.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }
        }
    };
}

codes! {
    /// Something is missing, twice or malformed.
    InvalidRequest = "invalid_request" 400,
    /// The client is unknown or did not prove who it is.
    InvalidClient = "invalid_client" 401,
    /// A code, refresh token, assertion or device code that is not good for this client now.
    InvalidGrant = "invalid_grant" 400,
    /// The client may not do this.
    UnauthorizedClient = "unauthorized_client" 400,
    /// No such grant type here.
    UnsupportedGrantType = "unsupported_grant_type" 400,
    /// A scope that is unknown or not for this client.
    InvalidScope = "invalid_scope" 400,
    /// A resource that is unknown or not for this client (RFC 8707).
    InvalidTarget = "invalid_target" 400,
    /// The person said no.
    AccessDenied = "access_denied" 400,
    /// No such response type, or not for this client.
    UnsupportedResponseType = "unsupported_response_type" 400,
    /// `prompt=none`, and the person must log in.
    LoginRequired = "login_required" 400,
    /// `prompt=none`, and the person must agree.
    ConsentRequired = "consent_required" 400,
    /// `prompt=none`, and the person must do something else.
    InteractionRequired = "interaction_required" 400,
    /// The assurance that is asked for was not reached.
    UnmetAuthenticationRequirements = "unmet_authentication_requirements" 400,
    /// A request object that is not good (RFC 9101).
    InvalidRequestObject = "invalid_request_object" 400,
    /// A pushed request that is not there (RFC 9101, RFC 9126).
    InvalidRequestUri = "invalid_request_uri" 400,
    /// `request` is not taken here.
    RequestNotSupported = "request_not_supported" 400,
    /// `request_uri` is only taken from the pushed requests of this server.
    RequestUriNotSupported = "request_uri_not_supported" 400,
    /// A DPoP proof that is missing or not good (RFC 9449).
    InvalidDpopProof = "invalid_dpop_proof" 400,
    /// A proof with this server's nonce is asked for (RFC 9449, section 8).
    UseDpopNonce = "use_dpop_nonce" 400,
    /// The person has not decided yet (RFC 8628).
    AuthorizationPending = "authorization_pending" 400,
    /// Asked too often (RFC 8628).
    SlowDown = "slow_down" 400,
    /// The device code has ended (RFC 8628).
    ExpiredToken = "expired_token" 400,
    /// An access token that is not good (RFC 6750).
    InvalidToken = "invalid_token" 401,
    /// The token is not good for this (RFC 6750).
    InsufficientScope = "insufficient_scope" 403,
    /// A redirect URI that can't be registered (RFC 7591).
    InvalidRedirectUri = "invalid_redirect_uri" 400,
    /// Metadata that can't be registered (RFC 7591).
    InvalidClientMetadata = "invalid_client_metadata" 400,
    /// A software statement that is not believed (RFC 7591).
    UnapprovedSoftwareStatement = "unapproved_software_statement" 400,
    /// A sort of token that can't be revoked here (RFC 7009).
    UnsupportedTokenType = "unsupported_token_type" 400,
    /// Too much at once.
    TemporarilyUnavailable = "temporarily_unavailable" 503,
    /// A bug or damage; the log says more.
    ServerError = "server_error" 500,
}

/// A refusal. The description is for whoever writes the client: what is wrong and what would be right, never a secret.
#[derive(Debug, thiserror::Error)]
#[error("{}: {description}", code.as_str())]
pub struct OAuthError {
    /// The word.
    pub code: ErrorCode,
    /// In words, in the characters of RFC 6749, section 5.2: no quotation mark, no backslash.
    pub description: String,
    /// What stands behind a refusal that is not about OAuth: too fast, the database away.
    #[source]
    pub cause: Option<Box<Problem>>,
}

impl OAuthError {
    /// A refusal with its reason.
    pub fn new(code: ErrorCode, description: impl Into<String>) -> Self {
        let printable = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
        let description = description.into().chars().map(|c| if printable(c) { c } else { '?' }).collect();
        Self { code, description, cause: None }
    }

    /// `invalid_request`.
    pub fn invalid(description: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// `invalid_grant`: the same words for whatever is wrong with it.
    pub fn grant() -> Self {
        Self::new(
            ErrorCode::InvalidGrant,
            "The grant is unknown, used, ended, or not for this client. Begin the authorization anew.",
        )
    }

    /// `invalid_client`: the same words for whatever is wrong with it.
    pub fn client() -> Self {
        Self::new(
            ErrorCode::InvalidClient,
            "The client is unknown, or did not prove who it is in the way that it is registered for.",
        )
    }

    /// `invalid_token`.
    pub fn token() -> Self {
        Self::new(ErrorCode::InvalidToken, "The access token is unknown, ended, revoked or not for this.")
    }
}

impl From<Problem> for OAuthError {
    fn from(problem: Problem) -> Self {
        let code = match problem.status {
            429 | 503 => ErrorCode::TemporarilyUnavailable,
            500.. => ErrorCode::ServerError,
            401 => ErrorCode::InvalidToken,
            403 => ErrorCode::AccessDenied,
            _ => ErrorCode::InvalidRequest,
        };
        Self { cause: Some(Box::new(problem)), ..Self::new(code, "") }.described()
    }
}

impl OAuthError {
    /// With the words of its cause, where these are for the caller.
    fn described(mut self) -> Self {
        if let Some(problem) = &self.cause {
            self.description = Self::new(self.code, problem.detail.as_str()).description;
        }
        self
    }
}

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl From<Fault> for OAuthError {
    fn from(fault: Fault) -> Self {
        Problem::from(fault).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_in_the_characters_of_the_rfc() {
        let error = OAuthError::invalid("a \"b\" \\ \u{e9}\n");
        assert_eq!(error.description, "a ?b? ? ??");
    }

    #[test]
    fn what_is_not_about_oauth_keeps_its_cause() {
        let error = OAuthError::from(Problem::not_found("tenant"));
        assert_eq!(error.code.status(), 400);
        assert!(error.cause.is_some_and(|p| p.status == 404));
    }
}
