//! A token for one that is for less, or is carried on by whom it was sent to.

use super::*;
use serde_json::json;
use std::time::Duration;

const GRANT: (&str, &str) = ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID: &str = "urn:ietf:params:oauth:token-type:id_token";
const STOCK: (&str, &str) = ("resource", "https://stock.example/");

async fn exchange(kit: &Kit, client_id: &str, (kind, token): (&str, &str), more: &[(&str, &str)]) -> Reply {
    let mut fields = vec![GRANT, ("subject_token", token), ("subject_token_type", kind)];
    fields.extend(more);
    ask(kit, client_id, &fields).await
}

/// Ada's tokens at the shop; its access token is for these.
async fn begun(kit: &Kit, resources: &[&str]) -> (Agreed, Reply) {
    for client in [shop(), depot()] {
        register(kit, &client).await;
    }
    let scopes = ["openid", "profile", "stock.read", "offline_access"];
    let mut ada = Agreed::of(kit, "ada", "shop", &scopes).await;
    ada.terms.resources = words(resources);
    let reply = redeem(kit, "shop", &ada.code(kit).await).await.expect(200);
    (ada, reply)
}

#[tokio::test]
async fn a_client_makes_less_of_its_own_token() {
    let kit = Kit::memory().await;
    let (ada, first) = begun(&kit, &[]).await;
    let token = first.str("access_token");
    kit.advance(Duration::from_secs(500));
    let less = [("scope", "profile"), ("requested_token_type", ACCESS)];
    let reply = exchange(&kit, "shop", (ACCESS, &token), &less).await.expect(200);
    let body = reply.json();
    assert_eq!((&body["issued_token_type"], &body["token_type"]), (&ACCESS.into(), &"Bearer".into()));
    assert_eq!(
        (&body["scope"], &body["expires_in"]),
        (&"profile".into(), &100.into()),
        "it ends with the first"
    );
    assert!(body.get("refresh_token").is_none() && body.get("id_token").is_none(), "{body}");
    let (_, access) = claims(&kit, &reply.str("access_token")).await;
    assert_eq!((&access["sub"], &access["aud"]), (&ada.terms.person.to_string().into(), &ISSUER.into()));
    assert_eq!(outcomes(&kit, "token.exchanged").await, ["success"]);

    let all = exchange(&kit, "shop", (ACCESS, &token), &[]).await.expect(200);
    assert_eq!(all.json()["scope"], "openid profile stock.read", "to come again is not passed on");
    // What came of it makes no more of itself again.
    let narrow = reply.str("access_token");
    refused(&exchange(&kit, "shop", (ACCESS, &narrow), &[("scope", "openid")]).await, 400, "invalid_scope");
    for scope in ["email", "admin", "account", "offline_access"] {
        refused(&exchange(&kit, "shop", (ACCESS, &token), &[("scope", scope)]).await, 400, "invalid_scope");
    }
    kit.advance(Duration::from_secs(100));
    refused(&exchange(&kit, "shop", (ACCESS, &token), &[]).await, 400, "invalid_request");
}

#[tokio::test]
async fn what_its_person_agreed_to_for_one_resource_opens_no_other() {
    let kit = Kit::memory().await;
    let (_, first) = begun(&kit, &[STOCK.1]).await;
    let mail = ("resource", "https://mail.example/");
    for subject in [(ACCESS, first.str("access_token")), (ID, first.str("id_token"))] {
        let subject = (subject.0, &*subject.1);
        refused(&exchange(&kit, "shop", subject, &[mail]).await, 400, "invalid_target");
        refused(&exchange(&kit, "shop", subject, &[("audience", ISSUER)]).await, 400, "invalid_target");
        for fields in [&[][..], &[STOCK]] {
            let reply = exchange(&kit, "shop", subject, fields).await.expect(200);
            assert_eq!(claims(&kit, &reply.str("access_token")).await.1["aud"], STOCK.1);
        }
    }
}

#[tokio::test]
async fn who_was_sent_a_token_carries_it_on_and_it_ends_with_its_grant() {
    let kit = Kit::memory().await;
    let (ada, first) = begun(&kit, &["depot"]).await;
    let token = first.str("access_token");
    refused(&exchange(&kit, "depot", (ACCESS, &token), &[]).await, 400, "invalid_target");
    let foreign = [("resource", "https://other.example/")];
    refused(&exchange(&kit, "depot", (ACCESS, &token), &foreign).await, 400, "invalid_target");
    let issuer = [("audience", ISSUER)];
    refused(&exchange(&kit, "depot", (ACCESS, &token), &issuer).await, 400, "invalid_target");
    let fields = [STOCK, ("scope", "stock.read")];
    let reply = exchange(&kit, "depot", (ACCESS, &token), &fields).await.expect(200);
    let (_, access) = claims(&kit, &reply.str("access_token")).await;
    assert_eq!((&access["client_id"], &access["aud"]), (&"depot".into(), &"https://stock.example/".into()));
    assert_eq!(access["sub"], ada.terms.person.to_string());
    assert!(access.get("act").is_none());
    assert!(grant_lives(&kit, &reply.str("access_token")).await);
    let again = first.str("refresh_token");
    refresh(&kit, "shop", &again).await.expect(200);
    refused(&refresh(&kit, "shop", &again).await, 400, "invalid_grant");
    assert!(!grant_lives(&kit, &reply.str("access_token")).await);
    refused(&exchange(&kit, "depot", (ACCESS, &token), &fields).await, 400, "invalid_request");
}

#[tokio::test]
async fn who_finds_a_token_makes_nothing_of_it() {
    let kit = Kit::memory().await;
    let (_, first) = begun(&kit, &[]).await;
    let public = Client { grants: shop().grants, ..page() };
    register(&kit, &public).await;
    let (access, id) = (first.str("access_token"), first.str("id_token"));
    refused(&exchange(&kit, "depot", (ACCESS, &access), &[STOCK]).await, 400, "invalid_request");
    refused(&exchange(&kit, "depot", (ID, &id), &[STOCK]).await, 400, "invalid_request");
    refused(&exchange(&kit, "page", (ACCESS, &access), &[STOCK]).await, 400, "unauthorized_client");
    for bad in ["", "x", "gwo_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA_default", "e30.e30.e30"] {
        refused(&exchange(&kit, "shop", (ACCESS, bad), &[]).await, 400, "invalid_request");
        refused(&exchange(&kit, "shop", (ID, bad), &[]).await, 400, "invalid_request");
    }
    let login = kit.login("ada").await.access_token;
    refused(&exchange(&kit, "shop", (ACCESS, &login), &[]).await, 400, "invalid_request");
}

#[tokio::test]
async fn an_id_token_is_no_access_token_and_the_reverse() {
    let kit = Kit::memory().await;
    let (_, first) = begun(&kit, &[]).await;
    let (access, id) = (first.str("access_token"), first.str("id_token"));
    refused(&exchange(&kit, "shop", (ACCESS, &id), &[]).await, 400, "invalid_request");
    refused(&exchange(&kit, "shop", (ID, &access), &[]).await, 400, "invalid_request");
    for kind in
        ["urn:ietf:params:oauth:token-type:refresh_token", "urn:ietf:params:oauth:token-type:saml2", "x"]
    {
        refused(&exchange(&kit, "shop", (kind, &access), &[]).await, 400, "invalid_request");
    }
    let wanted = [("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token")];
    refused(&exchange(&kit, "shop", (ACCESS, &access), &wanted).await, 400, "invalid_request");
}

#[tokio::test]
async fn an_id_token_stands_for_the_grant_of_its_session() {
    let kit = Kit::memory().await;
    let (ada, first) = begun(&kit, &[]).await;
    let id = first.str("id_token");
    let reply = exchange(&kit, "shop", (ID, &id), &[STOCK]).await.expect(200);
    let (_, access) = claims(&kit, &reply.str("access_token")).await;
    assert_eq!((&access["sub"], &access["aud"]), (&ada.terms.person.to_string().into(), &STOCK.1.into()));
    assert!(grant_lives(&kit, &reply.str("access_token")).await);
    kit.advance(Duration::from_secs(600));
    refused(&exchange(&kit, "shop", (ID, &id), &[STOCK]).await, 400, "invalid_request");
    let later = redeem(&kit, "shop", &ada.code(&kit).await).await.expect(200).str("id_token");
    let write = Write::SessionDelete(ada.terms.session);
    kit.app.engine.store().commit(vec![write]).await.unwrap();
    refused(&exchange(&kit, "shop", (ID, &later), &[STOCK]).await, 400, "invalid_request");
}

#[tokio::test]
async fn who_acts_is_named_and_stays_named() {
    let kit = Kit::memory().await;
    let (_, first) = begun(&kit, &["depot"]).await;
    let token = first.str("access_token");
    let own = [("grant_type", "client_credentials")];
    let depot = ask(&kit, "depot", &own).await.expect(200).str("access_token");
    let shop = ask(&kit, "shop", &own).await.expect(200).str("access_token");
    let acting = |actor: &str| {
        let (actor, token, kit) = (actor.to_owned(), &token, &kit);
        async move {
            let fields = [STOCK, ("actor_token", &*actor), ("actor_token_type", ACCESS)];
            exchange(kit, "depot", (ACCESS, token), &fields).await
        }
    };
    refused(&acting(&shop).await, 400, "invalid_request");
    let half = [STOCK, ("actor_token", &*depot)];
    refused(&exchange(&kit, "depot", (ACCESS, &token), &half).await, 400, "invalid_request");
    let reply = acting(&depot).await.expect(200);
    let act = json!({"sub": "depot", "client_id": "depot"});
    assert_eq!(claims(&kit, &reply.str("access_token")).await.1["act"], act);
    let mut carried = reply.str("access_token");
    let reply = exchange(&kit, "depot", (ACCESS, &carried), &[STOCK]).await.expect(200);
    assert_eq!(claims(&kit, &reply.str("access_token")).await.1["act"], act, "an exchange hides nobody");
    for _ in 0..3 {
        let fields = [STOCK, ("actor_token", &*depot), ("actor_token_type", ACCESS)];
        carried = exchange(&kit, "depot", (ACCESS, &carried), &fields).await.expect(200).str("access_token");
    }
    let fields = [STOCK, ("actor_token", &*depot), ("actor_token_type", ACCESS)];
    refused(&exchange(&kit, "depot", (ACCESS, &carried), &fields).await, 400, "invalid_request");
}
