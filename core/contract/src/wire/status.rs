//! How a call ended, as a number and an explanation.

use crate::Fault;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How a call ended. The numbers are those of `gatewright.h` and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// There is a reply.
    Ok = 0,
    /// What was sent does not have the declared shape ([`Fault::BadRequest`]).
    BadRequest = 1,
    /// Something that is needed does not answer now ([`Fault::Unavailable`]).
    Unavailable = 2,
    /// Somebody else was first ([`Fault::Conflict`]).
    Conflict = 3,
    /// The configuration is wrong ([`Fault::Config`]).
    Config = 4,
    /// A bug or damaged data ([`Fault::Internal`]).
    Internal = 5,
    /// The plugin panicked.
    Panic = 6,
    /// There is no such method.
    UnknownMethod = 7,
    /// The manifest did not ask for it.
    NotPermitted = 8,
}

impl Status {
    /// Of its number; what is unknown is a bug.
    pub fn of(number: i32) -> Self {
        match number {
            0 => Self::Ok,
            1 => Self::BadRequest,
            2 => Self::Unavailable,
            3 => Self::Conflict,
            4 => Self::Config,
            6 => Self::Panic,
            7 => Self::UnknownMethod,
            8 => Self::NotPermitted,
            _ => Self::Internal,
        }
    }
}

/// The explanation that goes with a status: JSON, or plain text, which is then the message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refused {
    /// In words. With [`Status::BadRequest`] it is shown to the caller: no value in it.
    pub message: String,
    /// Dotted path of the member that is wrong ([`Status::BadRequest`]), or the key ([`Status::Config`]).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// When trying again makes sense ([`Status::Unavailable`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Refused {
    /// A message alone.
    pub fn saying(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// The bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what came with a status, whatever it is.
    pub fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_else(|_| Self::saying(String::from_utf8_lossy(bytes)))
    }

    /// Status and explanation of a fault.
    pub fn of(fault: &Fault) -> (Status, Self) {
        match fault {
            Fault::BadRequest { field, message } => {
                (Status::BadRequest, Self { field: field.clone(), ..Self::saying(message) })
            }
            Fault::Unavailable { what, retry_after } => {
                let retry_after_ms = retry_after.map(|d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX));
                (Status::Unavailable, Self { retry_after_ms, ..Self::saying(what) })
            }
            Fault::Conflict => (Status::Conflict, Self::saying(fault.to_string())),
            Fault::Config { key, message } => {
                (Status::Config, Self { field: key.clone(), ..Self::saying(message) })
            }
            Fault::Internal { message, source } => {
                let text = match source {
                    Some(source) => format!("{message}: {source}"),
                    None => message.clone(),
                };
                (Status::Internal, Self::saying(text))
            }
        }
    }

    /// The fault that a status (not [`Status::Ok`]) and this explanation say.
    pub fn fault(self, status: Status) -> Fault {
        match status {
            Status::BadRequest => Fault::BadRequest { field: self.field, message: self.message },
            Status::Unavailable => Fault::Unavailable {
                what: self.message,
                retry_after: self.retry_after_ms.map(Duration::from_millis),
            },
            Status::Conflict => Fault::Conflict,
            Status::Config => Fault::Config { key: self.field, message: self.message },
            Status::Panic => Fault::unavailable(format!("the plugin panicked: {}", self.message)),
            Status::UnknownMethod => Fault::internal(format!("no such method: {}", self.message)),
            Status::NotPermitted => Fault::internal(format!("not permitted: {}", self.message)),
            Status::Ok | Status::Internal => Fault::internal(self.message),
        }
    }
}
