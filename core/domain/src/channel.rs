//! Channels deliver messages to people.

use async_trait::async_trait;
use gatewright_contract::{Secret, Site, TenantId, Timestamp};
use uuid::Uuid;

/// A way to reach a person (mail, SMS, push). Called by the outbox, in the background and at most a few at a time.
#[async_trait]
pub trait Channel: Send + Sync + 'static {
    /// The id that [`gatewright_contract::Message::channel`] names.
    fn id(&self) -> &str;

    /// Delivers. Must end within 45 seconds, or it is cut off and counts as [`Undelivered::Later`].
    ///
    /// # Errors
    /// When the other side has not taken it.
    async fn deliver(&self, parcel: &Parcel) -> Result<(), Undelivered>;
}

/// A message on its way. Not printed: it holds an address, and perhaps a code.
pub struct Parcel {
    /// The same at each try, so that a receiver can tell one that comes twice.
    pub id: Uuid,
    /// The tenant.
    pub tenant: TenantId,
    /// Where that tenant is found from outside, and the name that people know it by.
    pub site: Site,
    /// Address or number.
    pub to: Secret<String>,
    /// Name of the template.
    pub template: String,
    /// Values for the template; may hold a code.
    pub values: Vec<(String, Secret<String>)>,
    /// BCP 47 language tag that the person prefers.
    pub locale: Option<String>,
    /// When it was written.
    pub created: Timestamp,
    /// When nobody needs it any more.
    pub expires: Timestamp,
}

/// Why it was not delivered. The words go to the log: no address, no number and no content in them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// Not now: the outbox tries again.
    #[error("{0}")]
    Later(String),
    /// Not ever: no such address, or the message itself is refused.
    #[error("{0}")]
    Never(String),
}
