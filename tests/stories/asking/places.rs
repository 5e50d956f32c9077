//! Of what place a try is, and what a right answer from there takes back.

use super::{ELSEWHERE, WORD, answer, ask, ask_from, login, world};
use kit::{Browser, Call, Store};
use serde_json::json;

/// A try in a browser: the handle, and what was learned.
async fn ask_in(browser: &Browser<'_>) -> (String, String) {
    let begun = json!({"username": "ada", "cookie": true});
    let transaction = browser.post("/auth/v1/login", &begun).await.expect(200).str("transaction");
    let body = json!({"transaction": transaction});
    let asked = browser.send(Call::post("/auth/v1/login/asked/challenge").json(&body)).await.expect(200);
    (asked.str("transaction"), asked.json()["prompt"]["hint"].as_str().expect("a hint").to_owned())
}

/// A whole login in a browser: what was learned.
async fn login_in(browser: &Browser<'_>) -> String {
    let (transaction, hint) = ask_in(browser).await;
    let body = json!({"transaction": transaction, "answer": {"word": WORD}});
    browser.post("/auth/v1/login/asked", &body).await.expect(200);
    hint
}

#[tokio::test]
async fn who_logs_in_gets_their_own_tries_back_and_nobody_elses() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = world(store, "user_attempts_limit = 5").await;
        for _ in 0..3 {
            for _ in 0..3 {
                let (transaction, _) = ask(&kit, "ada").await;
                answer(&kit, &transaction, "south").await.expect(401);
            }
            assert_eq!(login(&kit, "ada").await, 200, "{store:?}: the fourth is right");
        }
        let (_, known) = ask(&kit, "ada").await;
        for i in 0..5 {
            assert_eq!(ask_from(&kit, ELSEWHERE, "ada").await.1, known, "{i}");
            if i < 4 {
                // The last of these fills the window, and is right.
                assert_eq!(login(&kit, "ada").await, 200, "{store:?}");
            }
            // Nor does another way to log in.
            kit.login("ada").await;
        }
        assert_ne!(ask_from(&kit, ELSEWHERE, "ada").await.1, known, "{store:?}");
        assert_eq!(login(&kit, "ada").await, 401);
        kit.login("ada").await;
    }
}

#[tokio::test]
async fn a_browser_is_a_place_of_its_own() {
    let kit = world(Store::Memory, "user_attempts_limit = 5").await;
    let (own, other) = (Browser::new(&kit), Browser::new(&kit));
    let (_, known) = ask_in(&other).await;
    for _ in 0..3 {
        assert_eq!(login_in(&own).await, known);
        ask_in(&other).await;
    }
    assert_eq!(ask_in(&other).await.1, known, "the fifth of the other");
    assert_ne!(ask_in(&own).await.1, known);
}

#[tokio::test]
async fn a_neighbour_behind_the_same_address_gains_three_tries_by_a_login_and_no_more() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = world(store, "user_attempts_limit = 10").await;
        let (_, known) = ask(&kit, "ada").await;
        for _ in 0..7 {
            ask(&kit, "ada").await;
        }
        assert_eq!(login(&kit, "ada").await, 200);
        // Eight were tried, and five of them still count, also when Ada logs in once more.
        assert_eq!(login(&kit, "ada").await, 200);
        for i in 0..5 {
            assert_eq!(ask(&kit, "ada").await.1, known, "{store:?}: {i}");
        }
        assert_ne!(ask(&kit, "ada").await.1, known, "{store:?}");
    }
}

#[tokio::test]
async fn logins_of_the_owner_do_not_keep_a_neighbour_from_the_hundredth_try() {
    let kit = world(Store::Memory, "user_attempts_limit = 1000").await;
    let (_, known) = ask(&kit, "ada").await;
    let (mut told, mut logins) = (1, 0);
    while told < 200 && ask(&kit, "ada").await.1 == known {
        told += 1;
        if told % 20 == 0 && login(&kit, "ada").await == 200 {
            logins += 1;
        }
    }
    assert_eq!((told, logins), (115, 5), "three more for each login");
}

#[tokio::test]
async fn a_browser_takes_back_ten_and_no_more() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = world(store, "user_attempts_limit = 20").await;
        let own = Browser::new(&kit);
        let (_, known) = ask_in(&own).await;
        for _ in 0..14 {
            ask_in(&own).await;
        }
        assert_eq!(login_in(&own).await, known);
        for i in 0..15 {
            assert_eq!(ask_from(&kit, ELSEWHERE, "ada").await.1, known, "{store:?}: {i}");
        }
        assert_ne!(ask_from(&kit, ELSEWHERE, "ada").await.1, known, "{store:?}: five have stayed");
    }
}
