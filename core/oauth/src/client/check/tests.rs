use super::*;
use crate::client::{ClientSecret, EntraFlow, SubjectType};
use gatewright_contract::Timestamp;
use serde_json::json;

fn client() -> Client {
    Client {
        client_id: "app".to_owned(),
        name: "App".to_owned(),
        redirect_uris: vec!["https://app.example/callback".to_owned()],
        scopes: vec!["openid".to_owned()],
        ..Client::default()
    }
}

/// The members that are found wrong, each once.
fn found(client: &Client) -> Vec<String> {
    let mut codes: Vec<String> = client.check().into_iter().map(|v| v.code).collect();
    codes.dedup();
    codes
}

fn with(change: impl FnOnce(&mut Client)) -> Vec<String> {
    let mut client = client();
    change(&mut client);
    found(&client)
}

#[test]
fn a_plain_client_is_fine() {
    assert!(found(&client()).is_empty(), "{:?}", client().check());
}

#[test]
fn redirect_uris_that_can_be() {
    for good in [
        "https://app.example/callback",
        "https://app.example",
        "https://app.example:8443/a/b?tenant=1",
        "https://app.example:443/cb",
        "http://127.0.0.1/cb",
        "http://127.0.0.1:3000/cb",
        "http://[::1]:3000/cb",
        "http://localhost:3000/cb",
        "com.example.app:/callback",
        "com.example.app://callback",
        "https://app.example/%C3%A9",
    ] {
        let codes = with(|c| c.redirect_uris = vec![good.to_owned()]);
        assert!(codes.is_empty(), "{good}: {codes:?}");
    }
}

#[test]
fn redirect_uris_that_can_not_be() {
    for bad in [
        "",
        "/callback",
        "callback",
        "//app.example/cb",
        "http://app.example/cb",
        "http://localhost.evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "https://app.example/cb#fragment",
        "https://app.example/cb#",
        "https://user@app.example/cb",
        "https://user:pass@app.example/cb",
        "https://@app.example/cb",
        "https://*.app.example/cb",
        "https://app.example/*",
        "https://app.example/a/../cb",
        "https://app.example/a/%2e%2e/cb",
        "https://app.example/./cb",
        "https://APP.example/cb",
        "HTTPS://app.example/cb",
        "https://app.example./cb",
        "https://app.example\\@evil.example/cb",
        "https://app.example/cb ",
        "https://app.example/\u{e9}",
        "https://app.example/a\nb",
        "https:app.example/cb",
        "https:///cb",
        "https://0x7f.1/cb",
        "javascript:alert(1)",
        "data:text/html,hello",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example/1",
        "about:blank",
        "myapp:/callback",
        "COM.example.app:/cb",
    ] {
        assert_eq!(with(|c| c.redirect_uris = vec![bad.to_owned()]), ["redirect_uris"], "{bad}");
    }
    let long = format!("https://app.example/{}", "a".repeat(2_048));
    assert_eq!(with(|c| c.redirect_uris = vec![long.clone()]), ["redirect_uris"]);
    let many = (0..51).map(|n| format!("https://app.example/{n}")).collect::<Vec<_>>();
    assert_eq!(with(|c| c.redirect_uris = many.clone()), ["redirect_uris"]);
    assert_eq!(with(|c| c.redirect_uris.push("https://app.example/callback".to_owned())), ["redirect_uris"]);
    assert_eq!(with(|c| c.redirect_uris.clear()), ["redirect_uris"], "a code needs a place");
    assert_eq!(
        with(|c| c.logout.redirect_uris = vec!["javascript:alert(1)".to_owned()]),
        ["post_logout_redirect_uris"]
    );
}

#[test]
fn everything_is_said_at_once() {
    let mut codes = with(|c| {
        c.client_id = "../up".to_owned();
        c.name = String::new();
        c.redirect_uris = vec!["data:x".to_owned()];
        c.auth_method = AuthMethod::None;
        c.scopes = vec!["a b".to_owned()];
        c.about.logo_uri = Some("http://app.example/logo.png".to_owned());
    });
    codes.sort();
    assert_eq!(codes, ["auth_method", "client_id", "logo_uri", "name", "redirect_uris", "scopes"]);
}

#[test]
fn what_was_sent_is_not_repeated() {
    let mut client = client();
    client.redirect_uris = vec!["javascript:hunter2".to_owned()];
    client.jwks = Some(json!({"keys": [{"kty": "EC", "d": "hunter2"}]}));
    let texts: String = client.check().into_iter().map(|v| v.message).collect();
    assert!(!texts.is_empty() && !texts.contains("hunter2"), "{texts}");
}

#[test]
fn names_hide_nothing() {
    for bad in ["", " App", "A\u{202e}ppa", "A\nB", "A\u{200b}B", "\u{feff}A", "A\u{0}"] {
        assert_eq!(with(|c| c.name = bad.to_owned()), ["name"], "{bad:?}");
    }
    assert!(
        with(|c| c.name = "Caf\u{e9} <b> \u{1f512}".to_owned()).is_empty(),
        "pages escape what they show"
    );
    assert_eq!(with(|c| c.name = "a".repeat(129)), ["name"]);
    assert_eq!(with(|c| c.about.contacts = vec!["no address".to_owned()]), ["contacts"]);
    assert!(with(|c| c.about.contacts = vec!["ann@app.example".to_owned()]).is_empty());
}

#[test]
fn pages_and_pictures_are_https() {
    for bad in
        ["http://app.example/", "javascript:alert(1)", "data:image/png;base64,AA", "https://a@b.example/"]
    {
        assert_eq!(with(|c| c.about.client_uri = Some(bad.to_owned())), ["client_uri"], "{bad}");
        assert_eq!(with(|c| c.about.tos_uri = Some(bad.to_owned())), ["tos_uri"], "{bad}");
        assert_eq!(
            with(|c| c.logout.back_channel = Some(bad.to_owned())),
            ["back_channel_logout_uri"],
            "{bad}"
        );
    }
}

#[test]
fn who_keeps_no_secret_has_none() {
    let public = |c: &mut Client| {
        c.client_type = ClientType::Public;
        c.auth_method = AuthMethod::None;
    };
    assert!(with(public).is_empty());
    assert_eq!(with(|c| c.client_type = ClientType::Public), ["auth_method"]);
    assert_eq!(with(|c| c.auth_method = AuthMethod::None), ["auth_method"]);
    let secret = ClientSecret { hash: String::new(), created: Timestamp::from_secs(0), expires: None };
    let kept = |c: &mut Client| {
        public(c);
        c.secrets.push(secret.clone());
    };
    assert_eq!(with(kept), ["client_type"]);
    let alone = |c: &mut Client| {
        public(c);
        c.grants.push(GrantType::ClientCredentials);
    };
    assert_eq!(with(alone), ["grants"]);
}

#[test]
fn keys_are_public_and_in_one_place() {
    let key = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let jwt = |c: &mut Client| c.auth_method = AuthMethod::PrivateKeyJwt;
    assert_eq!(with(jwt), ["auth_method"]);
    let set = json!({"keys": [key]});
    let good = |c: &mut Client| {
        jwt(c);
        c.jwks = Some(set.clone());
    };
    assert!(with(good).is_empty());
    let both = |c: &mut Client| {
        good(c);
        c.jwks_uri = Some("https://app.example/jwks".to_owned());
    };
    assert_eq!(with(both), ["jwks"]);
    let many = json!({"keys": vec![key.clone(); 11]});
    for bad in [
        json!({}),
        json!([]),
        json!({"keys": []}),
        json!({"keys": [7]}),
        json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}),
        json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "d": "d"}]}),
        json!({"keys": [{"kty": "EC", "x": 7}]}),
        many,
    ] {
        assert_eq!(with(|c| c.jwks = Some(bad.clone())), ["jwks"], "{bad}");
    }
}

#[test]
fn certificates_have_one_name() {
    let tls = |c: &mut Client| c.auth_method = AuthMethod::TlsClientAuth;
    assert_eq!(with(tls), ["auth_method"]);
    let named = |c: &mut Client| {
        tls(c);
        c.tls_san_dns = Some("app.example".to_owned());
    };
    assert!(with(named).is_empty());
    let twice = |c: &mut Client| {
        named(c);
        c.tls_subject_dn = Some("CN=app".to_owned());
    };
    assert_eq!(with(twice), ["auth_method"]);
    assert_eq!(with(|c| c.tls_subject_dn = Some("CN=app".to_owned())), ["tls_subject_dn"]);
}

#[test]
fn people_are_asked_before_a_client_acts_for_them_here() {
    for scope in ["admin", "account", "people.read", "USER"] {
        let skips = |c: &mut Client| {
            c.scopes = vec![scope.to_owned()];
            c.consent = Consent::Skip;
        };
        assert_eq!(with(skips), ["consent"], "{scope}");
        assert!(with(|c| c.scopes = vec![scope.to_owned()]).is_empty(), "{scope}");
    }
    assert!(with(|c| c.consent = Consent::Skip).is_empty());
}

#[test]
fn subjects_of_several_hosts_need_a_sector() {
    let several = |c: &mut Client| {
        c.subject_type = SubjectType::Pairwise;
        c.redirect_uris.push("https://other.example/callback".to_owned());
    };
    assert_eq!(with(several), ["sector"]);
    let named = |c: &mut Client| {
        several(c);
        c.sector = Some("example".to_owned());
    };
    assert!(with(named).is_empty());
    for bad in ["", "https://app.example", "App.example", "127.0.0.1", "a/b"] {
        assert_eq!(with(|c| c.sector = Some(bad.to_owned())), ["sector"], "{bad}");
    }
}

#[test]
fn entra_is_answered_where_it_listens() {
    let tenant = "https://login.microsoftonline.com/5f3b1b0e-1111-4222-8333-444455556666/v2.0";
    let entra = |c: &mut Client| {
        c.entra = Some(EntraFlow { issuer: tenant.to_owned() });
        c.algorithm = Algorithm::Rs256;
        c.grants = Vec::new();
        c.redirect_uris = ENTRA_REDIRECTS.map(str::to_owned).into();
    };
    assert!(with(entra).is_empty());
    let change = |more: fn(&mut Client)| {
        with(|c| {
            entra(c);
            more(c);
        })
    };
    assert_eq!(change(|c| c.algorithm = Algorithm::EdDsa), ["algorithm"]);
    assert_eq!(change(|c| c.redirect_uris.push("https://app.example/".to_owned())), ["redirect_uris"]);
    assert_eq!(change(|c| c.grants = vec![GrantType::AuthorizationCode]), ["grants"]);
    for bad in ["https://login.microsoftonline.com/common/v2.0", "https://evil.example/v2.0", ""] {
        let mut client = client();
        entra(&mut client);
        client.entra = Some(EntraFlow { issuer: bad.to_owned() });
        assert_eq!(found(&client), ["entra"], "{bad}");
    }
}
