//! Whoever changes one thing of a proof, or of what it is for, does not get in.

use super::{CHALLENGE, ask, asked, many_tries, somebody};
use kit::{
    Call, Kit, Login, Reply, Store,
    vp1::{Asking, Secret, Told, b64u, of_b64u},
};
use serde_json::{Value, json};

async fn told(kit: &Kit, secret: &Secret) -> (String, Told) {
    asked(kit, "ann", secret).await
}

#[tokio::test]
async fn a_proof_for_anything_else_is_no_proof() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    let bends: [fn(&mut Told); 11] = [
        |t| t.context.purpose = "elevate".to_owned(),
        |t| t.context.tenant = "acme".to_owned(),
        |t| t.context.username = "Ann".to_owned(),
        |t| t.context.client_id = "another".to_owned(),
        |t| t.context.auth_req_id = "another".to_owned(),
        |t| t.context.origin = "https://evil.example".to_owned(),
        |t| t.sealed.challenge_id[0] ^= 1,
        |t| t.sealed.nonce[31] ^= 1,
        |t| t.sealed.issued += 1,
        |t| t.asking.epk[0] ^= 1,
        // Another helper makes another key of the same secret.
        |t| t.sealed.helper[0] ^= 1,
    ];
    for (number, bend) in bends.into_iter().enumerate() {
        let (transaction, told) = told(&kit, &secret).await;
        let mut bent = told.clone();
        bend(&mut bent);
        let mut answer = bent.answer();
        answer["challenge_id"] = json!(told.challenge_id());
        kit.answer(&transaction, "zkp", answer).await.expect(401);
        let (transaction, told) = self::told(&kit, &secret).await;
        let binding = told.prove(told.key().as_ref(), b"\0\x03a@b");
        if number == 0 {
            kit.answer(&transaction, "zkp", told.answer_of(&binding)).await.expect(401);
        }
    }
    let (transaction, told) = told(&kit, &secret).await;
    Login::of(&kit.answer(&transaction, "zkp", told.answer()).await);
}

#[tokio::test]
async fn what_is_said_again_must_be_what_was_asked_with() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    somebody(&kit, "bob", &secret).await;
    let with = |told: &Told, name: &str, value: Value| {
        let mut answer = told.answer();
        answer[name] = value;
        answer
    };
    let other_key = Asking::login(&secret).cipher_key();
    for (name, value) in [
        ("username", json!("bob")),
        ("cipher_key", json!(other_key)),
        ("auth_req_id", json!("another")),
        ("challenge_id", json!(b64u(&[0; 16]))),
    ] {
        let (transaction, told) = told(&kit, &secret).await;
        kit.answer(&transaction, "zkp", with(&told, name, value)).await.expect(401);
    }
    let (transaction, told) = told(&kit, &secret).await;
    let mut answer = with(&told, "username", json!("ann"));
    answer["cipher_key"] = json!(told.asking.cipher_key());
    answer["auth_req_id"] = json!("");
    Login::of(&kit.answer(&transaction, "zkp", answer).await);
    // Bob's proof, in Ann's login: he has the same secret, and another key.
    let (_, of_bob) = asked(&kit, "bob", &secret).await;
    let (transaction, of_ann) = self::told(&kit, &secret).await;
    let mut answer = of_ann.answer();
    answer["challenge_data"] = of_bob.answer()["challenge_data"].clone();
    kit.answer(&transaction, "zkp", answer).await.expect(401);
}

/// The little-endian order of the group, which is no canonical scalar.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The same scalar, not in its one encoding.
fn plus_order(scalar: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let add = |(a, b): (&u8, &u8)| {
        let sum = u16::from(*a) + u16::from(*b) + carry;
        carry = sum >> 8;
        u8::try_from(sum & 0xff).expect("a byte")
    };
    scalar.iter().zip(&ORDER).map(add).collect()
}

/// Makes another proof of one.
type Bend = fn(&[u8]) -> Vec<u8>;

#[tokio::test]
async fn scalars_have_one_encoding_and_a_proof_has_one_version() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    let bends: [Bend; 5] = [
        |proof| [&[1], &plus_order(&proof[1..33])[..], &proof[33..]].concat(),
        |proof| [&proof[..33], &plus_order(&proof[33..])].concat(),
        |proof| [&[2], &proof[1..]].concat(),
        |proof| [&[1], &proof[33..], &proof[1..33]].concat(),
        |_| [&[1][..], &[0; 64]].concat(),
    ];
    let mut said = Vec::new();
    for bend in bends {
        let (transaction, told) = told(&kit, &secret).await;
        let proof = of_b64u(told.answer()["challenge_data"].as_str().unwrap());
        let answer = json!({"challenge_id": told.challenge_id(), "challenge_data": b64u(&bend(&proof))});
        said.push(kit.answer(&transaction, "zkp", answer).await.expect(401).text());
    }
    assert!(said.iter().all(|text| *text == said[0]), "one refusal for all: {said:?}");
}

#[tokio::test]
async fn what_has_not_its_length_or_its_one_spelling_is_no_answer() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    let (transaction, told) = told(&kit, &secret).await;
    let good = told.answer();
    let text = good["challenge_data"].as_str().unwrap();
    let bad = [
        json!(format!("{text}A")),
        json!(&text[..86]),
        json!(format!("{}=", &text[..86])),
        // 87 letters hold 522 bits: the last two must be nothing.
        json!(format!("{}B", &text[..86])),
        json!(format!("{}+", &text[..86])),
        json!(""),
        json!(7),
        Value::Null,
    ];
    for data in bad {
        let answer = json!({"challenge_id": told.challenge_id(), "challenge_data": data});
        let refused = kit.answer(&transaction, "zkp", answer).await.expect(400);
        assert!(!refused.text().contains(&text[..12]), "{}", refused.text());
    }
    let deep = (0..20).fold(json!(1), |inner, _| json!({"a": inner}));
    for (name, value) in [
        ("log_data", json!({"x": "x".repeat(17_000)})),
        ("log_data", deep),
        ("email", json!("ann@example.org")),
        ("more", json!(1)),
    ] {
        let mut answer = good.clone();
        answer[name] = value;
        kit.answer(&transaction, "zkp", answer).await.expect(400);
    }
}

async fn asked_with(kit: &Kit, key: &Value) -> Reply {
    let body = json!({"transaction": kit.begin("ann").await, "begin": {"cipher_key": key}});
    kit.send(Call::post(CHALLENGE).json(&body)).await
}

#[tokio::test]
async fn a_key_to_ask_with_that_is_none_is_refused_for_everybody() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    let asking = Asking::login(&secret);
    let bytes = asking.key_bytes();
    let with = |at: usize, with: &[u8]| {
        let mut bent = bytes.clone();
        bent[at..at + with.len()].copy_from_slice(with);
        json!(b64u(&bent))
    };
    let good = asking.cipher_key();
    let bad = [
        with(0, &[2]),
        with(0, &[0]),
        // X25519 with a point of low order makes a key that everybody knows (RFC 7748, section 6.1).
        with(1, &[0; 32]),
        with(33, &[0; 32]),
        with(33, &ORDER),
        json!(format!("{good}A")),
        json!(&good[..86]),
        json!(""),
    ];
    for key in &bad {
        asked_with(&kit, key).await.expect(400);
    }
    somebody(&kit, "ann", &secret).await;
    for key in &bad {
        asked_with(&kit, key).await.expect(400);
    }
    ask(&kit, &kit.begin("ann").await, &asking).await.expect(200);
}

/// Asks and answers, each from a page.
async fn from_pages(kit: &Kit, secret: &Secret, asks: Option<&str>, believes: &str) -> Reply {
    let asking = Asking::login(secret);
    let body = json!({"transaction": kit.begin("ann").await, "begin": {"cipher_key": asking.cipher_key()}});
    let call = Call::post(CHALLENGE).json(&body);
    let call = match asks {
        Some(page) => call.header("origin", page),
        None => call,
    };
    let reply = kit.send(call).await.expect(200);
    let told = asking.told(&reply.json()["prompt"], believes);
    let body = json!({"transaction": reply.str("transaction"), "answer": told.answer()});
    kit.send(Call::post("/auth/v1/login/zkp").json(&body)).await
}

#[tokio::test]
async fn a_proof_names_the_page_that_asked() {
    let url = "[login.site]\nurl = \"https://id.example\"\n";
    let kit = many_tries(Store::Memory).config(url).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    let own = "https://id.example";
    from_pages(&kit, &secret, None, "").await.expect(200);
    from_pages(&kit, &secret, Some(own), own).await.expect(200);
    // Somebody else's page relays honestly what the person's browser proves to it.
    from_pages(&kit, &secret, Some(own), "https://id.example.evil.example").await.expect(401);
    from_pages(&kit, &secret, None, "https://evil.example").await.expect(401);
    from_pages(&kit, &secret, Some(own), "").await.expect(401);
}

#[tokio::test]
async fn a_page_elsewhere_gets_neither_a_challenge_nor_an_invitation() {
    let url = "[login.site]\nurl = \"https://id.example\"\n";
    let kit = many_tries(Store::Memory).config(url).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    let elsewhere = |call: Call| kit.send(call.header("origin", "http://127.0.0.1:8080"));
    let key = Asking::login(&secret).cipher_key();
    let transaction = kit.begin("ann").await;
    let body = json!({"transaction": transaction, "begin": {"cipher_key": key}});
    let said = elsewhere(Call::post(CHALLENGE).json(&body)).await.expect(400);
    assert!(said.text().contains("http.public_url"), "{}", said.text());
    // The transaction is as it was.
    let asked = kit.send(Call::post(CHALLENGE).json(&body).header("origin", "https://id.example")).await;
    asked.expect(200);
    let token = kit.login("ann").await.access_token;
    let body = json!({"invite": {"cipher_key": Asking::enrol(&secret).cipher_key()}});
    let call = || Call::post("/auth/v1/enrol/zkp").bearer(&token).json(&body);
    elsewhere(call()).await.expect(400);
    kit.send(call()).await.expect(200);
}
