//! "Could not tell": everything that is neither yes nor no.

use std::time::Duration;

/// Why a step could not be decided. A wrong answer is not a fault, it is [`crate::Verdict::refused`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// What was sent does not have the declared shape. Shown to the caller: never repeat a value in it.
    #[error("{message}")]
    BadRequest {
        /// Dotted path of the field, empty for the whole body.
        field: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// Something that is needed does not answer now.
    #[error("unavailable: {what}")]
    Unavailable {
        /// For the log.
        what: String,
        /// When trying again makes sense.
        retry_after: Option<Duration>,
    },
    /// Somebody else changed the same thing first; the host has already tried again.
    #[error("changed by somebody else in the meantime")]
    Conflict,
    /// The configuration of this plugin is wrong in a way that its schema cannot say.
    #[error("{key}: {message}")]
    Config {
        /// Key inside the plugin's table.
        key: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A bug or damaged data. Logged with its sources, shown as 500 without detail.
    #[error("{message}")]
    Internal {
        /// For the log; never a secret.
        message: String,
        /// What led to it.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl Fault {
    /// A bug or damaged data.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal { message: message.into(), source: None }
    }

    /// A bug or damaged data, with the error that showed it.
    pub fn caused(
        message: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Internal { message: message.into(), source: Some(source.into()) }
    }

    /// A body of the wrong shape.
    pub fn bad_request(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::BadRequest { field: field.into(), message: message.into() }
    }

    /// Something that is needed does not answer.
    pub fn unavailable(what: impl Into<String>) -> Self {
        Self::Unavailable { what: what.into(), retry_after: None }
    }
}
