//! A refresh token is good once. In two hands it ends what it came from.

use super::*;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// The first refresh token of somebody new.
async fn begun(kit: &Kit, scopes: &[&str]) -> (Agreed, Reply) {
    register(kit, &shop()).await;
    let ada = Agreed::of(kit, "ada", "shop", scopes).await;
    let reply = redeem(kit, "shop", &ada.code(kit).await).await.expect(200);
    (ada, reply)
}

#[tokio::test]
async fn each_brings_the_next_and_comes_back_never() {
    let kit = Kit::memory().await;
    let (ada, first) = begun(&kit, &["openid", "profile", "offline_access"]).await;
    kit.advance(Duration::from_secs(3_600));
    let second = refresh(&kit, "shop", &first.str("refresh_token")).await.expect(200);
    assert_ne!(first.str("refresh_token"), second.str("refresh_token"));
    let (_, id) = claims(&kit, &second.str("id_token")).await;
    assert_eq!((&id["sub"], id.get("nonce")), (&ada.terms.person.to_string().into(), None));
    let third = refresh(&kit, "shop", &second.str("refresh_token")).await.expect(200);
    assert!(grant_lives(&kit, &third.str("access_token")).await);
    // The first one comes again: whoever has it has copied it, or the other one has.
    refused(&refresh(&kit, "shop", &first.str("refresh_token")).await, 400, "invalid_grant");
    assert!(!grant_lives(&kit, &third.str("access_token")).await, "the family ends");
    refused(&refresh(&kit, "shop", &third.str("refresh_token")).await, 400, "invalid_grant");
    assert_eq!(outcomes(&kit, "grant.ended").await, ["refresh_token_used_twice"]);
}

#[tokio::test]
async fn of_two_at_the_same_time_one_wins_and_the_grant_ends() {
    let kit = Arc::new(Kit::sqlite().await);
    register(&kit, &shop()).await;
    let ada = Agreed::of(&kit, "ada", "shop", &["openid", "offline_access"]).await;
    for _ in 0..5 {
        let token = redeem(&kit, "shop", &ada.code(&kit).await).await.expect(200).str("refresh_token");
        let tries = (0..4).map(|_| {
            let (kit, token) = (kit.clone(), token.clone());
            async move { refresh(&kit, "shop", &token).await }
        });
        let replies = crate::stories::parallel::all(tries).await;
        let won: Vec<&Reply> = replies.iter().filter(|reply| reply.status.as_u16() == 200).collect();
        assert_eq!(won.len(), 1, "one wins");
        assert!(!grant_lives(&kit, &won[0].str("access_token")).await);
    }
    assert_eq!(outcomes(&kit, "grant.ended").await, ["refresh_token_used_twice"; 5]);
}

#[tokio::test]
async fn a_guess_ends_nothing() {
    let kit = Kit::memory().await;
    let (_, first) = begun(&kit, &["openid", "offline_access"]).await;
    register(&kit, &depot()).await;
    let good = first.str("refresh_token");
    let mut bytes = BASE64URL_NOPAD.decode(&good.as_bytes()[4..]).unwrap();
    bytes[20] ^= 1;
    let guess = format!("gwr_{}", BASE64URL_NOPAD.encode(&bytes));
    for bad in [&*guess, "gwr_", "x", &good[..good.len() - 1], &first.str("access_token")] {
        refused(&refresh(&kit, "shop", bad).await, 400, "invalid_grant");
    }
    refused(&refresh(&kit, "depot", &good).await, 400, "invalid_grant");
    assert!(outcomes(&kit, "grant.ended").await.is_empty());
    refresh(&kit, "shop", &good).await.expect(200);
}

#[tokio::test]
async fn less_may_be_asked_for_and_is_not_lost() {
    let kit = Kit::memory().await;
    let (_, first) = begun(&kit, &["openid", "profile", "offline_access"]).await;
    let token = first.str("refresh_token");
    let with = |token: String, scope: &'static str| {
        let kit = &kit;
        async move {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", &*token), ("scope", scope)];
            ask(kit, "shop", &fields).await
        }
    };
    refused(&with(token.clone(), "openid email").await, 400, "invalid_scope");
    let less = with(token, "profile").await.expect(200);
    assert_eq!(less.json()["scope"], "profile");
    assert!(less.json().get("id_token").is_none());
    let all = refresh(&kit, "shop", &less.str("refresh_token")).await.expect(200);
    assert_eq!(all.json()["scope"], "openid profile offline_access");
}

#[tokio::test]
async fn one_that_lies_around_ends_and_so_does_one_that_is_used_for_too_long() {
    let kit = Kit::memory().await;
    let (_, first) = begun(&kit, &["openid", "offline_access"]).await;
    let mut token = first.str("refresh_token");
    for _ in 0..2 {
        kit.advance(13 * DAY);
        token = refresh(&kit, "shop", &token).await.expect(200).str("refresh_token");
    }
    kit.advance(4 * DAY);
    refused(&refresh(&kit, "shop", &token).await, 400, "invalid_grant");

    let ada = Agreed::again(&kit, "ada", "shop", &["openid", "offline_access"]).await;
    let token = redeem(&kit, "shop", &ada.code(&kit).await).await.expect(200).str("refresh_token");
    kit.advance(14 * DAY);
    refused(&refresh(&kit, "shop", &token).await, 400, "invalid_grant");
}

#[tokio::test]
async fn without_offline_access_it_ends_with_the_session_and_with_it_it_does_not() {
    let kit = Kit::memory().await;
    let (ada, first) = begun(&kit, &["openid"]).await;
    let offline = Agreed::again(&kit, "ada", "shop", &["openid", "offline_access"]).await;
    let lasting = redeem(&kit, "shop", &offline.code(&kit).await).await.expect(200);
    let second = refresh(&kit, "shop", &first.str("refresh_token")).await.expect(200);
    for session in [ada.terms.session, offline.terms.session] {
        kit.app.engine.store().commit(vec![Write::SessionDelete(session)]).await.unwrap();
    }
    refused(&refresh(&kit, "shop", &second.str("refresh_token")).await, 400, "invalid_grant");
    let next = refresh(&kit, "shop", &lasting.str("refresh_token")).await.expect(200);

    let person = kit.app.engine.store().person(&tenant_id(), ada.terms.person).await.unwrap().unwrap();
    kit.disable(&person).await;
    refused(&refresh(&kit, "shop", &next.str("refresh_token")).await, 400, "invalid_grant");
}

#[tokio::test]
async fn what_a_client_may_no_longer_ask_for_it_no_longer_gets() {
    let kit = Kit::memory().await;
    let (_, first) = begun(&kit, &["openid", "profile", "offline_access"]).await;
    let (_, record) = kit.app.provider.client_record(&tenant_id(), "shop").await.unwrap().unwrap();
    let less = Client { scopes: words(&["openid", "offline_access"]), ..shop() };
    let write = Write::RecordReplace(record.next(&less).unwrap());
    kit.app.engine.store().commit(vec![write]).await.unwrap();
    let second = refresh(&kit, "shop", &first.str("refresh_token")).await.expect(200);
    assert_eq!(second.json()["scope"], "openid offline_access");
}

/// Somebody fears for their account, and whoever has had it keeps nothing: no session, and no application that may come again.
#[tokio::test]
async fn what_throws_everybody_out_ends_what_lasts_beyond_a_login_too() {
    for way in ["all sessions", "all others", "administrator", "password", "replaced"] {
        let kit = Kit::memory().await;
        let (ada, first) = begun(&kit, &["openid", "offline_access"]).await;
        let late = ada.code(&kit).await;
        let token = first.str("refresh_token");
        let person = kit.app.engine.find_person(&tenant_id(), "ada").await.unwrap().unwrap();
        let login = kit.login("ada").await.access_token;
        let others = Agreed::of(&kit, "bob", "shop", &["openid", "offline_access"]).await;
        let bobs = redeem(&kit, "shop", &others.code(&kit).await).await.expect(200);
        match way {
            "all sessions" => drop(kit.delete_as(&login, "/auth/v1/me/sessions").await.expect(204)),
            "all others" => {
                let path = "/auth/v1/me/sessions?keep_current=true";
                drop(kit.delete_as(&login, path).await.expect(204));
            }
            "administrator" => {
                let path = format!("/auth/v1/people/{}/sessions", person.id);
                drop(kit.delete_as(&kit.administrator().await, &path).await.expect(204));
            }
            "password" => {
                let path = "/auth/v1/enrol/password";
                let begun = kit.post_as(&login, path, &serde_json::json!({})).await.expect(200);
                let proof = serde_json::json!({"password": "quince-Ladder 77 harbour"});
                let body = serde_json::json!({"transaction": begun.str("transaction"), "proof": proof});
                kit.post_as(&login, &format!("{path}/complete"), &body).await.expect(200);
            }
            _ => {
                let path = format!("/auth/v1/people/{}/credentials/password", person.id);
                let proof = serde_json::json!({"password": "quince-Ladder 77 harbour"});
                let root = kit.administrator().await;
                kit.post_as(&root, &path, &serde_json::json!({"proof": proof})).await.expect(201);
            }
        }
        assert!(!grant_lives(&kit, &first.str("access_token")).await, "{way}");
        refused(&refresh(&kit, "shop", &token).await, 400, "invalid_grant");
        // A code from before makes no new one.
        refused(&redeem(&kit, "shop", &late).await, 400, "invalid_grant");
        refresh(&kit, "shop", &bobs.str("refresh_token")).await.expect(200);
    }
}
