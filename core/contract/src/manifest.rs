//! What an authenticator says about itself.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the proof rests on (NIST SP 800-63B-4, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Something you know.
    Knowledge,
    /// Something you have.
    Possession,
    /// Something you are.
    Inherence,
    /// Somebody else vouches (an upstream provider).
    Federation,
    /// A second factor that was proven earlier, on a device that is remembered since. It spares that factor at a login,
    /// where the tenant's policy names it; it is no kind of its own, no proof for what is dangerous, and goes when what
    /// it rests on changes.
    Remembered,
}

/// At which steps of a login an authenticator is used unless a tenant's policy says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps {
    /// As the first proof.
    pub first: bool,
    /// As the second.
    pub second: bool,
    /// Only when another second factor is enrolled that is lost now (recovery codes): alone it does not
    /// make a second factor due.
    pub fallback: bool,
}

/// What policy, documents and the conformance suite go by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traits {
    /// Authentication method references (RFC 8176).
    pub amr: Vec<String>,
    /// What the proof rests on.
    pub kind: Kind,
    /// The proof is bound to the origin that asked (NIST SP 800-63B-4, section 3.2.5).
    pub phishing_resistant: bool,
    /// A person may have several.
    pub many: bool,
    /// An answer is good once ever.
    pub single_use: bool,
    /// Where it is used by default.
    pub steps: Steps,
    /// A person may set it up alone; otherwise only an administrator may, for them.
    pub self_service: bool,
}

/// How far what an authenticator says of a person has been seen by the server itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Assurance {
    /// By what it is built on: a secret, a key.
    #[default]
    Ordinary,
    /// The server has looked itself at what a device would otherwise only claim (the frames of a camera).
    ServerVerified,
}

/// What an authenticator brings to the hosted pages: one script (an ECMAScript module) and what it needs. The page hands it
/// what was asked, and sends what it says; see the README of the area `pages`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Module {
    /// The script; none: it was not built in, and the page says so.
    pub script: Option<&'static [u8]>,
    /// Its style sheet.
    pub style: Option<&'static [u8]>,
    /// It runs workers from its own script, in which WebAssembly may be compiled; the page itself may not.
    pub computes: bool,
    /// It shows pictures of its own and, where something is set up, asks for the camera.
    pub camera: bool,
}

/// Which optional abilities are registered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abilities {
    /// [`crate::Enrol`].
    pub enrol: bool,
    /// [`crate::Identify`].
    pub identify: bool,
    /// [`crate::Signal`].
    pub signal: bool,
    /// [`crate::Signal::SAME_BROWSER`].
    #[serde(default)]
    pub same_browser: bool,
    /// [`crate::Rehearse`].
    pub rehearse: bool,
    /// [`crate::Attend`].
    #[serde(default)]
    pub attend: bool,
}

/// JSON Schemas (the OpenAPI 3.0 dialect) of everything that goes in and out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Schemas {
    /// The config table (draft 2020-12).
    pub config: Value,
    /// The config table when nothing is written.
    pub config_default: Value,
    /// Body of the challenge request.
    pub begin: Value,
    /// What the person is shown.
    pub prompt: Value,
    /// Body of the answer.
    pub answer: Value,
    /// Body of the enrolment request.
    pub invite: Option<Value>,
    /// What the person is shown to enrol.
    pub invitation: Option<Value>,
    /// Body that finishes the enrolment.
    pub proof: Option<Value>,
    /// What is shown once after it.
    pub reveal: Option<Value>,
    /// What comes in from outside.
    pub event: Option<Value>,
    /// What a device asks.
    #[serde(default)]
    pub ask: Option<Value>,
    /// What it is told.
    #[serde(default)]
    pub reply: Option<Value>,
}

/// The declaration of one authenticator, made from its types (or read from a shared library).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// See [`crate::Authenticator::ID`].
    pub id: String,
    /// Version of the plugin.
    pub version: String,
    /// See [`crate::CONTRACT`].
    pub contract: u32,
    /// See [`crate::Authenticator::ABOUT`].
    pub about: String,
    /// See [`crate::Authenticator::DOCUMENT_VERSION`].
    pub document_version: u32,
    /// See [`crate::Authenticator::NEEDS`].
    #[serde(default)]
    pub needs: Vec<String>,
    /// See [`crate::Authenticator::SENDS`].
    #[serde(default)]
    pub sends: bool,
    /// See [`crate::Authenticator::ASKING_COUNTS`].
    #[serde(default)]
    pub asking_counts: bool,
    /// See [`crate::Authenticator::ASSURANCE`].
    #[serde(default)]
    pub assurance: Assurance,
    /// What it is.
    pub traits: Traits,
    /// What it can do besides.
    pub abilities: Abilities,
    /// What goes in and out.
    pub schemas: Schemas,
}

/// The schema of a type in the dialect of OpenAPI 3.0, everything inlined.
pub fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::openapi3().with(|s| {
        s.inline_subschemas = true;
        s.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// The schema of a config type (JSON Schema draft 2020-12), everything inlined.
pub(crate) fn config_schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}
