//! A panic ends at the boundary: what unwinds into C ends the process.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// As much of a panic's message as goes to the host.
const MOST_CHARS: usize = 400;

/// What the code of the plugin gives, or the words with which it panicked.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    // Whatever a panic left half done is not used again: a task ends with it, an instance is not made.
    catch_unwind(AssertUnwindSafe(work)).map_err(words)
}

/// Does what may panic, such as to drop a value of the plugin, where nobody waits for the outcome.
pub(crate) fn quietly(work: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
        // The payload is of the plugin's making too, and may panic when it is dropped. It is not.
        std::mem::forget(payload);
    }
}

fn words(payload: Box<dyn Any + Send>) -> String {
    let said = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (None, Some(text)) => text.as_str(),
        (None, None) => "a value that is no text",
    };
    let said = said.chars().take(MOST_CHARS).collect();
    quietly(|| drop(payload));
    said
}
