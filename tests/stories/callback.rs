//! Somebody approves a login on another device, or comes back from a provider. The authenticators are those of
//! an integrator: the server did not know them before this test.

use kit::{Browser, Kit, Login, PASSWORD, Reply, Store, shapes};
use serde_json::{Value, json};

async fn enrol(kit: &Kit, token: &str, authenticator: &str) -> Reply {
    kit.post_as(token, &format!("/auth/v1/enrol/{authenticator}"), &json!({})).await.expect(200)
}

async fn complete(kit: &Kit, invited: &Reply, authenticator: &str, proof: Value) -> Reply {
    let body = json!({"transaction": invited.str("transaction"), "proof": proof});
    kit.post(&format!("/auth/v1/enrol/{authenticator}/complete"), &body).await
}

/// Ann's device has been asked.
struct Asked {
    kit: Kit,
    handle: String,
    prompt: Value,
    key: Value,
}

impl Asked {
    async fn now() -> Self {
        let kit = Kit::with(Store::Memory).authenticator(shapes::approve::registration()).start().await;
        kit.person("ann").await;
        let invited = enrol(&kit, &kit.login("ann").await.access_token, "approve").await;
        let key = invited.json()["invitation"]["key"].clone();
        complete(&kit, &invited, "approve", json!({"key": key})).await.expect(200);

        let begun = kit.begin("ann").await;
        let more = kit.answer(&begun, "password", json!({"password": PASSWORD})).await.expect(200);
        let body = json!({"transaction": more.str("transaction")});
        let asked = kit.post("/auth/v1/login/approve/challenge", &body).await.expect(200);
        Self { handle: asked.str("transaction"), prompt: asked.json()["prompt"].clone(), key, kit }
    }

    /// What the device sends.
    fn event(&self, decision: &str) -> Value {
        let (ticket, number) = (&self.prompt["ticket"], &self.prompt["number"]);
        json!({"ticket": ticket, "number": number, "key": self.key, "decision": decision})
    }

    async fn report(&self, event: &Value) -> Reply {
        self.kit.post("/auth/v1/callback/approve", event).await
    }

    /// What the waiting window does.
    async fn poll(&self) -> Reply {
        self.kit.answer(&self.handle, "approve", json!({})).await
    }
}

#[tokio::test]
async fn the_window_waits_until_the_device_has_said_yes() {
    let asked = Asked::now().await;
    for _ in 0..20 {
        // Asking is no guess, however often.
        let pending = asked.poll().await.expect(200).json();
        assert_eq!(pending, json!({"status": "pending", "retry_after_ms": 2000}));
    }
    let taken = asked.report(&asked.event("approve")).await.expect(202);
    assert!(taken.bytes.is_empty());
    assert_eq!(Login::of(&asked.poll().await).body["acr"], "aal2");
}

#[tokio::test]
async fn a_no_ends_the_login() {
    let asked = Asked::now().await;
    asked.report(&asked.event("deny")).await.expect(202);
    asked.poll().await.expect(401);
    asked.poll().await.expect(404);
}

#[tokio::test]
async fn whether_a_challenge_waits_is_not_said_and_nonsense_is_refused() {
    let asked = Asked::now().await;
    let other = |name: &str, value: &str| {
        let mut event = asked.event("approve");
        event[name] = value.into();
        event
    };
    asked.report(&other("ticket", "no such ticket")).await.expect(202);
    asked.report(&other("key", "somebody else's")).await.expect(202);
    asked.report(&json!({"ticket": asked.prompt["ticket"]})).await.expect(400);
    assert_eq!(asked.poll().await.expect(200).str("status"), "pending");
    // One that takes no events has no such address.
    asked.kit.post("/auth/v1/callback/password", &json!({})).await.expect(404);
}

#[tokio::test]
async fn a_provider_says_who_it_is_and_the_page_in_between_keeps_it_to_itself() {
    let kit = Kit::with(Store::Memory).authenticator(shapes::redirect::registration()).start().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    browser.login("ann").await;
    let invited = browser.post("/auth/v1/enrol/redirect", &json!({})).await.expect(200);
    let proof = json!({"transaction": invited.str("transaction"), "proof": {}});
    browser.post("/auth/v1/enrol/redirect/complete", &proof).await.expect(422);
    let back = |url: &Value| {
        let (_, state) = url.as_str().unwrap().split_once("state=").unwrap();
        format!("/auth/v1/callback/redirect?state={state}&code=subject%20ann&iss=provider.example")
    };
    browser.get(&back(&invited.json()["invitation"]["url"])).await.expect(303);
    browser.post("/auth/v1/enrol/redirect/complete", &proof).await.expect(200);

    let begun = browser.post("/auth/v1/login", &json!({"cookie": true})).await.expect(200);
    assert!(begun.json()["next"]["authenticators"].as_array().unwrap().contains(&json!("redirect")));
    let handle = json!({"transaction": begun.str("transaction")});
    let asked = browser.post("/auth/v1/login/redirect/challenge", &handle).await.expect(200);
    let sent_on = browser.get(&back(&asked.json()["prompt"]["url"])).await.expect(303);
    assert_eq!(sent_on.header("location"), Some("../callback"));
    let page = browser.get("/auth/v1/callback").await.expect(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.text().contains("You can go back"));

    let answer = json!({"transaction": asked.str("transaction"), "answer": {}});
    let done = browser.post("/auth/v1/login/redirect", &answer).await.expect(200);
    assert_eq!(done.json()["person"]["username"], "ann");
}

#[tokio::test]
async fn a_query_that_says_two_things_at_once_is_refused() {
    let kit = Kit::with(Store::Memory).authenticator(shapes::redirect::registration()).start().await;
    let path = "/auth/v1/callback/redirect";
    kit.get(&format!("{path}?state=00&code=subject%20ann&code=subject%20bob")).await.expect(400);
    kit.get(path).await.expect(400);
    kit.get(&format!("{path}?state=00&code=subject%20ann")).await.expect(303);
}

#[tokio::test]
async fn an_authenticator_from_outside_is_documented_like_those_inside() {
    let kit = Kit::with(Store::Memory).authenticator(shapes::redirect::registration()).start().await;
    let document = &kit.app.document();
    for plugin in ["login", "enrol"] {
        assert_eq!(gatewright_openapi::lint(&gatewright_openapi::part(document, plugin)), []);
    }
    let tag = document["tags"].as_array().unwrap().iter().find(|t| t["name"] == "redirect").unwrap();
    assert_eq!(tag["description"], "Another provider says who it is. For tests.");
    for (path, method, id) in [
        ("login/redirect", "post", "login_redirect"),
        ("login/redirect/challenge", "post", "login_redirect_challenge"),
        ("enrol/redirect", "post", "enrol_redirect"),
        ("enrol/redirect/complete", "post", "enrol_redirect_complete"),
        ("callback/redirect", "post", "callback_redirect"),
        ("callback/redirect", "get", "callback_redirect_return"),
    ] {
        assert_eq!(document["paths"][format!("/auth/v1/{path}")][method]["operationId"], id);
    }
    let query = &document["paths"]["/auth/v1/callback/redirect"]["get"]["parameters"];
    let names: Vec<&str> = query.as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["state", "code", "error"]);
    let list = kit.get("/auth/v1/authenticators").await.expect(200).json();
    let redirect = list.as_array().unwrap().iter().find(|a| a["id"] == "redirect").unwrap();
    assert_eq!((&redirect["kind"], &redirect["identifies"]), (&json!("federation"), &json!(true)));
}
