//! The words that both dialects share.

use gatewright_core::signing::Algorithm;
use gatewright_oauth::client::{AccessTokenFormat, AuthMethod, ClientType, Consent, GrantType, SubjectType};
use poem_openapi::Enum;

/// An enumeration of the wire and the one behind it, variant by variant.
macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident as $wire:literal for $kept:ident {
        $($(#[doc = $about:literal])+ $variant:ident = $word:literal,)+
    }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
        #[oai(rename = $wire)]
        pub(crate) enum $name {
            $($(#[doc = $about])+ #[oai(rename = $word)] $variant,)+
        }

        impl From<$kept> for $name {
            fn from(kept: $kept) -> Self {
                match kept { $($kept::$variant => Self::$variant,)+ }
            }
        }

        impl From<$name> for $kept {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => Self::$variant,)+ }
            }
        }
    };
}

words! {
    /// Whether a client can keep a secret.
    ClientKind as "ClientType" for ClientType {
        /// It can't: a page, an app.
        Public = "public",
        /// It can: a server.
        Confidential = "confidential",
    }
}

words! {
    /// How a client proves who it is.
    AuthWay as "ClientAuthMethod" for AuthMethod {
        /// Its secret in the `Authorization` header.
        ClientSecretBasic = "client_secret_basic",
        /// Its secret in the form.
        ClientSecretPost = "client_secret_post",
        /// A JWT that it signs (RFC 7523).
        PrivateKeyJwt = "private_key_jwt",
        /// A certificate of an authority (RFC 8705).
        TlsClientAuth = "tls_client_auth",
        /// A certificate that it made itself (RFC 8705).
        SelfSignedTlsClientAuth = "self_signed_tls_client_auth",
        /// Not at all: a public client.
        None = "none",
    }
}

words! {
    /// What a client may bring to the token endpoint.
    ClientGrant as "ClientGrantType" for GrantType {
        /// A code that a person's consent has given.
        AuthorizationCode = "authorization_code",
        /// A refresh token.
        RefreshToken = "refresh_token",
        /// Nothing but itself.
        ClientCredentials = "client_credentials",
        /// The code of a device (RFC 8628).
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
        /// Another token (RFC 8693).
        TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange",
        /// An assertion (RFC 7523).
        JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer",
        /// A token of the IDaaS API.
        JwtIdaas = "jwt_idaas",
    }
}

words! {
    /// How ID tokens and JWT access tokens are signed.
    ClientAlgorithm as "ClientSigningAlgorithm" for Algorithm {
        /// Ed25519.
        EdDsa = "EdDSA",
        /// ECDSA on P-256.
        Es256 = "ES256",
        /// RSA.
        Rs256 = "RS256",
    }
}

words! {
    /// What access tokens are.
    TokenFormat as "ClientAccessTokenFormat" for AccessTokenFormat {
        /// Random: only this server can tell what it is worth.
        Opaque = "opaque",
        /// Signed (RFC 9068).
        Jwt = "jwt",
    }
}

words! {
    /// How a client calls people.
    SubjectKind as "ClientSubjectType" for SubjectType {
        /// As all others do.
        Public = "public",
        /// As nobody outside its sector does.
        Pairwise = "pairwise",
    }
}

words! {
    /// Whether people are asked before the client learns who they are.
    ConsentRule as "ClientConsent" for Consent {
        /// Each once, and again for more.
        Ask = "ask",
        /// Never: it is the tenant's own.
        Skip = "skip",
    }
}

/// Each word as the one of the other side.
pub(crate) fn all<A: Copy + Into<B>, B>(words: &[A]) -> Vec<B> {
    words.iter().map(|word| (*word).into()).collect()
}
