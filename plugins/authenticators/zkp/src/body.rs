//! What goes in and out. Binary values are base64url without padding (RFC 4648, section 5), each in its one spelling.

use crate::{
    bounded::Report,
    vp1::{VERSION, text},
};
use gatewright_contract::Keypad;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a client says when it asks for a challenge.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"cipher_key": cipher_key(1)}))]
pub struct Begin {
    /// 65 bytes: `01`, an X25519 key made for this challenge, and PIN and pattern, blinded (RFC 9497).
    #[schemars(length(equal = 87))]
    pub cipher_key: String,
}

/// What the client is told: what is sealed, and what its proof must name besides. What is not there is an empty text. The
/// origin is the page's own.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Prompt::example())]
pub struct Prompt {
    /// Sealed to the key in `cipher_key` (RFC 9180): id, nonce, evaluation, salt and sketch.
    #[schemars(length(equal = 600))]
    pub challenge_data: String,
    /// The protocol: `vp1`.
    pub proto_version: String,
    /// `login` or `elevate`.
    pub purpose: String,
    /// The tenant.
    pub tenant: String,
    /// The login name, as it was typed.
    pub username: String,
    /// The program that asks.
    pub client_id: String,
    /// The authorization request that it is for.
    pub auth_req_id: String,
    /// What the tenant asks for beside the picture, now: whose secret was set up under other settings is not said.
    pub keypad: Keypad,
}

/// What the client answers. What is given beside the proof must be what the challenge was asked for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"challenge_id": text(&[7; 16]), "challenge_data": text(&PROOF)}))]
pub struct Answer {
    /// 16 bytes, out of the sealed challenge.
    #[schemars(length(equal = 22))]
    pub challenge_id: String,
    /// 65 bytes: `01` and the proof (RFC 8235).
    #[schemars(length(equal = 87))]
    pub challenge_data: String,
    /// The login name.
    #[serde(default)]
    #[schemars(length(max = 320))]
    pub username: Option<String>,
    /// As it was sent for the challenge.
    #[serde(default)]
    #[schemars(length(equal = 87))]
    pub cipher_key: Option<String>,
    /// The authorization request.
    #[serde(default)]
    #[schemars(length(max = 256))]
    pub auth_req_id: Option<String>,
    /// The new address, where the proof changes it; at no other time.
    #[serde(default)]
    #[schemars(length(max = 320))]
    pub email: Option<String>,
    /// How far the picture was from the one that was set up, as the client says. At most 16 KiB, 8 deep; not kept.
    #[serde(default)]
    pub ber: Option<Report>,
    /// What the client says about camera and liveness. At most 16 KiB, 8 deep; decides nothing and is not kept.
    #[serde(default)]
    pub log_data: Option<Report>,
}

/// What a client says when it asks to set something up.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"cipher_key": cipher_key(2)}))]
pub struct Invite {
    /// 65 bytes: `02`, an X25519 key made for this, and PIN and pattern, blinded (RFC 9497).
    #[schemars(length(equal = 87))]
    pub cipher_key: String,
}

/// What the client is told to set something up: like a challenge, and the key that its commitment is sealed to.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Invitation::example())]
pub struct Invitation {
    /// Sealed to the key in `cipher_key` (RFC 9180): id, nonce, evaluation. Salt and sketch in it mean nothing.
    #[schemars(length(equal = 600))]
    pub challenge_data: String,
    /// The protocol: `vp1`.
    pub proto_version: String,
    /// `register`, `change` or `reset`.
    pub purpose: String,
    /// The tenant.
    pub tenant: String,
    /// The login name, as it was typed.
    pub username: String,
    /// The program that asks.
    pub client_id: String,
    /// The authorization request that it is for.
    pub auth_req_id: String,
    /// What the tenant asks for beside the picture.
    pub keypad: Keypad,
    /// The server's X25519 key, 32 bytes.
    #[schemars(length(equal = 43))]
    pub hpke_public_key: String,
    /// Its name, 8 bytes.
    #[schemars(length(equal = 11))]
    pub kid: String,
}

/// What the client sends to finish.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"encrypted_commitment": text(&[1; 479]), "proto_version": "vp1"}))]
pub struct Proof {
    /// 479 bytes: `01`, the name of the server's key, and what is sealed to it (RFC 9180).
    #[schemars(length(equal = 639))]
    pub encrypted_commitment: String,
    /// The protocol: `vp1`.
    #[schemars(length(max = 32))]
    pub proto_version: String,
    /// The address that an account is registered with; left out otherwise.
    #[serde(default)]
    #[schemars(length(max = 320))]
    pub email: String,
    /// The mailed code by which a lost secret is replaced; left out otherwise.
    #[serde(default)]
    #[schemars(length(max = 256))]
    pub code: String,
    /// What the client says about camera and liveness. At most 16 KiB, 8 deep; decides nothing and is not kept.
    #[serde(default)]
    pub log_data: Option<Report>,
}

impl Prompt {
    fn example() -> Self {
        Self {
            challenge_data: text(&[7; 450]),
            proto_version: VERSION.to_owned(),
            purpose: "login".to_owned(),
            tenant: "default".to_owned(),
            username: "alice".to_owned(),
            client_id: String::new(),
            auth_req_id: String::new(),
            keypad: keypad(),
        }
    }
}

impl Invitation {
    fn example() -> Self {
        let Prompt {
            challenge_data, proto_version, tenant, username, client_id, auth_req_id, keypad, ..
        } = Prompt::example();
        Self {
            challenge_data,
            proto_version,
            purpose: "register".to_owned(),
            tenant,
            username,
            client_id,
            auth_req_id,
            keypad,
            hpke_public_key: text(&[9; 32]),
            kid: text(&[5; 8]),
        }
    }
}

fn keypad() -> Keypad {
    let order = vec!["PIN".to_owned(), "PATTERN".to_owned()];
    Keypad { pin: Some(6), pattern: Some(3), order, show_pin: false }
}

/// A proof of nothing: its numbers are small.
const PROOF: [u8; 65] = {
    let mut proof = [0; 65];
    (proof[0], proof[1], proof[33]) = (1, 1, 1);
    proof
};

/// Both halves are the base points' encodings (RFC 7748, section 4.1; RFC 9496, section 4.1).
fn cipher_key(kind: u8) -> Value {
    let mut bytes = [0; 65];
    (bytes[0], bytes[1]) = (kind, 9);
    bytes[33..].copy_from_slice(&curve25519_dalek::constants::RISTRETTO_BASEPOINT_COMPRESSED.0);
    Value::from(text(&bytes))
}
