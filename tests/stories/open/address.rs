//! The address of somebody who has registered: nobody's until it is proven.

use super::{
    register::{letter, prove, register, world},
    *,
};

async fn registered(kit: &Kit, username: &str, email: &str) -> Caller {
    assert_eq!(register(kit, username, email, PASSWORD).await, Ok(()));
    caller(kit, &kit.login(username).await.access_token).await
}

async fn waits(kit: &Kit, caller: &Caller) -> Option<String> {
    let person = kit.app.engine.person_of(caller).await.expect("is there");
    kit.app.engine.unproven_address(&person).await.expect("answers")
}

/// Another link, after a while.
async fn again(kit: &Kit, caller: &Caller) -> Told {
    let link = |token: &PlainToken| format!("https://id.example.com/proven#{}", token.expose());
    told(kit.app.engine.ask_address(caller, link, &door()).await)
}

#[tokio::test]
async fn nobody_holds_an_address_that_is_not_theirs() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = world(store).await;
        let mallory = registered(&kit, "mallory", "ann@example.org").await;
        let mallorys = letter(&kit).await;
        let ann = registered(&kit, "ann", "Ann@example.org").await;
        let anns = letter(&kit).await;
        assert_eq!((mallorys.template.as_str(), anns.template.as_str()), ("verify", "verify"));
        assert_eq!(prove(&kit, &mallory, &anns).await.map_err(|told| told.0), Err(404), "Ann's link");
        assert_eq!(prove(&kit, &ann, &anns).await, Ok(()));
        let (status, _, said) = prove(&kit, &mallory, &mallorys).await.expect_err("is taken");
        assert!(status == 409 && said.contains("has this e-mail address already"), "{status} {said}");
        let mallory = kit.app.engine.person_of(&mallory).await.expect("is there");
        assert_eq!((mallory.email, mallory.email_verified), (None, false));
        let ann = kit.app.engine.person_of(&ann).await.expect("is there");
        assert_eq!((ann.email.as_deref(), ann.email_verified), (Some("Ann@example.org"), true));
    }
}

#[tokio::test]
async fn who_gives_an_address_that_is_taken_sees_what_everybody_sees() {
    let kit = world(Store::Sqlite).await;
    kit.person("ann").await;
    with_address(&kit, "ann", "ann@example.org").await;
    for (username, email, template) in
        [("bob", "bob@example.org", "verify"), ("eve", "ann@example.org", "address-taken")]
    {
        let one = registered(&kit, username, email).await;
        assert_eq!(letter(&kit).await.template, template);
        for _ in 0..2 {
            assert_eq!(waits(&kit, &one).await.as_deref(), Some(email));
            assert_eq!(again(&kit, &one).await.map_err(|told| told.0), Err(429), "nobody is flooded");
            kit.advance(Duration::from_secs(61));
            assert_eq!(again(&kit, &one).await, Ok(()));
            let sent = letter(&kit).await;
            assert_eq!((sent.to.as_str(), sent.template.as_str()), (email, template));
            assert_eq!(sent.values.is_empty(), template == "address-taken");
        }
        let person = kit.app.engine.person_of(&one).await.expect("is there");
        assert_eq!((person.email, person.email_verified), (None, false), "{username}");
    }
}

#[tokio::test]
async fn letters_to_one_address_are_few_whoever_asks_for_them() {
    let kit = world(Store::Memory).await;
    let (one, other) =
        (registered(&kit, "bob", "ann@example.org").await, registered(&kit, "eve", "ann@example.org").await);
    for _ in 0..3 {
        kit.advance(Duration::from_secs(61));
        assert_eq!(again(&kit, &one).await, Ok(()));
    }
    kit.advance(Duration::from_secs(61));
    for caller in [&one, &other] {
        assert_eq!(again(&kit, caller).await.map_err(|told| told.0), Err(429));
    }
    assert_eq!(kit.mail().await.len(), 5);
}

#[tokio::test]
async fn a_link_is_good_for_an_hour_and_the_address_waits_for_a_week() {
    let kit = world(Store::Memory).await;
    let ann = registered(&kit, "ann", "ann@example.org").await;
    let late = letter(&kit).await;
    kit.advance(Duration::from_secs(3_600));
    assert_eq!(prove(&kit, &ann, &late).await.map_err(|told| told.0), Err(404));
    let ann = caller(&kit, &kit.login("ann").await.access_token).await;
    assert_eq!(waits(&kit, &ann).await.as_deref(), Some("ann@example.org"));
    assert_eq!(again(&kit, &ann).await, Ok(()));
    assert_eq!(prove(&kit, &ann, &letter(&kit).await).await, Ok(()));
    assert_eq!(waits(&kit, &ann).await, None);

    registered(&kit, "bob", "bob@example.org").await;
    kit.advance(Duration::from_secs(7 * 86_400));
    let bob = caller(&kit, &kit.login("bob").await.access_token).await;
    assert_eq!(waits(&kit, &bob).await, None);
    assert_eq!(again(&kit, &bob).await.map_err(|told| told.0), Err(409));
}

/// There the address would be the name of another account than the one that it finds.
#[tokio::test]
async fn where_addresses_are_login_names_one_that_somebody_has_is_no_name() {
    let names = "[login.vault]\nregister_enable = true\nhas_username_and_email = false\n";
    let kit = Kit::with(Store::Memory).mailbox().config(names).start().await;
    kit.person("ann").await;
    with_address(&kit, "ann", "ann@example.org").await;
    assert_eq!(register(&kit, "ann@example.org", "ann@example.org", NEW).await, Ok(()));
    assert_eq!(letter(&kit).await.template, "address-taken");
    assert!(logs_in(&kit, "ann@example.org", PASSWORD).await && !logs_in(&kit, "ann@example.org", NEW).await);
}
