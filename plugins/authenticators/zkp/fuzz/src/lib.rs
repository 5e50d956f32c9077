//! What strangers send, as bytes: it is refused or it is what it says, in its one spelling. Nothing panics, nobody is let in.

use authenticator_zkp::{
    Answer, Begin, Credential, Invite, Proof, State, Zkp,
    vp1::{self, CipherKey, Commitment, Envelope, Helper},
};
use gatewright_contract::{
    Authenticator as _, Call, Enrol as _, Enrolment, Fault, Held, Nothing, Outcome, Timestamp,
    testing::{Desk, ready, scope},
};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

const NOW: Timestamp = Timestamp::from_secs(1_772_366_400);

fn zkp() -> &'static Zkp {
    static ZKP: OnceLock<Zkp> = OnceLock::new();
    ZKP.get_or_init(|| {
        let host = Arc::new(Desk::scattered(NOW));
        Zkp::new(Default::default(), host).unwrap_or_else(|_| unreachable!("its defaults are fine"))
    })
}

/// A text, and the body of a request for a challenge or an invitation. The host of these targets evaluates nothing: what is
/// right gets as far as the evaluation.
pub fn cipher_key(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let read = CipherKey::parse(text);
    if let Some(key) = &read {
        assert!(key.text() == text, "a second spelling");
    }
    let scope = scope(NOW, Some("anna"));
    let begin: Begin = body(json!({"cipher_key": text}));
    let login = ready(zkp().challenge(Call { scope: &scope, credentials: &[], body: begin }));
    let invite: Invite = body(json!({"cipher_key": text}));
    let enrol = ready(zkp().invite(Call { scope: &scope, credentials: &[], body: invite }));
    for fault in [login.err(), enrol.err()] {
        assert!(matches!(fault, Some(Fault::BadRequest { .. })), "it is refused");
    }
}

/// The body of an answer, held against somebody who is there and against nobody.
pub fn challenge_answer(data: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    if let Some(bytes) = value["challenge_data"].as_str().and_then(vp1::bytes::<65>) {
        assert!(value["challenge_data"] == vp1::text(&bytes), "a second spelling");
        let (_, proof) = bytes.split_first_chunk::<1>().unwrap_or_else(|| unreachable!("65 bytes"));
        let proof: [u8; 64] = proof.try_into().unwrap_or_else(|_| unreachable!("64 bytes"));
        if let Some(read) = vp1::Proof::parse(&proof) {
            assert!(read.to_bytes() == proof, "a second spelling");
        }
    }
    let scope = scope(NOW, Some("anna"));
    let held = [Held { id: somebody(), label: None, created: NOW, last_used: None, doc: credential() }];
    for credentials in [&held[..], &[]] {
        let Ok(answer) = serde_json::from_value::<Answer>(value.clone()) else { return };
        let call = Call { scope: &scope, credentials, body: (state(), answer) };
        match ready(zkp().verify(call)) {
            Ok(verdict) => assert!(matches!(verdict.outcome, Outcome::Refused(_)), "somebody is let in"),
            Err(fault) => assert!(matches!(fault, Fault::BadRequest { .. }), "{fault}"),
        }
    }
}

/// The body that finishes an enrolment, or what is sealed in it.
pub fn encrypted_commitment(data: &[u8]) {
    if let Some(plain) = Commitment::parse(data) {
        assert!(plain.to_bytes() == data, "a second spelling");
        if let Some(helper) = Helper::parse(&plain.helper) {
            assert!(helper.to_bytes() == plain.helper, "a second spelling");
        }
        if let Some(key) = vp1::PublicKey::parse(&plain.public) {
            assert!(key.to_bytes() == plain.public && plain.public != [0; 32], "a second spelling");
        }
    }
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    if let Some((text, read)) =
        value["encrypted_commitment"].as_str().and_then(|t| Some((t, Envelope::parse(t)?)))
    {
        assert!(read.text() == text, "a second spelling");
    }
    let Ok(proof) = serde_json::from_value::<Proof>(value) else { return };
    let scope = scope(NOW, Some("anna"));
    match ready(zkp().enrol(Call { scope: &scope, credentials: &[], body: (Nothing {}, proof) })) {
        Ok(done) => assert!(matches!(done, Enrolment::Rejected(_)), "something is set up"),
        Err(fault) => assert!(matches!(fault, Fault::BadRequest { .. }), "{fault}"),
    }
}

fn somebody() -> gatewright_contract::CredentialId {
    gatewright_contract::CredentialId::from_parts(NOW, [1; 10])
}

/// A record with the key 2·B, whose proof would be easy to make for whoever knows; the fuzzer does not.
fn credential() -> Credential {
    body(json!({
        "public": vp1::text(&TWO), "oprf_id": vp1::text(&[2; 16]), "seed_id": vp1::text(&[3; 8]),
        "helper": vp1::text(&Helper::usual([4; 16], [5; 255]).to_bytes()),
        "flags": 3, "proto_version": "vp1", "created": NOW.0,
    }))
}

fn state() -> State {
    let key = [&[1][..], &[9; 32], &TWO].concat();
    body(json!({
        "asked": {
            "tenant": "default", "username": "anna", "client_id": "", "auth_req_id": "",
            "origin": "https://id.example.com", "cipher_key": vp1::text(&key),
            "id": vp1::text(&[7; 16]), "nonce": vp1::text(&[8; 32]), "issued": NOW.as_secs(),
            "oprf_id": vp1::text(&[2; 16]), "seed_id": vp1::text(&[3; 8]), "flags": 3,
        },
        "credential": somebody(),
    }))
}

/// Twice the base point (RFC 9496, appendix A.1).
const TWO: [u8; 32] = [
    0x6a, 0x49, 0x32, 0x10, 0xf7, 0x49, 0x9c, 0xd1, 0x7f, 0xec, 0xb5, 0x10, 0xae, 0x0c, 0xea, 0x23, 0xa1,
    0x10, 0xe8, 0xd5, 0xb9, 0x01, 0xf8, 0xac, 0xad, 0xd3, 0x09, 0x5c, 0x73, 0xa3, 0xb9, 0x19,
];

fn body<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap_or_else(|e| unreachable!("{e}"))
}
