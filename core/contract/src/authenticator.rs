//! The two steps that every authenticator has.

use crate::{Assurance, Call, Challenge, Fault, Host, Keypad, Module, Traits, Verdict, Violation};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::future::Future;

/// The challenge of an authenticator.
pub type ChallengeOf<A> =
    Challenge<<A as Authenticator>::Prompt, <A as Authenticator>::State, <A as Authenticator>::Credential>;

/// The verdict of an authenticator.
pub type VerdictOf<A> =
    Verdict<<A as Authenticator>::Prompt, <A as Authenticator>::State, <A as Authenticator>::Credential>;

/// A way to prove who you are.
///
/// Implement the futures as ordinary `async fn`. Nothing here may touch the network, a clock, a file or
/// a random number generator but through [`Host`].
pub trait Authenticator: Send + Sync + Sized + 'static {
    /// Folder = config table = word in the URL = tag in the document: lower-case letters, digits, hyphens.
    const ID: &'static str;
    /// The crate's README: text of the tag and of the docs page.
    const ABOUT: &'static str;
    /// Services of the host that [`Host`]'s `call` may be asked for (`http.fetch`); others are refused.
    const NEEDS: &'static [&'static str] = &[];
    /// What it asks for is sent to the person's mailbox or phone. Two that do are one factor where a lost password is
    /// replaced by the one and the login after it could ask for the other.
    const SENDS: bool = false;
    /// Whoever is asked learns something to hold guesses against (an evaluation under the person's key): **asking is the
    /// try**. Each challenge is counted, a right answer takes it back, and any answer ends the challenge.
    const ASKING_COUNTS: bool = false;
    /// How far what it says of the person has been seen by the server itself.
    const ASSURANCE: Assurance = Assurance::Ordinary;
    /// What it brings to the hosted pages, where a form made of its schemas does not do.
    const MODULE: Option<&'static Module> = None;
    /// Version of [`Self::Credential`]; raise it with a change that old documents don't fit, and
    /// write [`Self::migrate`].
    const DOCUMENT_VERSION: u32 = 1;

    /// The table `[plugins.<id>]`, every field documented and with a default.
    type Config: Serialize + DeserializeOwned + Default + JsonSchema;
    /// What is kept about an enrolled person, sealed at rest.
    type Credential: Serialize + DeserializeOwned + Send + Sync;
    /// What a client may say when it asks for a challenge.
    type Begin: DeserializeOwned + JsonSchema + Send;
    /// What the person is shown.
    type Prompt: Serialize + JsonSchema + Send;
    /// What is kept between challenge and answer, sealed.
    type State: Serialize + DeserializeOwned + Send;
    /// What the person answers.
    type Answer: DeserializeOwned + JsonSchema + Send;

    /// Made once at start. Check here what the config's schema can't say.
    ///
    /// # Errors
    /// [`Fault::Config`] names the key; the start stops with its file and line.
    fn new(config: Self::Config, host: Host) -> Result<Self, Fault>;

    /// What this authenticator is, for policy, documents and the conformance suite.
    fn traits(&self) -> Traits;

    /// Asks the person something.
    fn challenge(
        &self,
        call: Call<'_, Self::Begin, Self::Credential>,
    ) -> impl Future<Output = Result<ChallengeOf<Self>, Fault>> + Send;

    /// Judges the answer.
    fn verify(
        &self,
        call: Call<'_, (Self::State, Self::Answer), Self::Credential>,
    ) -> impl Future<Output = Result<VerdictOf<Self>, Fault>> + Send;

    /// What of a tenant's settings can't be used with it. Asked when a tenant is made or changed.
    fn misfits(&self, keypad: &Keypad) -> Vec<Violation> {
        let _ = keypad;
        Vec::new()
    }

    /// What the owner and administrators may see of a credential beside its label and dates (a serial number, a
    /// model, how many codes are left): an object, nothing secret in it.
    fn describe(credential: &Self::Credential) -> Value {
        let _ = credential;
        Value::Null
    }

    /// Brings a document of an older version to [`Self::DOCUMENT_VERSION`].
    ///
    /// # Errors
    /// When it can't: the credential is then left as it is and can't be used.
    fn migrate(from: u32, doc: Value) -> Result<Value, Fault> {
        let _ = doc;
        Err(Fault::internal(format!("{} has no migration from document version {from}", Self::ID)))
    }
}
