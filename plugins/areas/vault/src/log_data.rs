//! What a client has seen of face and movement, as it says.

use crate::log_evidence::LogEvidence;
use gatewright_plugin::Text;
use poem_openapi::{Object, types::Example};

/// The client's own word about face and liveness. Nothing rests on it; what is not described here, or not of the type described, is
/// not kept.
#[derive(Object)]
#[oai(rename = "LogData", example)]
pub(crate) struct LogData {
    /// How it went.
    #[oai(validator(max_length = 64), skip_serializing_if_is_none)]
    status: Option<Text>,
    /// How much two faces are alike.
    #[oai(skip_serializing_if_is_none)]
    similarity: Option<f64>,
    /// What that rests on.
    #[oai(skip_serializing_if_is_none)]
    evidence: Option<LogEvidence>,
}

impl Example for LogData {
    fn example() -> Self {
        Self {
            status: Some("success".into()),
            similarity: Some(0.91),
            evidence: Some(LogEvidence::example()),
        }
    }
}
