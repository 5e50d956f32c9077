//! Channels deliver messages to people.

use async_trait::async_trait;
use gatewright_contract::{Fault, Message, TenantId};

/// A way to reach a person (mail, SMS, push).
#[async_trait]
pub trait Channel: Send + Sync + 'static {
    /// The id that [`Message::channel`] names.
    fn id(&self) -> &str;

    /// Takes the message over. Delivery may happen later.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when it can't be taken.
    async fn deliver(&self, tenant: &TenantId, message: Message) -> Result<(), Fault>;
}
