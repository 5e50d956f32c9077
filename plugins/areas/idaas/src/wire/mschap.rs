//! Answers of RADIUS clients.

use super::formed::{Bytes, Formed};
use gatewright_plugin::Text;
use poem_openapi::Object;

/// MS-CHAP (RFC 2433).
#[derive(Object, Clone)]
#[oai(rename = "IdaasMSCHAPv1Response", rename_all = "camelCase")]
pub(crate) struct Mschapv1Response {
    /// The challenge.
    pub(crate) challenge: Formed<Bytes>,
    /// The answer to it.
    pub(crate) response: Formed<Bytes>,
}

/// MS-CHAP-V2 (RFC 2759).
#[derive(Object, Clone)]
#[oai(rename = "IdaasMSCHAPv2Response", rename_all = "camelCase")]
pub(crate) struct Mschapv2Response {
    /// The challenge.
    pub(crate) challenge: Formed<Bytes>,
    /// Identifier of the exchange.
    pub(crate) identifier: i32,
    /// The client's own challenge.
    pub(crate) peer_challenge: Formed<Bytes>,
    /// The answer to both.
    pub(crate) response: Formed<Bytes>,
    /// Name that is part of the answer.
    pub(crate) user_id: Text,
}
