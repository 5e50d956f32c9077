//! Every proof that is none: refused in one and the same way.

use super::*;
use kit::vp1::{Picture, b64u, of_b64u};

/// A proof for a login of Ann that would be right.
async fn right(kit: &Kit, secret: &Secret) -> (Told, Value) {
    let told = Page::of(kit).to_login("ann", secret).await;
    let form = form(&told);
    (told, form)
}

#[tokio::test]
async fn wrong_pin_pattern_picture_and_nobody_are_refused_alike() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    let wrong = [
        secret.pin("000000"),
        secret.pattern(&[0, 1, 2, 5]),
        secret.pattern(&[8, 5, 2, 1, 0]),
        secret.picture(Picture::of(2)),
        Secret::without_pattern(1),
        Secret::of(2),
    ];
    for secret in wrong {
        refused(page.login("ann", &secret).await);
    }
    for username in ["nobody", "ann2", "ann@example.org"] {
        refused(page.login(username, &secret).await);
    }
    // Somebody who has no such secret, and somebody who is kept out.
    kit.person("bob").await;
    refused(page.login("bob", &secret).await);
    page.login("ann", &secret).await.expect(200);
    let tenant = gatewright_contract::TenantId::default_tenant();
    let ann = kit.app.engine.find_person(&tenant, "ann").await.unwrap().unwrap();
    kit.disable(&ann).await;
    refused(page.login("ann", &secret).await);
}

#[tokio::test]
async fn a_proof_is_good_once_and_for_its_challenge() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    let (_, once) = right(&kit, &secret).await;
    page.authenticate(&once).await.expect(200);
    refused(page.authenticate(&once).await);
    // The old proof, with the id of another challenge.
    let (_, other) = right(&kit, &secret).await;
    refused(page.authenticate(&with(once, json!({"challenge_id": other["challenge_id"]}))).await);
    // Whatever came of it, that challenge has been answered.
    refused(page.authenticate(&other).await);
}

#[tokio::test]
async fn of_two_at_once_one_wins() {
    for store in [Store::Memory, Store::Sqlite] {
        let kit = Kit::with(store).mailbox().config(OPEN).config(UNLIMITED).start().await;
        let secret = ann(&kit).await;
        let (_, form) = right(&kit, &secret).await;
        let pages = [Page::of(&kit), Page::of(&kit)];
        let (a, b) = tokio::join!(pages[0].authenticate(&form), pages[1].authenticate(&form));
        let (won, lost) = if a.status.is_success() { (a, b) } else { (b, a) };
        won.expect(200);
        refused(lost);
    }
}

#[tokio::test]
async fn what_the_challenge_was_not_for_is_refused() {
    let kit = world().await;
    let secret = ann(&kit).await;
    Page::of(&kit).register("bob", "bob@example.org", &Secret::of(2)).await.expect(201);
    let page = Page::of(&kit);
    let other_key = Asking::login(&secret).cipher_key();
    for other in [json!({"username": "bob"}), json!({"username": "Ann"}), json!({"cipherKey": other_key})] {
        let (_, form) = right(&kit, &secret).await;
        refused(page.authenticate(&with(form, other)).await);
    }
    let id = b64u(&[9; 16]);
    let (_, form) = right(&kit, &secret).await;
    refused(page.authenticate(&with(form, json!({"challenge_id": id}))).await);
}

/// What the proof is bound to, where the server state would not notice.
#[tokio::test]
async fn a_proof_for_another_page_client_tenant_user_request_or_purpose_is_none() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    let bend: [fn(&mut Context); 7] = [
        |context| context.origin = "https://evil.example".to_owned(),
        |context| context.origin = String::new(),
        |context| context.client_id = "other".to_owned(),
        |context| context.tenant = "acme".to_owned(),
        |context| context.username = "bob".to_owned(),
        |context| context.auth_req_id = "gwq_other".to_owned(),
        |context| context.purpose = "elevate".to_owned(),
    ];
    for bend in bend {
        let mut told = page.to_login("ann", &secret).await;
        let username = told.context.username.clone();
        bend(&mut told.context);
        refused(page.authenticate(&with(form(&told), json!({"username": username}))).await);
    }
    let told = page.to_login("ann", &secret).await;
    let other = told.answer_for_email("ann@example.net");
    let data = json!({"challenge_data": other["challenge_data"]});
    refused(page.authenticate(&with(form(&told), data)).await);
}

/// A page that is not ours has people prove to it what it passes on: the proof says where it was made.
#[tokio::test]
async fn what_a_page_elsewhere_passes_on_is_refused() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let asking = Asking::login(&secret);
    let relay = Page::of(&kit);
    let said = relay.ask("ann", &asking).await.expect(200).json();
    // The honest client of the person knows on which page it runs.
    let here = Context { origin: "https://evil.example".to_owned(), ..relay.context("ann", "login") };
    refused(relay.authenticate(&form(&asking.told_in(&said, here))).await);
}

/// The server has another name than it knows of: every proof would be wrong, and the person locked out.
#[tokio::test]
async fn a_page_that_is_none_of_the_tenants_is_told_so_before_anything_counts() {
    let limit = "[login.block_config]\nuser_attempts_limit = 3\nip_attempts_limit = 100000\n";
    let kit = open().config(limit).start().await;
    let secret = ann(&kit).await;
    for origin in ["http://127.0.0.1:8080", "http://id.example", "https://id.example.evil.example"] {
        let page = Page { origin, ..Page::of(&kit) };
        for asking in [Asking::login(&secret), Asking::enrol(&secret)] {
            for username in ["ann", "nobody"] {
                let said = page.ask(username, &asking).await;
                let text = said.text();
                misshapen(said, "body", "origin");
                for word in [origin, ORIGIN, "http.public_url", "login.site.url", "login.site.origins"] {
                    assert!(text.contains(word), "{word}: {text}");
                }
            }
        }
    }
    Page::of(&kit).login("ann", &secret).await.expect(200);
    // A page without a name is as none, to the server and in the proof.
    let said = Page { origin: "null", ..Page::of(&kit) }.ask("ann", &Asking::login(&secret)).await;
    said.expect(200);
}

#[tokio::test]
async fn a_proof_for_another_page_of_the_same_tenant_is_none() {
    const OTHER: &str = "https://app.id.example";
    let listed = format!("[login.site]\norigins = [\"{OTHER}\"]\n");
    let kit = Kit::with(Store::Memory).mailbox();
    let kit = kit.config(&OPEN.replace("[login.site]\n", &listed)).config(UNLIMITED).start().await;
    let secret = ann(&kit).await;
    let other = Page { origin: OTHER, ..Page::of(&kit) };
    other.login("ann", &secret).await.expect(200);
    for (asks, believes) in [(ORIGIN, OTHER), (OTHER, ORIGIN)] {
        let page = Page { origin: asks, ..Page::of(&kit) };
        let mut told = page.to_login("ann", &secret).await;
        told.context.origin = believes.to_owned();
        refused(page.authenticate(&form(&told)).await);
    }
}

#[tokio::test]
async fn a_challenge_lasts_two_minutes() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    let (_, in_time) = right(&kit, &secret).await;
    kit.advance(Duration::from_secs(119));
    page.authenticate(&in_time).await.expect(200);
    let (_, late) = right(&kit, &secret).await;
    kit.advance(Duration::from_secs(121));
    refused(page.authenticate(&late).await);
}

#[tokio::test]
async fn a_challenge_of_a_browser_is_answered_in_that_browser() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    // Has a cookie from now on.
    page.login("ann", &secret).await.expect(200);
    let form = form(&page.to_login("ann", &secret).await);
    refused(Page::of(&kit).authenticate(&form).await);
}

/// Scalars have one spelling, versions are known, and what is too short or too long is no proof.
#[tokio::test]
async fn what_is_not_canonical_is_refused_and_what_is_no_encoding_is_named() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    let bend: [fn(&mut Vec<u8>); 5] = [
        |proof| proof[0] = 2,
        |proof| proof[1..33].fill(0xff),
        |proof| proof[33..].fill(0xff),
        |proof| proof[1..].fill(0),
        |proof| proof[40] ^= 1,
    ];
    for bend in bend {
        let (_, form) = right(&kit, &secret).await;
        let mut proof = of_b64u(form["challenge_data"].as_str().unwrap());
        bend(&mut proof);
        refused(page.authenticate(&with(form, json!({"challenge_data": b64u(&proof)}))).await);
    }
    let (_, good) = right(&kit, &secret).await;
    for field in ["challenge_id", "challenge_data", "cipherKey"] {
        let text = good[field].as_str().unwrap();
        let last = text.len() - 1;
        let padded = format!("{}=", &text[..last]);
        for bad in ["", "x", &text[..last], &format!("{text}A"), &padded, &text.replace(&text[..1], "+")] {
            misshapen(page.authenticate(&with(good.clone(), json!({field: bad}))).await, "body", field);
        }
    }
    // None of this was an answer.
    page.authenticate(&good).await.expect(200);
}

#[tokio::test]
async fn a_key_that_is_none_gets_no_challenge() {
    let kit = world().await;
    let page = Page::of(&kit);
    let key = Asking::login(&Secret::of(1)).key_bytes();
    let bent = |at: std::ops::Range<usize>, byte: u8| {
        let mut key = key.clone();
        key[at].fill(byte);
        b64u(&key)
    };
    // Of no kind; a point at infinity; no element, and the identity.
    let keys = [bent(0..1, 0), bent(0..1, 3), bent(1..33, 0), bent(33..65, 0xff), bent(33..65, 0)];
    for key in keys {
        for username in ["ann", "nobody"] {
            let said = page.post("/challenge", &json!({"username": username, "cipherKey": key})).await;
            misshapen(said, "body", "cipherKey");
        }
    }
    for key in ["", "AQ", &b64u(&key[..64]), &b64u(&[&key[..], &[0]].concat())] {
        let said = page.post("/challenge", &json!({"username": "ann", "cipherKey": key})).await;
        misshapen(said, "body", "cipherKey");
    }
}

#[tokio::test]
async fn asking_is_the_try_and_the_sixteenth_is_too_much() {
    let limit = "[login.block_config]\nuser_attempts_limit = 15\nip_attempts_limit = 100000\n";
    let kit = open().config(limit).start().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    // Whoever can't open the sketch knows it and need not answer.
    for _ in 0..15 {
        page.ask("ann", &Asking::login(&secret.pin("000000"))).await.expect(200);
    }
    let shape = |reply: &Reply| (reply.status.as_u16(), reply.json()["challenge_data"].to_string().len());
    let blocked = page.ask("ann", &Asking::login(&secret)).await;
    let nobody = page.ask("nobody", &Asking::login(&secret)).await;
    assert_eq!(shape(&blocked), shape(&nobody), "who is blocked is not told");
    let told = Asking::login(&secret);
    let said = page.ask("ann", &told).await.expect(200).json();
    refused(page.authenticate(&form(&told.told_in(&said, page.context("ann", "login")))).await);
    // It ends.
    kit.advance(Duration::from_secs(3_600));
    page.login("ann", &secret).await.expect(200);
    // And what is right takes its tries back.
    for _ in 0..20 {
        page.login("ann", &secret).await.expect(200);
    }
}
