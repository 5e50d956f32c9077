//! Somebody makes an account of their own.

use super::*;
use kit::Mail;

const OPEN: &str = "[login.vault]\nregister_enable = true\n";

pub(super) async fn world(store: Store) -> Kit {
    Kit::with(store).mailbox().config(OPEN).start().await
}

pub(super) async fn register(kit: &Kit, username: &str, email: &str, password: &str) -> Told {
    let link = |token: &PlainToken| format!("https://id.example.com/proven#{}", token.expose());
    let sent = ("password", proof(password));
    told(kit.app.engine.register(&called(username), email, sent, link, &door()).await)
}

pub(super) async fn letter(kit: &Kit) -> Mail {
    let mut mail = kit.mail().await;
    assert_eq!(mail.len(), 1, "{mail:?}");
    mail.remove(0)
}

/// Opens the link of a letter.
pub(super) async fn prove(kit: &Kit, caller: &Caller, sent: &Mail) -> Told {
    let token = sent.value("link").strip_prefix("https://id.example.com/proven#").expect("the link");
    let token = PlainToken::received(token).expect("a token");
    told(kit.app.engine.prove_address(caller, &token, &door()).await)
}

async fn is_there(kit: &Kit, username: &str) -> bool {
    let tenant = crate::stories::admin::id("default");
    kit.app.engine.find_person(&tenant, username).await.expect("answers").is_some()
}

#[tokio::test]
async fn somebody_registers_logs_in_and_proves_their_mailbox() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = world(store).await;
        assert_eq!(register(&kit, "ann", "ann@example.org", PASSWORD).await, Ok(()));
        let sent = letter(&kit).await;
        assert_eq!((sent.to.as_str(), sent.template.as_str()), ("ann@example.org", "verify"));
        assert_eq!(sent.value("username"), "ann");
        let login = kit.login("ann").await;
        let ann = caller(&kit, &login.access_token).await;
        let person = kit.app.engine.person_of(&ann).await.expect("is there");
        assert_eq!((&person.email, person.email_verified, person.administrator), (&None, false, false));
        assert_eq!(prove(&kit, &ann, &sent).await, Ok(()));
        let person = kit.app.engine.person_of(&ann).await.expect("is there");
        assert_eq!((person.email.as_deref(), person.email_verified), (Some("ann@example.org"), true));
        assert_eq!(prove(&kit, &ann, &sent).await.map_err(|told| told.0), Err(404), "good once");
    }
}

#[tokio::test]
async fn what_is_taken_is_said_by_mail_alone() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = world(store).await;
        assert_eq!(register(&kit, "ace", "ace@example.org", PASSWORD).await, Ok(()));
        let sent = letter(&kit).await;
        let ace = caller(&kit, &kit.login("ace").await.access_token).await;
        assert_eq!(prove(&kit, &ace, &sent).await, Ok(()));
        for (username, email, template) in [
            ("ACE", "other@example.org", "username-taken"),
            // Looks the same, in Cyrillic: only the write knows.
            ("\u{430}\u{441}\u{435}", "other@example.org", "username-taken"),
            ("bob", "ACE@example.org", "address-taken"),
            ("ace", "ace@example.org", "address-taken"),
        ] {
            assert_eq!(register(&kit, username, email, NEW).await, Ok(()), "{username} {email}");
            let sent = letter(&kit).await;
            assert_eq!((sent.to.as_str(), sent.template.as_str()), (email, template));
            assert!(sent.values.is_empty(), "nothing of what was typed: {:?}", sent.values);
        }
        assert!(!is_there(&kit, "\u{430}\u{441}\u{435}").await);
        assert!(
            logs_in(&kit, "bob", NEW).await,
            "whoever is called otherwise has an account, whatever their address"
        );
        assert!(logs_in(&kit, "ace", PASSWORD).await && !logs_in(&kit, "ace", NEW).await);
    }
}

#[tokio::test]
async fn a_proof_that_is_refused_is_refused_to_all_alike() {
    let kit = world(Store::Memory).await;
    register(&kit, "ann", "ann@example.org", PASSWORD).await.expect("is made");
    letter(&kit).await;
    let free = register(&kit, "bob", "bob@example.org", "short").await;
    assert_eq!(free.as_ref().map_err(|told| told.0), Err(422));
    assert_eq!(register(&kit, "ann", "ann@example.org", "short").await, free);
    assert!(kit.mail().await.is_empty() && !is_there(&kit, "bob").await);
}

#[tokio::test]
async fn names_and_addresses_that_nobody_can_have() {
    let kit = world(Store::Memory).await;
    for (username, email) in [
        ("", "ann@example.org"),
        (" ann", "ann@example.org"),
        ("p\u{430}ypal", "ann@example.org"),
        ("ann", "ann"),
        ("ann", "ann@example.org\r\nBcc: eve@example.org"),
        // It would stand before the one whose address it is, where addresses are login names.
        ("bob@example.org", "ann@example.org"),
    ] {
        let said = register(&kit, username, email, PASSWORD).await;
        assert_eq!(said.map_err(|told| told.0), Err(422), "{username:?} {email:?}");
    }
    assert_eq!(register(&kit, "Ann@example.org", "ann@example.org", PASSWORD).await, Ok(()));
    assert_eq!(letter(&kit).await.template, "verify");
}

#[tokio::test]
async fn only_where_the_tenant_lets_people_and_with_what_comes_first() {
    let closed = Kit::with(Store::Memory).mailbox().start().await;
    let said = register(&closed, "ann", "ann@example.org", PASSWORD).await;
    assert_eq!(said.map_err(|told| told.0), Err(403));
    let kit = world(Store::Memory).await;
    for other in ["totp", "otp", "temp-access-code", "nothing"] {
        let sent = (other, json!({}));
        let engine = &kit.app.engine;
        let said = engine.register(&called("ann"), "ann@example.org", sent, |_| String::new(), &door()).await;
        assert_eq!(status(said), Some(400), "{other}");
    }
    assert!(!is_there(&kit, "ann").await);
}

#[tokio::test]
async fn without_mail_nobody_registers() {
    let kit = Kit::with(Store::Memory).config(OPEN).start().await;
    kit.person("ann").await;
    let free = register(&kit, "bob", "bob@example.org", PASSWORD).await;
    assert_eq!(free.as_ref().map_err(|told| told.0), Err(503));
    assert_eq!(register(&kit, "ann", "ann@example.org", PASSWORD).await, free);
    assert!(!is_there(&kit, "bob").await);
}

#[tokio::test]
async fn nobody_floods_a_mailbox_that_is_not_theirs() {
    let kit = world(Store::Sqlite).await;
    register(&kit, "ann", "ann@example.org", PASSWORD).await.expect("is made");
    for round in 0..8 {
        let username = format!("other{round}");
        assert_eq!(register(&kit, &username, "Ann@Example.org", PASSWORD).await, Ok(()));
    }
    assert_eq!(kit.mail().await.len(), 5);
    kit.advance(Duration::from_secs(86_401));
    assert_eq!(register(&kit, "other", "ann@example.org", PASSWORD).await, Ok(()));
    assert_eq!(letter(&kit).await.template, "verify");
}

#[tokio::test]
async fn so_many_from_one_place_in_a_day_whatever_the_limits_for_wrong_answers() {
    let limits = "[login.block_config]\nip_attempts_limit = 3\nuser_attempts_limit = 3\n";
    let kit = Kit::with(Store::Memory).mailbox().config(&format!("{OPEN}{limits}")).start().await;
    kit.person("ann").await;
    for _ in 0..5 {
        let refused = register(&kit, "bob", "bob@example.org", "short").await;
        assert_eq!(refused.map_err(|told| told.0), Err(422), "and no account was made");
    }
    for number in 0..50 {
        let username = format!("bob{number}");
        let email = format!("{username}@example.org");
        assert_eq!(register(&kit, &username, &email, PASSWORD).await, Ok(()), "{username}");
    }
    for username in ["dan", "ann"] {
        let said = register(&kit, username, "dan@example.org", PASSWORD).await;
        assert_eq!(said.map_err(|told| told.0), Err(429));
    }
    assert!(logs_in(&kit, "ann", PASSWORD).await);
    kit.advance(Duration::from_secs(86_401));
    assert_eq!(register(&kit, "dan", "dan@example.org", PASSWORD).await, Ok(()));
}

#[tokio::test]
async fn of_two_at_once_one_has_the_name_and_both_are_told_the_same() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = world(store).await;
        let (one, other) = tokio::join!(
            register(&kit, "ann", "one@example.org", PASSWORD),
            register(&kit, "ann", "other@example.org", PASSWORD)
        );
        assert_eq!((one, other), (Ok(()), Ok(())));
        let mut templates: Vec<String> = kit.mail().await.into_iter().map(|mail| mail.template).collect();
        templates.sort();
        assert_eq!(templates, ["username-taken", "verify"]);
    }
}

#[tokio::test]
async fn anybody_is_asked_the_same_and_nothing_is_kept() {
    let kit = world(Store::Memory).await;
    let engine = &kit.app.engine;
    kit.person("ann").await;
    let ann = engine.invite_anybody(&called("ann"), "password", json!({}), &door()).await.expect("is asked");
    let bob = engine.invite_anybody(&called("bob"), "password", json!({}), &door()).await.expect("is asked");
    assert_eq!((&ann, ann["min_characters"].is_u64()), (&bob, true));
    // A draft that would have to be kept, a step that is no setting up, what only administrators give, and nothing.
    for other in ["totp", "magic-link", "temp-access-code", "nothing"] {
        let said = engine.invite_anybody(&called("ann"), other, json!({}), &door()).await;
        assert_eq!(said.expect_err(other).status, 400, "{other}");
    }
    let nameless = engine.invite_anybody(&called(" "), "password", json!({}), &door()).await;
    assert_eq!(nameless.expect_err("no name").status, 400);
    let nowhere = Anybody { tenant: crate::stories::admin::id("nowhere"), ..called("ann") };
    let said = engine.invite_anybody(&nowhere, "password", json!({}), &door()).await;
    assert_eq!(said.expect_err("no tenant").status, 404);
}
