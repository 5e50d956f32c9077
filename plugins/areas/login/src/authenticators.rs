//! `GET /authenticators`

use crate::LoginTags;
use gatewright_contract::{Kind, Manifest};
use gatewright_plugin::House;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi, payload::Json, types::Example};

pub(crate) struct Authenticators(House);

impl Authenticators {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// A way to prove who you are.
#[derive(Object)]
#[oai(rename = "LoginAuthenticator", example)]
struct LoginAuthenticator {
    /// Its id: the word in the URL, and its tag in this document.
    id: String,
    /// What the proof rests on.
    kind: LoginKind,
    /// The proof is bound to the origin that asked for it (NIST SP 800-63B-4, section 3.2.5).
    phishing_resistant: bool,
    /// At which steps it is used, unless a tenant has settled otherwise.
    steps: LoginSteps,
    /// People can set it up themselves.
    can_enrol: bool,
    /// The answer itself says who it is: a login can begin without a username.
    identifies: bool,
    /// Version of the plugin.
    version: String,
}

/// At which steps of a login an authenticator is used.
#[derive(Object)]
#[oai(rename = "LoginSteps")]
struct LoginSteps {
    /// As the first proof.
    first: bool,
    /// As the second proof.
    second: bool,
    /// Only in the place of another second proof that is lost (recovery codes).
    fallback: bool,
}

/// What a proof rests on (NIST SP 800-63B-4, section 2): something you know, have or are, or somebody else vouches.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "LoginKind", rename_all = "lowercase")]
enum LoginKind {
    Knowledge,
    Possession,
    Inherence,
    Federation,
    Remembered,
}

impl From<Kind> for LoginKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Knowledge => Self::Knowledge,
            Kind::Possession => Self::Possession,
            Kind::Inherence => Self::Inherence,
            Kind::Federation => Self::Federation,
            Kind::Remembered => Self::Remembered,
        }
    }
}

impl From<&Manifest> for LoginAuthenticator {
    fn from(manifest: &Manifest) -> Self {
        let traits = &manifest.traits;
        Self {
            id: manifest.id.clone(),
            kind: traits.kind.into(),
            phishing_resistant: traits.phishing_resistant,
            steps: LoginSteps {
                first: traits.steps.first,
                second: traits.steps.second,
                fallback: traits.steps.fallback,
            },
            can_enrol: manifest.abilities.enrol,
            identifies: manifest.abilities.identify,
            version: manifest.version.clone(),
        }
    }
}

impl Example for LoginAuthenticator {
    fn example() -> Self {
        Self {
            id: "password".to_owned(),
            kind: LoginKind::Knowledge,
            phishing_resistant: false,
            steps: LoginSteps { first: true, second: false, fallback: false },
            can_enrol: true,
            identifies: false,
            version: "0.1.0".to_owned(),
        }
    }
}

#[derive(ApiResponse)]
enum ListReply {
    /// All of them, by id.
    #[oai(status = 200)]
    List(Json<Vec<LoginAuthenticator>>),
}

#[OpenApi]
impl Authenticators {
    /// List the authenticators
    ///
    /// What this server can ask for, whoever it is. What is due in a login is in its `next`.
    #[oai(
        path = "/authenticators",
        method = "get",
        operation_id = "login_authenticators",
        tag = "LoginTags::Login"
    )]
    async fn list(&self) -> ListReply {
        ListReply::List(Json(self.0.engine.catalogue().iter().map(|a| a.manifest().into()).collect()))
    }
}
