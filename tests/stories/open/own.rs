//! Somebody who is logged in replaces what they have.

use super::*;

async fn replace(kit: &Kit, caller: &Caller, password: &str) -> Told {
    told(kit.app.engine.replace_own(caller, "password", proof(password), None, &door()).await)
}

#[tokio::test]
async fn a_new_one_takes_the_place_of_the_old_and_ends_the_other_sessions() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Kit::with(store).mailbox().start().await;
        kit.person("ann").await;
        with_address(&kit, "ann", "ann@example.org").await;
        let (other, here) = (kit.login("ann").await, kit.login("ann").await);
        let ann = caller(&kit, &here.access_token).await;
        assert_eq!(replace(&kit, &ann, "short").await.map_err(|told| told.0), Err(422));
        assert_eq!(replace(&kit, &ann, NEW).await, Ok(()));
        kit.get_as(&other.access_token, "/auth/v1/me").await.expect(401);
        kit.get_as(&here.access_token, "/auth/v1/me").await.expect(200);
        assert!(logs_in(&kit, "ann", NEW).await && !logs_in(&kit, "ann", PASSWORD).await);
        let mail = kit.mail().await;
        assert_eq!((mail.len(), mail[0].template.as_str()), (1, "notice"));
    }
}

#[tokio::test]
async fn only_by_somebody_who_has_just_logged_in_themselves() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let login = kit.login("ann").await;
    let ann = caller(&kit, &login.access_token).await;
    let limited = Caller { scopes: Some(vec!["openid".to_owned()].into()), ..ann.clone() };
    assert_eq!(replace(&kit, &limited, NEW).await.map_err(|told| told.0), Err(403), "a limited token");
    for other in ["temp-access-code", "nothing"] {
        let said = kit.app.engine.replace_own(&ann, other, json!({}), None, &door()).await;
        assert_eq!(status(said), Some(400), "{other}");
    }
    kit.advance(Duration::from_secs(3_600));
    assert_eq!(replace(&kit, &ann, NEW).await.map_err(|told| told.1), Err("elevation_required"));
    assert!(logs_in(&kit, "ann", PASSWORD).await);
}

#[tokio::test]
async fn a_session_that_has_ended_replaces_nothing() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let login = kit.login("ann").await;
    let ann = caller(&kit, &login.access_token).await;
    kit.app.engine.end_all(&ann, true, &door()).await.expect("is ended");
    assert!(replace(&kit, &ann, NEW).await.is_err());
    assert!(logs_in(&kit, "ann", PASSWORD).await);
}
