//! The table `[plugins.certificate]`.

use gatewright_contract::{Fault, TenantId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The table `[plugins.certificate]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Name of the certification authorities under `[plugins.trust.stores]`. Left out: this authenticator is off.
    pub store: Option<String>,
    /// Which certificates must stand in a revocation list that is not too old: `chain` (all but the root), `leaf` (the
    /// person's own), or `off` (none: only where certificates live for hours).
    pub revocation: Revocation,
    /// What ties a certificate to an account when it is set up: `fingerprint` (this certificate and no other), or what
    /// the next one of the same person has as well: `subject` (issuer and subject), `email` or `upn` (names in it).
    pub tie: By,
    /// Lets in without any set-up whoever's certificate has the login name: as `email`, `upn` (Active Directory),
    /// `cn` or `uid` (of the subject). Left out: only certificates that were set up let in.
    pub username_from: Option<Name>,
    /// Tenants for which `username_from` holds. Nobody of another tenant is let in by a name: the same login name is
    /// somebody else there.
    pub tenants: Vec<String>,
    /// Accept a signature over the challenge in the place of TLS. It proves the key, but not to whom: a person can be
    /// made to sign for the wrong page, so that the proof no longer counts as phishing-resistant.
    pub accept_signatures: bool,
    /// How many certificates a person may set up.
    #[schemars(range(min = 1, max = 20))]
    pub max_credentials: u8,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            store: None,
            revocation: Revocation::Chain,
            tie: By::Fingerprint,
            username_from: None,
            tenants: vec![TenantId::default_tenant().to_string()],
            accept_signatures: false,
            max_credentials: 5,
        }
    }
}

impl Config {
    /// What the schema can't say.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong = |key: String, message: &str| Err(Fault::Config { key, message: message.to_owned() });
        if self.store.as_ref().is_some_and(String::is_empty) {
            return wrong("store".to_owned(), "a name under [plugins.trust.stores]");
        }
        if let Some(i) = self.tenants.iter().position(|tenant| TenantId::parse(tenant).is_none()) {
            return wrong(format!("tenants.{i}"), "the id of a tenant, such as \"default\"");
        }
        match (1..=20).contains(&self.max_credentials) {
            true => Ok(()),
            false => wrong("max_credentials".to_owned(), "1 to 20"),
        }
    }
}

/// A type of a few words, with one schema. (Derived, documented variants would become schemas of one word each.)
macro_rules! words {
    ($(#[$doc:meta])* $name:ident $schema:literal { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// The word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $schema.into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "enum": [$($word),+]})
            }
        }
    };
}

words! {
    /// Which certificates must not be revoked.
    Revocation "CertificateRevocation" {
        /// All but the root.
        Chain = "chain",
        /// The person's own.
        Leaf = "leaf",
        /// None is looked up.
        Off = "off",
    }
}

words! {
    /// What ties a certificate to an account.
    By "CertificateTie" {
        /// SHA-256 over the certificate.
        Fingerprint = "fingerprint",
        /// Issuer and subject.
        Subject = "subject",
        /// An `rfc822Name` among its alternative names.
        Email = "email",
        /// A user principal name among its alternative names.
        Upn = "upn",
    }
}

words! {
    /// Where a login name stands in a certificate.
    Name "CertificateName" {
        /// An `rfc822Name` among its alternative names.
        Email = "email",
        /// A user principal name among its alternative names.
        Upn = "upn",
        /// The common name of the subject.
        Cn = "cn",
        /// The user id of the subject (RFC 4519, section 2.39).
        Uid = "uid",
    }
}
