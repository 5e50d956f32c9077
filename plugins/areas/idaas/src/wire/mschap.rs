//! Answers of RADIUS clients.

use super::text::{Bytes, Text};
use poem_openapi::Object;

/// MS-CHAP (RFC 2433).
#[derive(Object, Clone)]
#[oai(rename = "IdaasMSCHAPv1Response", rename_all = "camelCase")]
pub(crate) struct Mschapv1Response {
    /// The challenge.
    pub(crate) challenge: Text<Bytes>,
    /// The answer to it.
    pub(crate) response: Text<Bytes>,
}

/// MS-CHAP-V2 (RFC 2759).
#[derive(Object, Clone)]
#[oai(rename = "IdaasMSCHAPv2Response", rename_all = "camelCase")]
pub(crate) struct Mschapv2Response {
    /// The challenge.
    pub(crate) challenge: Text<Bytes>,
    /// Identifier of the exchange.
    pub(crate) identifier: i32,
    /// The client's own challenge.
    pub(crate) peer_challenge: Text<Bytes>,
    /// The answer to both.
    pub(crate) response: Text<Bytes>,
    /// Name that is part of the answer.
    pub(crate) user_id: String,
}
