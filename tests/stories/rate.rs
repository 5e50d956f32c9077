//! Somebody sends more than anybody needs, and the others notice nothing.

use gatewright_contract::TenantId;
use gatewright_core::{Origin, Tenant, people::NewPerson, store::Write};
use kit::{Call, Kit, Login, PASSWORD, Reply, Store, shapes};
use serde_json::{Value, json};
use std::time::Duration;

const ELSEWHERE: &str = "198.51.100.7";

async fn rated(config: &str) -> Kit {
    Kit::with(Store::Memory)
        .rated()
        .config(config)
        .authenticator(shapes::approve::registration())
        .start()
        .await
}

fn statuses(replies: &[Reply]) -> Vec<u16> {
    replies.iter().map(|reply| reply.status.as_u16()).collect()
}

fn begin(body: &Value) -> Call {
    Call::post("/auth/v1/login").json(body)
}

/// A whole login from an address.
async fn login_from(kit: &Kit, address: &str, name: &str, tenant: &str) -> Reply {
    let begun = kit.send(begin(&json!({"username": name, "tenant": tenant})).from(address)).await;
    if begun.status.as_u16() != 200 {
        return begun;
    }
    let answer = json!({"transaction": begun.str("transaction"), "answer": {"password": PASSWORD}});
    kit.send(Call::post("/auth/v1/login/password").json(&answer).from(address)).await
}

#[tokio::test]
async fn an_address_over_its_rate_waits_and_others_do_not() {
    let kit = rated("[http.rate]\nper_second = 10\nburst = 5\n").await;
    for _ in 0..5 {
        kit.get("/auth/v1/authenticators").await.expect(200);
    }
    let refused = kit.get("/auth/v1/authenticators").await.expect(429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.str("code"), "too_many_requests");
    // Nothing that comes with it is looked at, and each dialect has its own words.
    let huge = Call::post("/auth/v1/login").header("content-length", "99999999");
    kit.send(huge).await.expect(429);
    let idaas = "/api/web/v2/authentication/users/authenticate/PASSWORD";
    let refused = kit.post(idaas, &json!({})).await.expect(429);
    assert_eq!(
        (refused.str("errorCode").as_str(), refused.header("retry-after")),
        ("too_many_requests", Some("1"))
    );

    kit.send(Call::get("/auth/v1/authenticators").from(ELSEWHERE)).await.expect(200);
    kit.advance(Duration::from_millis(100));
    kit.get("/auth/v1/authenticators").await.expect(200);
    kit.get("/auth/v1/authenticators").await.expect(429);
}

#[tokio::test]
async fn who_watches_over_the_server_is_always_answered() {
    let kit = rated("[http.rate]\nper_second = 1\nburst = 1\n[plugins.health]\nmetrics = \"public\"\n").await;
    kit.get("/auth/v1/authenticators").await.expect(200);
    kit.get("/auth/v1/authenticators").await.expect(429);
    kit.app.health.set_not_ready(None);
    for path in ["/healthz", "/readyz", "/metrics"] {
        for _ in 0..5 {
            kit.get(path).await.expect(200);
        }
    }
    // And this machine, unless the operator says otherwise.
    for _ in 0..5 {
        kit.send(Call::get("/auth/v1/authenticators").from("127.0.0.1")).await.expect(200);
    }
    let kit = rated("[http.rate]\nper_second = 1\nburst = 1\nexempt = [\"192.0.2.0/24\"]\n").await;
    for _ in 0..5 {
        kit.get("/auth/v1/authenticators").await.expect(200);
    }
    kit.send(Call::get("/auth/v1/authenticators").from("127.0.0.1")).await.expect(200);
    kit.send(Call::get("/auth/v1/authenticators").from("127.0.0.1")).await.expect(429);
}

#[tokio::test]
async fn behind_a_proxy_each_client_counts_for_itself() {
    let kit =
        rated("[http]\ntrusted_proxies = [\"127.0.0.1\"]\n[http.rate]\nper_second = 1\nburst = 1\n").await;
    let call = |client: &str| {
        Call::get("/auth/v1/authenticators").from("127.0.0.1").header("x-forwarded-for", client)
    };
    kit.send(call("203.0.113.1")).await.expect(200);
    kit.send(call("203.0.113.1")).await.expect(429);
    kit.send(call("203.0.113.2")).await.expect(200);
    // What a client says of itself is not believed.
    kit.send(call("203.0.113.3, 203.0.113.1")).await.expect(429);
}

#[tokio::test]
async fn steps_of_logins_have_a_stricter_rate_that_does_not_know_who_exists() {
    let kit = rated("[http.rate]\nsteps_per_second = 1\nsteps_burst = 3\n").await;
    let ada = kit.person("ada").await;
    kit.person("dora").await;
    let dora = kit.login("dora").await;
    kit.advance(Duration::from_secs(10));
    let mut seen = Vec::new();
    for name in ["ada", "nobody"] {
        let (mut replies, mut handle) = (Vec::new(), String::new());
        for _ in 0..2 {
            let begun = kit.post("/auth/v1/login", &json!({"username": name})).await;
            handle = begun.str("transaction");
            replies.push(begun);
        }
        replies.push(kit.answer(&handle, "password", json!({"password": "a wrong guess"})).await);
        // The third step was the last one, right or wrong.
        for _ in 0..2 {
            replies.push(kit.answer(&handle, "password", json!({"password": PASSWORD})).await);
        }
        replies.push(kit.post("/auth/v1/login", &json!({"username": name})).await);
        assert_eq!(replies[3].str("code"), "too_many_requests");
        seen.push(statuses(&replies));
        kit.advance(Duration::from_secs(10));
    }
    assert_eq!(seen[0], [200, 200, 401, 429, 429, 429]);
    assert_eq!(seen[0], seen[1]);

    // Other doors and other steps count on the same; what is no step does not.
    for _ in 0..3 {
        kit.post("/auth/v1/login", &json!({"username": "ada"})).await.expect(200);
    }
    let idaas = json!({"applicationId": "default", "userId": "ada"});
    kit.post("/api/web/v2/authentication/users/authenticate/PASSWORD", &idaas).await.expect(429);
    kit.post_as(&dora.access_token, "/auth/v1/enrol/totp", &json!({})).await.expect(429);
    kit.post("/auth/v1/callback/approve", &json!({"ticket": "x"})).await.expect(429);
    kit.get_as(&dora.access_token, "/auth/v1/me").await.expect(200);
    login_from(&kit, ELSEWHERE, &ada.username, "default").await.expect(200);
}

#[tokio::test]
async fn a_waiting_window_may_ask_as_often_as_it_likes() {
    let kit = rated("[http.rate]\nsteps_per_second = 1\nsteps_burst = 10\n").await;
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let invited = kit.post_as(&token, "/auth/v1/enrol/approve", &json!({})).await.expect(200);
    let proof = json!({"transaction": invited.str("transaction"), "proof": {"key": invited.json()["invitation"]["key"]}});
    kit.post("/auth/v1/enrol/approve/complete", &proof).await.expect(200);
    let begun = kit.begin("ann").await;
    let more = kit.answer(&begun, "password", json!({"password": PASSWORD})).await.expect(200);
    let asked = json!({"transaction": more.str("transaction")});
    let asked = kit.post("/auth/v1/login/approve/challenge", &asked).await.expect(200);
    for _ in 0..50 {
        let polled = kit.answer(&asked.str("transaction"), "approve", json!({})).await.expect(200);
        assert_eq!(polled.str("status"), "pending");
    }
}

#[tokio::test]
async fn a_tenant_under_attack_takes_nothing_from_another() {
    let kit = rated("[http.rate]\nsteps_per_second = 0\n[login.rate]\nper_second = 1\nburst = 6\n").await;
    kit.person("ada").await;
    other_tenant(&kit, "acme", "bob").await;
    // From many addresses, each of them modest.
    for number in 1..=6 {
        let address = format!("203.0.113.{number}");
        kit.send(begin(&json!({"username": "ada"})).from(&address)).await.expect(200);
    }
    let refused = login_from(&kit, ELSEWHERE, "ada", "default").await.expect(429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    Login::of(&login_from(&kit, ELSEWHERE, "bob", "acme").await);
    kit.advance(Duration::from_secs(2));
    Login::of(&login_from(&kit, ELSEWHERE, "ada", "default").await);
}

/// A tenant with somebody in it.
async fn other_tenant(kit: &Kit, id: &str, username: &str) {
    let id = TenantId::parse(id).unwrap();
    let tenant = Tenant {
        id: id.clone(),
        display_name: "Acme".to_owned(),
        disabled: false,
        created: kit.now(),
        settings: None,
        rev: 1,
    };
    kit.app.engine.store().commit(vec![Write::TenantInsert(tenant)]).await.unwrap();
    let new = NewPerson {
        tenant: id,
        username: username.to_owned(),
        display_name: None,
        email: None,
        administrator: false,
    };
    let person = kit.app.engine.create_person(new, &Origin::local("kit")).await.unwrap();
    kit.set_password(&person, PASSWORD).await;
}
