//! A provider that lies, or somebody who speaks in its place: nobody gets in, and all of it looks the same.

use super::{
    SUBJECT, come_back, configured, linked, log_in, poll, provider::Provider, provider::Sign,
    provider::Token, sent_away,
};
use kit::{Browser, Kit};
use serde_json::json;

type Lie = (&'static str, fn(&mut Token));

const LIES: &[Lie] = &[
    ("another issuer", |t| t.claims["iss"] = json!("https://other.example")),
    ("no issuer", |t| t.claims["iss"] = json!(null)),
    ("another audience", |t| t.claims["aud"] = json!("somebody else")),
    ("no audience", |t| t.claims["aud"] = json!([])),
    ("an audience that is not trusted", |t| {
        t.claims["aud"] = json!([t.claims["aud"], "somebody else"]);
        t.claims["azp"] = t.claims["aud"][0].clone();
    }),
    ("handed out to another client", |t| t.claims["azp"] = json!("somebody else")),
    ("expired", |t| t.claims["exp"] = json!(t.claims["iat"].as_i64().unwrap() - 61)),
    ("without an end", |t| t.claims["exp"] = json!(null)),
    ("an end in words", |t| t.claims["exp"] = json!("tomorrow")),
    ("of the future", |t| t.claims["iat"] = json!(t.claims["iat"].as_i64().unwrap() + 61)),
    ("not good yet", |t| t.claims["nbf"] = json!(t.claims["iat"].as_i64().unwrap() + 61)),
    ("another nonce", |t| t.claims["nonce"] = json!("another")),
    ("no nonce", |t| t.claims["nonce"] = json!(null)),
    ("of another access token", |t| t.claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA")),
    ("nobody", |t| t.claims["sub"] = json!("")),
    ("a subject that is a number", |t| t.claims["sub"] = json!(248_289_761_001_u64)),
    ("a long subject", |t| t.claims["sub"] = json!("x".repeat(256))),
    ("unsigned", |t| {
        t.header["alg"] = json!("none");
        t.sign = Sign::Nothing;
    }),
    ("signature left out", |t| t.sign = Sign::Nothing),
    ("signed by a stranger", |t| t.sign = Sign::Stranger),
    ("signed with the public key", |t| {
        t.header["alg"] = json!("HS256");
        t.sign = Sign::PublicKey;
    }),
    ("signed with the public key, said to be of the pair", |t| t.sign = Sign::PublicKey),
    ("a key that nobody knows", |t| t.header["kid"] = json!("unknown")),
    ("a key that it brings along", |t| {
        t.header["kid"] = json!("unknown");
        t.header["jku"] = json!("https://other.example/keys");
        t.sign = Sign::Stranger;
    }),
    ("another signature than said", |t| t.header["alg"] = json!("RS256")),
    ("what must be understood and is not", |t| t.header["crit"] = json!(["exp"])),
    ("a token of another sort", |t| t.header["typ"] = json!("at+jwt")),
    ("too long", |t| t.claims["more"] = json!("x".repeat(40_000))),
];

#[tokio::test]
async fn no_lie_is_believed_and_all_look_like_a_wrong_answer() {
    let (kit, provider) = linked().await;
    let wrong = log_in(&kit, &provider, json!({}), "another subject").await.expect(401);
    for (what, lie) in LIES {
        provider.lie(*lie);
        let reply = log_in(&kit, &provider, json!({}), SUBJECT).await;
        assert_eq!((reply.status, reply.json()), (wrong.status, wrong.json()), "{what}");
    }
    provider.lie(|_| {});
    log_in(&kit, &provider, json!({}), SUBJECT).await.expect(200);
}

/// What a token may say and need not.
#[tokio::test]
async fn what_is_true_is_believed_in_each_of_its_forms() {
    let (kit, provider) = linked().await;
    let truths: &[Lie] = &[
        ("no access token is named", |t| {
            t.claims.as_object_mut().unwrap().remove("at_hash");
        }),
        ("a list of one audience", |t| t.claims["aud"] = json!([t.claims["aud"]])),
        ("handed out to us", |t| t.claims["azp"] = t.claims["aud"].clone()),
        ("the only key, without its name", |t| {
            t.header.as_object_mut().unwrap().remove("kid");
        }),
        ("no type", |t| {
            t.header.as_object_mut().unwrap().remove("typ");
        }),
        ("clocks that differ", |t| t.claims["iat"] = json!(t.claims["iat"].as_i64().unwrap() + 59)),
        ("a fraction of a second", |t| t.claims["exp"] = json!(t.claims["exp"].as_f64().unwrap() + 0.5)),
    ];
    for (what, truth) in truths {
        provider.lie(*truth);
        let reply = log_in(&kit, &provider, json!({}), SUBJECT).await;
        assert_eq!(reply.status.as_u16(), 200, "{what}: {}", reply.text());
    }
}

#[tokio::test]
async fn a_link_is_not_made_of_a_lie() {
    let (kit, provider) = linked().await;
    let browser = Browser::new(&kit);
    browser.login("ada").await;
    provider.lie(|t| t.sign = Sign::Stranger);
    let refused = super::link(&browser, &provider, "another").await.expect(422);
    assert_eq!(refused.json()["violations"][0]["code"], "not_believed");
}

/// A response in the place of another: from whom it is not, with an error and a code, with nothing.
#[tokio::test]
async fn a_response_that_is_not_the_providers_sends_the_code_nowhere() {
    let (kit, provider) = linked().await;
    type Change = fn(&str) -> String;
    let changes: &[(&str, Change)] = &[
        ("another issuer", |back| back.replace("iss=http", "iss=https")),
        ("no issuer", |back| back.replace("iss=", "was=")),
        ("code and error", |back| format!("{back}&error=access_denied")),
        ("an error", |back| back.replace("code=", "was=") + "&error=invalid_scope"),
        ("neither", |back| back.replace("code=", "was=")),
    ];
    for (what, change) in changes {
        let browser = Browser::new(&kit);
        let (transaction, url) = sent_away(&browser, json!({})).await;
        let back = provider.authorize(url.as_str().unwrap(), SUBJECT);
        browser.get(&change(&back)).await.expect(303);
        poll(&browser, &transaction).await.expect(401);
        // And it was the one response.
        browser.get(&back).await.expect(303);
        assert_eq!(provider.asked().get("/token"), None, "{what}");
    }
}

#[tokio::test]
async fn what_is_too_long_or_broken_is_refused_before_it_is_looked_at() {
    let (kit, provider) = linked().await;
    let browser = Browser::new(&kit);
    let (transaction, url) = sent_away(&browser, json!({})).await;
    let back = provider.authorize(url.as_str().unwrap(), SUBJECT);
    let state = back.split(['?', '&']).find_map(|p| p.strip_prefix("state=")).unwrap();
    let path = "/auth/v1/callback/idp-oidc";
    for (query, status) in [
        (String::new(), 400),
        (format!("state={}", "x".repeat(129)), 400),
        (format!("state={state}&code={}", "x".repeat(4097)), 400),
        (format!("state={state}&iss={}", "x".repeat(513)), 400),
        (format!("state={state}&code=a&code=b"), 400),
        (format!("state={}&code=a", &state[1..]), 303),
    ] {
        browser.get(&format!("{path}?{query}")).await.expect(status);
    }
    browser.post(path, &json!({"state": ["x"]})).await.expect(400);
    assert_eq!(poll(&browser, &transaction).await.expect(200).json()["status"], "pending");
    browser.get(&back).await.expect(303);
    poll(&browser, &transaction).await.expect(200);
}

/// Of two providers one could pass on what the other has said (RFC 9700, section 4.4).
#[tokio::test]
async fn of_several_providers_each_must_say_who_it_is() {
    let (honest, silent) = (Provider::start().await, Provider::start().await);
    silent.say("authorization_response_iss_parameter_supported", json!(false));
    let start = async |more: &str| configured(&honest).config(&silent.table("silent", more)).start().await;
    let challenge = async |kit: &Kit, provider: Option<&str>| {
        let browser = Browser::new(kit);
        let begun = browser.post("/auth/v1/login", &json!({"cookie": true})).await.expect(200);
        let begin = provider.map_or(json!({}), |name| json!({"provider": name}));
        let body = json!({"transaction": begun.str("transaction"), "begin": begin});
        browser.post("/auth/v1/login/idp-oidc/challenge", &body).await
    };
    let kit = start("").await;
    let unnamed = challenge(&kit, None).await.expect(400);
    assert!(unnamed.text().contains("one of: corp, silent"), "{}", unnamed.text());
    challenge(&kit, Some("nobody")).await.expect(400);
    challenge(&kit, Some("corp")).await.expect(200);
    challenge(&kit, Some("silent")).await.expect(503);

    let kit = start("distinct_redirect = true").await;
    let asked = challenge(&kit, Some("silent")).await.expect(200).json();
    let url = asked["prompt"]["url"].as_str().unwrap();
    assert!(url.contains("callback%2Fidp-oidc%3Fprovider%3Dsilent&"), "{url}");
}

#[tokio::test]
async fn a_response_to_the_address_of_another_provider_is_not_believed() {
    let provider = Provider::start().await;
    provider.say("authorization_response_iss_parameter_supported", json!(false));
    let table = provider.table("corp", "distinct_redirect = true");
    let kit = Kit::with(kit::Store::Memory).config(super::SETTINGS).config(&table).start().await;
    kit.person("ada").await;
    let browser = Browser::new(&kit);
    browser.login("ada").await;
    super::link(&browser, &provider, SUBJECT).await.expect(200);
    for (was, is) in [("provider=corp&", "provider=other&"), ("provider=corp&", "")] {
        let (transaction, url) = sent_away(&browser, json!({})).await;
        let back = provider.authorize(url.as_str().unwrap(), SUBJECT);
        assert!(back.contains(was), "{back}");
        browser.get(&back.replace(was, is)).await.expect(303);
        poll(&browser, &transaction).await.expect(401);
    }
    let (transaction, url) = sent_away(&browser, json!({})).await;
    come_back(&browser, &provider, &url, SUBJECT).await;
    poll(&browser, &transaction).await.expect(200);
}
