//! One call of a library, and what is made of how it ends.

use super::{LibraryAuthenticator, bounds};
use crate::loader::{
    json::{bounded, legible},
    refusals::Need,
    schemas::Word,
};
use gatewright_abi::MAX_BYTES;
use gatewright_contract::{
    Body, Effects, Fault,
    wire::{Reply, Request},
};
use serde_json::Value;

/// The longest text of a plugin in an error or a log line, in characters.
const MAX_TEXT: usize = 300;

impl LibraryAuthenticator {
    /// Calls a method and reads its reply.
    pub(super) async fn ask(&self, method: &'static str, request: &Request<'_>) -> Result<Reply, Fault> {
        let bytes = request.to_bytes()?;
        if bytes.len() > MAX_BYTES {
            let what = format!("{method}: what is to be handed over is longer than {MAX_BYTES} bytes");
            return Err(self.unavailable(what, None));
        }
        let replied = self.transport.call(Self::tenant(request), method, bytes).await;
        let reply = replied.map_err(|fault| self.judged(method, fault))?;
        self.holds(method, bounded(&reply, MAX_BYTES))?;
        self.holds(method, Reply::read(&reply).map_err(|fault| fault.to_string()))
    }

    /// What a fault of the plugin is for whoever called. A bug of its own is no bug of the host's: others go on.
    fn judged(&self, method: &str, fault: Fault) -> Fault {
        match fault {
            Fault::BadRequest { field, message } => {
                Fault::BadRequest { field: legible(&field, MAX_TEXT), message: legible(&message, MAX_TEXT) }
            }
            Fault::Conflict => Fault::Conflict,
            Fault::Unavailable { what, retry_after } => {
                self.unavailable(format!("{method}: {}", legible(&what, MAX_TEXT)), retry_after)
            }
            other => {
                let text = legible(&other.to_string(), MAX_TEXT);
                self.unavailable(format!("{method}: {text}"), None)
            }
        }
    }

    fn unavailable(&self, what: String, retry_after: Option<std::time::Duration>) -> Fault {
        tracing::error!(plugin = self.manifest.id, error = what, "a plugin could not do its step");
        Fault::Unavailable { what: format!("the plugin {}: {what}", self.manifest.id), retry_after }
    }

    /// What holds; the plugin has broken its word where it does not.
    pub(super) fn holds<T>(&self, method: &str, held: Result<T, String>) -> Result<T, Fault> {
        held.map_err(|broken| self.unavailable(format!("{method}: it has broken its word: {broken}"), None))
    }

    /// What it says, held against what it has declared.
    pub(super) fn says(&self, method: &str, word: Word, value: &mut Value) -> Result<(), Fault> {
        let held = self.messages.outbound(word, value);
        self.holds(method, held.map_err(|mismatch| format!("{word:?} is not as declared ({mismatch})")))
    }

    /// What a step does to the world.
    pub(super) async fn effects(
        &self,
        method: &str,
        effects: &Effects<Body>,
        request: &Request<'_>,
    ) -> Result<(), Fault> {
        self.holds(method, bounds::changes(&effects.credentials, &request.credentials))?;
        self.holds(method, bounds::messages(&effects.send))?;
        let Some(message) = effects.send.iter().find(|m| !self.needs.permits_send(&m.channel)) else {
            return Ok(());
        };
        self.refusals.note(Self::tenant(request), Need::Send, &message.channel).await;
        let channel = legible(&message.channel, 64);
        self.holds(
            method,
            Err(format!("a message by `{channel}`, and the manifest does not need `send:{channel}`")),
        )
    }
}
