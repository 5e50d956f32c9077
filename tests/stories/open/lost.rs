//! Somebody has lost their secret and replaces it by a code that is mailed, which is all that it takes.

use super::*;

const RESET: &str = "[login.policy]\nreset = [\"otp\"]\n";

async fn of(store: Store, config: &str) -> Kit {
    let kit = Kit::with(store).mailbox().config(config).start().await;
    kit.person("ann").await;
    with_address(&kit, "ann", "ann@example.org").await;
    kit
}

async fn ask(kit: &Kit, username: &str, email: &str) -> Told {
    told(kit.app.engine.mail_reset(&called(username), email, "password", &door()).await)
}

/// The code that is mailed to Ann.
async fn code(kit: &Kit) -> PlainToken {
    assert_eq!(ask(kit, "ann", "ann@example.org").await, Ok(()));
    let mail = kit.mail().await;
    assert_eq!(mail.len(), 1, "{mail:?}");
    let sent = (mail[0].to.as_str(), mail[0].template.as_str(), mail[0].value("minutes"));
    assert_eq!(sent, ("ann@example.org", "reset", "10"));
    PlainToken::received(mail[0].value("code")).expect("a code")
}

async fn reset(kit: &Kit, code: &PlainToken, username: &str, password: &str) -> Told {
    let sent = ("password", proof(password));
    told(kit.app.engine.reset_by_code(code, username, sent, &door()).await)
}

/// What whoever has no code that counts is told.
async fn wrong(kit: &Kit) -> Told {
    let unknown = PlainToken::received("gwr_unknown-unknown-unknown").expect("could be a code");
    let said = reset(kit, &unknown, "ann", NEW).await;
    assert_eq!(said.as_ref().map_err(|told| told.0), Err(400));
    said
}

#[tokio::test]
async fn the_code_replaces_what_was_lost_once_and_ends_every_session() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = of(store, RESET).await;
        let old = kit.login("ann").await;
        let code = code(&kit).await;
        assert_eq!(reset(&kit, &code, "Ann", NEW).await, Ok(()));
        kit.get_as(&old.access_token, "/auth/v1/me").await.expect(401);
        assert!(logs_in(&kit, "ann", NEW).await && !logs_in(&kit, "ann", PASSWORD).await);
        assert_eq!(kit.mail().await[0].template, "notice");
        assert_eq!(reset(&kit, &code, "ann", PASSWORD).await, wrong(&kit).await, "good once");
        let (tenant, all) = (crate::stories::admin::id("default"), Default::default());
        let log = kit.app.engine.store().audit(&tenant, &all, 50).await.expect("a log");
        assert!(log.iter().any(|l| l.event.kind == "credential.reset"));
    }
}

#[tokio::test]
async fn of_two_at_once_one_replaces_it() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = of(store, RESET).await;
        let code = code(&kit).await;
        let (one, other) =
            tokio::join!(reset(&kit, &code, "ann", NEW), reset(&kit, &code, "ann", "cedar-Window 31 lake"));
        let right = [&one, &other].into_iter().filter(|said| said.is_ok()).count();
        assert_eq!(right, 1, "{one:?} {other:?}");
        assert_ne!(logs_in(&kit, "ann", NEW).await, logs_in(&kit, "ann", "cedar-Window 31 lake").await);
    }
}

#[tokio::test]
async fn a_code_that_does_not_count_says_nothing_of_why() {
    let kit = of(Store::Memory, RESET).await;
    kit.person("bob").await;
    with_address(&kit, "bob", "bob@example.org").await;
    let first = code(&kit).await;
    let wrong = wrong(&kit).await;
    assert_eq!(reset(&kit, &first, "bob", NEW).await, wrong, "somebody else's");
    assert_eq!(reset(&kit, &first, "nobody", NEW).await, wrong);
    let elsewhere = Origin { door: "login", ..door() };
    let said = kit.app.engine.reset_by_code(&first, "ann", ("password", proof(NEW)), &elsewhere).await;
    assert_eq!(told(said), wrong, "of another door");
    let said = kit.app.engine.reset_by_code(&first, "ann", ("totp", json!({})), &door()).await;
    assert_eq!(told(said), wrong, "for something else");
    kit.advance(Duration::from_secs(601));
    assert_eq!(reset(&kit, &first, "ann", NEW).await, wrong, "too old");

    let second = code(&kit).await;
    with_address(&kit, "ann", "ann@example.net").await;
    assert_eq!(
        reset(&kit, &second, "ann", NEW).await,
        wrong,
        "read in a mailbox that is not theirs any more"
    );
    with_address(&kit, "ann", "ann@example.org").await;
    let ann =
        kit.app.engine.find_person(&crate::stories::admin::id("default"), "ann").await.unwrap().unwrap();
    kit.disable(&ann).await;
    assert_eq!(reset(&kit, &second, "ann", NEW).await, wrong, "kept out");
}

#[tokio::test]
async fn a_refused_proof_does_not_spend_the_code_until_there_were_too_many() {
    let kit = of(Store::Memory, &format!("{RESET}[login.session]\ntransaction_attempts = 3\n")).await;
    let first = code(&kit).await;
    for _ in 0..2 {
        assert_eq!(reset(&kit, &first, "ann", "short").await.map_err(|told| told.0), Err(422));
    }
    assert_eq!(reset(&kit, &first, "ann", NEW).await, Ok(()));
    kit.mail().await;
    // Used up is not in the way of the next.
    let second = code(&kit).await;
    for _ in 0..3 {
        assert_eq!(reset(&kit, &second, "ann", "short").await.map_err(|told| told.0), Err(422));
    }
    assert_eq!(reset(&kit, &second, "ann", PASSWORD).await, wrong(&kit).await);
    code(&kit).await;
}

#[tokio::test]
async fn guesses_count_against_the_address_and_right_ones_do_not() {
    let kit = of(Store::Memory, &format!("{RESET}[login.block_config]\nip_attempts_limit = 3\n")).await;
    for _ in 0..2 {
        let code = code(&kit).await;
        assert_eq!(reset(&kit, &code, "ann", "short").await.map_err(|told| told.0), Err(422));
        assert_eq!(reset(&kit, &code, "ann", NEW).await, Ok(()));
        kit.mail().await;
        let back = code_for(&kit, PASSWORD).await;
        assert_eq!(back, Ok(()));
        kit.mail().await;
    }
    let late = code(&kit).await;
    for _ in 0..3 {
        wrong(&kit).await.expect_err("is wrong");
    }
    assert_eq!(reset(&kit, &late, "ann", NEW).await.map_err(|told| told.0), Err(429));
}

async fn code_for(kit: &Kit, password: &str) -> Told {
    let code = code(kit).await;
    reset(kit, &code, "ann", password).await
}

#[tokio::test]
async fn whoever_was_guessed_at_until_they_were_locked_begins_anew() {
    let limits = "[login.block_config]\nuser_attempts_limit = 3\ninitial_block_seconds = 86400\n";
    let kit = of(Store::Sqlite, &format!("{RESET}{limits}")).await;
    for _ in 0..3 {
        assert!(!logs_in(&kit, "ann", "not the password").await);
    }
    assert!(!logs_in(&kit, "ann", PASSWORD).await, "is locked");
    assert_eq!(code_for(&kit, NEW).await, Ok(()));
    assert!(logs_in(&kit, "ann", NEW).await);
}

#[tokio::test]
async fn a_mailbox_that_is_a_second_factor_replaces_no_first() {
    let config = "[login.policy]\nreset = [\"otp\"]\nsecond = [\"otp\"]\n";
    let kit = of(Store::Memory, config).await;
    let ann =
        kit.app.engine.find_person(&crate::stories::admin::id("default"), "ann").await.unwrap().unwrap();
    let contact = (json!({"delivery": "email", "value": "ann@example.org"}), json!({}));
    let origin = Origin::local("kit");
    kit.app.engine.enrol_for(&ann, "otp", contact, &origin).await.expect("a contact");
    assert_eq!(code_for(&kit, NEW).await, wrong(&kit).await);
    assert!(logs_in(&kit, "ann", PASSWORD).await);
}

#[tokio::test]
async fn an_account_without_any_way_in_gets_its_first() {
    let kit = nobody_can_log_in("first = [\"password\", \"totp\"]\nsecond = []\n").await;
    assert_eq!(code_for(&kit, NEW).await, Ok(()));
    assert!(logs_in(&kit, "ann", NEW).await);
}

#[tokio::test]
async fn who_has_anything_gets_no_second_door() {
    for policy in
        ["first = [\"password\", \"totp\"]\nsecond = []\n", "first = [\"password\"]\nsecond = [\"totp\"]\n"]
    {
        let kit = of(Store::Memory, &format!("{RESET}{policy}")).await;
        let login = kit.login("ann").await;
        kit.enrol_totp(&login.access_token).await;
        let ann = caller(&kit, &login.access_token).await;
        let (tenant, store) = (&ann.session.tenant, kit.app.engine.store());
        let held = store.credentials(tenant, ann.session.person).await.expect("answers");
        let password = held.into_iter().find(|c| c.authenticator == "password").expect("a password");
        // Also what they can't begin a login with: it was given to protect something.
        let gone = gatewright_core::store::Write::CredentialDelete(password.id, password.rev);
        store.commit(vec![gone]).await.expect("is gone");
        assert_eq!(code_for(&kit, NEW).await, wrong(&kit).await, "{policy}");
        assert!(!logs_in(&kit, "ann", NEW).await);
    }
}

/// A directory, a link and an account elsewhere leave nothing here by which it could be seen that somebody logs in so.
#[tokio::test]
async fn where_people_log_in_with_what_is_not_kept_here_nobody_has_nothing() {
    let kit = nobody_can_log_in("first = [\"password\", \"magic-link\"]\nsecond = []\n").await;
    assert_eq!(code_for(&kit, NEW).await, wrong(&kit).await);
    assert!(!logs_in(&kit, "ann", NEW).await);
}

async fn nobody_can_log_in(policy: &str) -> Kit {
    let kit = Kit::with(Store::Memory).mailbox().config(&format!("{RESET}{policy}")).start().await;
    kit.person_without_password("ann").await;
    with_address(&kit, "ann", "ann@example.org").await;
    kit
}

#[tokio::test]
async fn so_many_letters_in_a_day_and_a_wrong_pair_is_answered_alike() {
    let kit = of(Store::Memory, RESET).await;
    for _ in 0..5 {
        code(&kit).await;
        kit.advance(Duration::from_secs(601));
    }
    for email in ["ann@example.org", "ANN@example.org", "eve@example.org"] {
        assert_eq!(ask(&kit, "ann", email).await, Ok(()));
    }
    assert!(kit.mail().await.is_empty());
    let count = async |username: &str| {
        for _ in 0..7 {
            assert_eq!(ask(&kit, username, "eve@example.org").await, Ok(()));
            kit.advance(Duration::from_secs(601));
        }
    };
    count("ann").await;
    count("nobody").await;
    kit.advance(Duration::from_secs(86_400));
    code(&kit).await;
}

#[tokio::test]
async fn where_codes_go_by_another_way_none_goes_by_mail() {
    let sms = "[plugins.otp]\ndeliveries = [\"email\", \"sms\"]\nreset_deliveries = [\"sms\"]\n";
    let kit = of(Store::Memory, &format!("{RESET}{sms}")).await;
    for username in ["ann", "nobody"] {
        let said = ask(&kit, username, "ann@example.org").await;
        assert_eq!(said.map_err(|told| told.0), Err(409), "{username}");
    }
    assert!(kit.mail().await.is_empty());
}

#[tokio::test]
async fn an_address_that_nobody_has_proven_gets_no_code() {
    let kit = of(Store::Memory, RESET).await;
    let (login, engine) = (kit.login("ann").await, &kit.app.engine);
    let ann = caller(&kit, &login.access_token).await;
    engine.change_own_email(&ann, "ann@example.net", &door()).await.expect("is changed");
    kit.mail().await;
    assert_eq!(ask(&kit, "ann", "ann@example.net").await, Ok(()));
    assert!(kit.mail().await.is_empty());
}

#[tokio::test]
async fn in_whichever_browser_it_is_read() {
    let kit = of(Store::Memory, RESET).await;
    let browser = Engine::browser("one-browser-one-browser");
    let asked = Origin { browser, ..door() };
    kit.app.engine.mail_reset(&called("ann"), "ann@example.org", "password", &asked).await.expect("is asked");
    let code = PlainToken::received(kit.mail().await[0].value("code")).expect("a code");
    assert_eq!(reset(&kit, &code, "ann", NEW).await, Ok(()));
}
