//! Optional abilities, each a trait of one or two methods.

use crate::{Authenticator, Call, Challenge, Fault, LookupKey, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{future::Future, time::Duration};

/// The invitation of an authenticator: a challenge whose state is the draft.
pub type InvitationOf<A> =
    Challenge<<A as Enrol>::Invitation, <A as Enrol>::Draft, <A as Authenticator>::Credential>;

/// The person (or an administrator for them) can set it up.
pub trait Enrol: Authenticator {
    /// What a client may say when it asks to enrol.
    type Invite: DeserializeOwned + JsonSchema + Send;
    /// What the person is shown (a QR code, rules).
    type Invitation: Serialize + DeserializeOwned + JsonSchema + Send;
    /// What is kept between the two steps, sealed.
    type Draft: Serialize + DeserializeOwned + Send;
    /// What the person sends to finish.
    type Proof: DeserializeOwned + JsonSchema + Send;
    /// What is shown exactly once after it worked (recovery codes).
    type Reveal: Serialize + DeserializeOwned + JsonSchema + Send;

    /// First step.
    fn invite(
        &self,
        call: Call<'_, Self::Invite, Self::Credential>,
    ) -> impl Future<Output = Result<InvitationOf<Self>, Fault>> + Send;

    /// Second step. Where [`crate::Traits::many`] is false, the host puts the new credential in the place
    /// of the old one.
    fn enrol(
        &self,
        call: Call<'_, (Self::Draft, Self::Proof), Self::Credential>,
    ) -> impl Future<Output = Result<Enrolment<Self::Credential, Self::Reveal>, Fault>> + Send;
}

/// How an enrolment ended.
#[derive(Debug)]
pub enum Enrolment<C, R> {
    /// It is there.
    Enrolled {
        /// The document to keep.
        credential: C,
        /// A name for it, where the person gave one.
        label: Option<String>,
        /// What finds it without the person ([`Identify`]).
        lookup: Option<LookupKey>,
        /// Shown exactly once.
        reveal: R,
    },
    /// The person can do something about it: nothing is stored, the draft stays good.
    Rejected(Vec<Violation>),
    /// Nobody has decided yet (a device that has not answered): ask again later, with the same handle.
    Pending {
        /// When asking again makes sense.
        retry_after: Duration,
    },
}

/// A rule that what was sent breaks, in words for the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Violation {
    /// Stable word, for programs.
    pub code: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// The answer itself says whose it is: passkey without a username, client certificate, upstream provider.
pub trait Identify: Authenticator {
    /// Finds the key that the credential is stored under. Runs before `verify`, without credentials;
    /// what it learns on the way (an exchanged code) it leaves in the state for `verify`.
    /// An answer that names nobody is `lookup: None`, not a fault.
    fn identify(
        &self,
        call: Call<'_, (Self::State, Self::Answer), Self::Credential>,
    ) -> impl Future<Output = Result<Identified<Self::State>, Fault>> + Send;
}

/// Whose answer it is.
#[derive(Debug)]
pub struct Identified<S> {
    /// The key under which the credential is stored.
    pub lookup: Option<LookupKey>,
    /// The state that `verify` gets.
    pub state: S,
}

/// Something from outside moves a pending challenge: a device approves, a browser comes back.
pub trait Signal: Authenticator {
    /// Whether the event must come from the browser in which the login began. True for a redirect: or else
    /// whoever begins a login and makes somebody else follow the link is let in as them (RFC 9700, section
    /// 4.7). False for a device that shows what it approves. The host checks it by a cookie.
    const SAME_BROWSER: bool;
    /// What comes in at `/auth/v1/callback/{authenticator}`.
    type Event: DeserializeOwned + JsonSchema + Send;

    /// Which challenge it is for: the `wake` key that the challenge was given.
    ///
    /// # Errors
    /// [`Fault::BadRequest`] when the event has not the shape.
    fn correlate(&self, event: &Self::Event) -> Result<LookupKey, Fault>;

    /// Whose event it says it is, where the login does not know yet (a device that approves what nobody has begun by
    /// name): `signal` is then handed the credentials of the person who has the one stored under this key. Proves
    /// nothing.
    fn speaks_for(&self, event: &Self::Event) -> Option<LookupKey> {
        let _ = event;
        None
    }

    /// The state after the event; `verify` (the next poll) decides. During an enrolment the state is the draft:
    /// who is signalled then makes both one type. `None`: the event is refused and
    /// nothing changes.
    fn signal(
        &self,
        call: Call<'_, (Self::State, Self::Event), Self::Credential>,
    ) -> impl Future<Output = Result<Option<Self::State>, Fault>> + Send;
}

/// The holder of a credential asks outside of any login: a device fetches what waits for it.
pub trait Attend: Authenticator {
    /// What comes in at `/auth/v1/device/{authenticator}`.
    type Ask: DeserializeOwned + JsonSchema + Send;
    /// What is told.
    type Reply: Serialize + JsonSchema + Send;

    /// The key that the asking credential says it is stored under. Proves nothing.
    ///
    /// # Errors
    /// [`Fault::BadRequest`] when what was asked has not the shape.
    fn asker(&self, ask: &Self::Ask) -> Result<LookupKey, Fault>;

    /// Answers. `call.credentials` holds that one credential, and none where the key is nobody's; `None`: refused,
    /// and that must look the same for both.
    fn attend(
        &self,
        call: Call<'_, Self::Ask, Self::Credential>,
    ) -> impl Future<Output = Result<Option<Self::Reply>, Fault>> + Send;
}

/// How a person would act, so that the conformance suite and the examples in the document are real.
/// It computes from what the *person* has seen, never from the credential.
pub trait Rehearse: Enrol {
    /// What a person sends to finish the enrolment.
    fn prove(invitation: &Self::Invitation, now: Timestamp) -> serde_json::Value;

    /// What an enrolled person answers; `turn` counts the answers given so far (a list of codes is
    /// used up in order). `None`: can't be answered from here.
    fn answer(
        invitation: &Self::Invitation,
        reveal: &Self::Reveal,
        prompt: &serde_json::Value,
        now: Timestamp,
        turn: usize,
    ) -> Option<serde_json::Value>;
}
