use super::{super::Somebody, Granted, Remembered, Stands, Step};
use crate::{
    Client, ErrorCode,
    client::{AuthMethod, ClientType, Consent},
    entra::Asked,
    request::{Acr, Agreed, AuthorizationRequest, Prompt},
};
use gatewright_contract::{PersonId, SessionId, TenantId, Timestamp};
use gatewright_core::{Person, Session, oidc::OidcRules, policy::Policy};
use serde_json::{Value, json};
use std::sync::Arc;

/// The request comes at this second, and is looked at a minute later.
const CAME: i64 = 10_000;

fn request(change: impl FnOnce(&mut AuthorizationRequest)) -> AuthorizationRequest {
    let read = json!({"client_id": "c", "redirect_uri": "https://rp", "response_mode": "query", "scopes": ["openid", "email"],
                      "created": Timestamp::from_secs(CAME)});
    let mut request = serde_json::from_value(read).expect("a request");
    change(&mut request);
    request
}

/// Ann, who has last proven who she is at this second.
fn ann(proven: i64, acr: &str) -> Somebody {
    let at = Timestamp::from_secs(proven);
    let (person, id) = (PersonId::from_parts(at, [1; 10]), SessionId::from_parts(at, [2; 10]));
    let session = Session {
        id,
        tenant: TenantId::default_tenant(),
        person,
        created: at,
        authenticated: at,
        last_seen: at,
        expires: Timestamp::from_secs(CAME * 2),
        acr: acr.to_owned(),
        amr: vec!["pwd".to_owned()],
        second_factor: false,
        door: "login".to_owned(),
        client: None,
        address: None,
        user_agent: None,
        idle_seconds: 3_600,
        rev: 1,
    };
    let person = Person {
        id: person,
        tenant: TenantId::default_tenant(),
        username: "Ann".to_owned(),
        display_name: None,
        email: Some("ann@example.com".to_owned()),
        administrator: false,
        disabled: false,
        service: false,
        email_verified: true,
        attributes: Value::Null,
        created: at,
        changed: at,
        rev: 1,
    };
    Somebody { session: Arc::new(session), person, subject: "s-ann".to_owned() }
}

/// What is due, in a word.
fn due(
    request: &AuthorizationRequest,
    client: &Client,
    somebody: Option<&Somebody>,
    known: &[&str],
) -> String {
    let levels = Policy::default().levels;
    // What has a slash is a resource.
    let (resources, scopes) =
        known.iter().map(|one| (*one).to_owned()).partition(|one: &String| one.contains('/'));
    let known = Remembered { client_id: "c".to_owned(), scopes, resources };
    let stands = Stands {
        request,
        client,
        levels: &levels,
        somebody,
        remembered: Some(&known),
        rules: &OidcRules::default(),
        now: Timestamp::from_secs(CAME + 60),
    };
    match stands.step() {
        Step::Login { elevate: false, username } => format!("login {}", username.unwrap_or_default()),
        Step::Login { elevate: true, .. } => "elevate".to_owned(),
        Step::Consent { scopes } => format!("consent {}", scopes.join(" ")),
        Step::Proven { acr, amr } => format!("proven {acr} {amr}"),
        Step::Refuse(error) => error.code.as_str().to_owned(),
        Step::Grant(Granted { scopes, acr, asked }) => format!("{} {acr} {asked}", scopes.join(" ")),
    }
}

fn own() -> Client {
    Client { consent: Consent::Skip, ..Client::default() }
}

#[test]
fn nobody_logs_in_and_somebody_agrees_once() {
    let (plain, client) = (request(|_| {}), Client::default());
    assert_eq!(due(&plain, &client, None, &[]), "login ");
    let ann = ann(CAME - 500, "aal1");
    assert_eq!(due(&plain, &client, Some(&ann), &["openid"]), "consent openid email");
    assert_eq!(due(&plain, &client, Some(&ann), &["email", "openid"]), "openid email aal1 false");
    assert_eq!(due(&plain, &own(), Some(&ann), &[]), "openid email aal1 false");
    let again = request(|r| r.prompt.consent = true);
    assert_eq!(due(&again, &own(), Some(&ann), &["openid", "email"]), "consent openid email");
    let agreed = |person| Agreed { person, session: ann.session.id, scopes: vec![] };
    let hers = request(|r| r.agreed = Some(agreed(ann.person.id)));
    assert_eq!(due(&hers, &client, Some(&ann), &[]), "openid aal1 true", "openid goes with every answer");
    let nothing = request(|r| {
        r.scopes = vec!["email".to_owned()];
        r.agreed = Some(agreed(ann.person.id));
    });
    assert_eq!(due(&nothing, &client, Some(&ann), &[]), "access_denied");
    let others = request(|r| r.agreed = Some(agreed(PersonId::from_parts(Timestamp(0), [9; 10]))));
    assert_eq!(due(&others, &client, Some(&ann), &[]), "consent openid email");
}

#[test]
fn who_may_be_another_program_is_not_answered_silently() {
    let public = |consent| Client {
        client_type: ClientType::Public,
        auth_method: AuthMethod::None,
        consent,
        ..Client::default()
    };
    let (ann, all) = (ann(CAME - 500, "aal1"), ["openid", "email"]);
    let ask = |uri: &str, none: bool, client: &Client| {
        let prompt = Prompt { none, ..Prompt::default() };
        let asked = request(|r| (r.redirect_uri, r.prompt) = (uri.to_owned(), prompt));
        due(&asked, client, Some(&ann), &all)
    };
    for consent in [Consent::Ask, Consent::Skip] {
        for uri in
            ["http://127.0.0.1:5000/cb", "http://[::1]/cb", "http://localhost.example/cb", "com.example:/cb"]
        {
            assert_eq!(ask(uri, false, &public(consent)), "consent openid email", "{uri}");
            assert_eq!(ask(uri, true, &public(consent)), "consent_required", "{uri}");
            let secret = Client { consent, ..Client::default() };
            assert_eq!(ask(uri, true, &secret), "openid email aal1 false", "{uri}");
        }
        for uri in ["https://rp", "http://localhost:3000/cb"] {
            assert_eq!(ask(uri, true, &public(consent)), "openid email aal1 false", "{uri}");
        }
    }
    let agreed = request(|r| {
        r.redirect_uri = "com.example:/cb".to_owned();
        let (person, session) = (ann.person.id, ann.session.id);
        r.agreed = Some(Agreed { person, session, scopes: vec!["email".to_owned()] });
    });
    assert_eq!(due(&agreed, &public(Consent::Skip), Some(&ann), &all), "openid email aal1 true");
}

#[test]
fn what_was_agreed_to_for_one_resource_is_not_for_another() {
    let (ann, client) = (ann(CAME - 500, "aal1"), Client::default());
    let for_api = request(|r| r.resources = vec!["https://api".to_owned()]);
    let due = |known: &[&str]| due(&for_api, &client, Some(&ann), known);
    assert_eq!(due(&["openid", "email"]), "consent openid email");
    assert_eq!(due(&["openid", "email", "https://other"]), "consent openid email");
    assert_eq!(due(&["openid", "email", "https://other", "https://api"]), "openid email aal1 false");
    assert_eq!(due(&["openid", "https://api"]), "consent openid email");
}

#[test]
fn no_page_means_no_page() {
    let none = |change: fn(&mut AuthorizationRequest)| {
        request(|r| {
            r.prompt = Prompt { none: true, ..Prompt::default() };
            change(r);
        })
    };
    let ann = ann(CAME - 500, "aal1");
    assert_eq!(due(&none(|_| {}), &Client::default(), None, &[]), "login_required");
    assert_eq!(due(&none(|_| {}), &Client::default(), Some(&ann), &[]), "consent_required");
    assert_eq!(due(&none(|r| r.max_age = Some(60)), &own(), Some(&ann), &[]), "login_required");
    assert_eq!(
        due(&none(|r| r.subject = Some("s-bob".to_owned())), &own(), Some(&ann), &[]),
        "login_required"
    );
    assert_eq!(
        due(&none(|r| r.login_hint = Some("bob".to_owned())), &own(), Some(&ann), &[]),
        "login_required"
    );
    for essential in [false, true] {
        let mut high = none(|_| {});
        high.acr = Some(Acr { values: vec!["aal2".to_owned()], essential });
        assert_eq!(due(&high, &own(), Some(&ann), &[]), "interaction_required");
    }
    let strict = Client { default_acr: Some("aal2".to_owned()), ..own() };
    assert_eq!(due(&none(|_| {}), &strict, Some(&ann), &[]), "interaction_required");
}

#[test]
fn a_login_must_be_as_young_as_was_asked() {
    let (old, young) = (ann(CAME - 500, "aal1"), ann(CAME, "aal1"));
    let login = request(|r| r.prompt.login = true);
    let select = request(|r| r.prompt.select_account = true);
    for (asked, first) in [(&login, "elevate"), (&select, "login ")] {
        assert_eq!(due(asked, &own(), Some(&old), &[]), first);
        assert_eq!(due(asked, &own(), Some(&young), &[]), "openid email aal1 false");
    }
    let age = |seconds| request(|r| r.max_age = Some(seconds));
    assert_eq!(due(&age(560), &own(), Some(&old), &[]), "openid email aal1 false");
    assert_eq!(due(&age(559), &own(), Some(&old), &[]), "elevate");
    assert_eq!(due(&age(0), &own(), Some(&young), &[]), "openid email aal1 false", "proven for this request");
    let ahead = ann(CAME - 500, "aal1");
    let late = request(|r| {
        r.max_age = Some(60);
        r.created = Timestamp::from_secs(CAME * 3);
    });
    assert_eq!(due(&late, &own(), Some(&ahead), &[]), "elevate");
}

#[test]
fn who_is_asked_for_must_answer() {
    let hinted = request(|r| r.subject = Some("s-bob".to_owned()));
    assert_eq!(due(&hinted, &own(), Some(&ann(CAME - 500, "aal1")), &[]), "login ");
    assert_eq!(due(&hinted, &own(), Some(&ann(CAME, "aal1")), &[]), "login_required");
    let bob = request(|r| r.login_hint = Some("bob".to_owned()));
    assert_eq!(due(&bob, &own(), Some(&ann(CAME - 500, "aal1")), &[]), "login bob");
    assert_eq!(
        due(&bob, &own(), Some(&ann(CAME, "aal1")), &[]),
        "openid email aal1 false",
        "no more than a hint"
    );
    for name in ["ANN", "Ann@Example.com"] {
        let hers = request(|r| r.login_hint = Some(name.to_owned()));
        assert_eq!(due(&hers, &own(), Some(&ann(CAME - 500, "aal1")), &[]), "openid email aal1 false");
    }
}

#[test]
fn assurance_is_reached_or_not() {
    let asks = |values: &[&str], essential| {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        request(|r| r.acr = Some(Acr { values, essential }))
    };
    let (old, young) = (ann(CAME - 500, "aal1"), ann(CAME, "aal1"));
    assert_eq!(due(&asks(&["aal2"], true), &own(), Some(&old), &[]), "elevate");
    assert_eq!(due(&asks(&["aal2"], true), &own(), Some(&young), &[]), "unmet_authentication_requirements");
    assert_eq!(due(&asks(&["aal2"], false), &own(), Some(&young), &[]), "openid email aal1 false");
    assert_eq!(
        due(&asks(&["none such"], true), &own(), Some(&young), &[]),
        "unmet_authentication_requirements"
    );
    let strong = ann(CAME - 500, "aal3");
    assert_eq!(due(&asks(&["aal1", "aal2"], true), &own(), Some(&strong), &[]), "openid email aal2 false");
    let strict = Client { default_acr: Some("aal2".to_owned()), ..own() };
    assert_eq!(due(&request(|_| {}), &strict, Some(&young), &[]), "unmet_authentication_requirements");
    assert_eq!(due(&request(|_| {}), &strict, Some(&strong), &[]), "openid email aal3 false");
}

#[test]
fn entra_hears_of_what_was_proven_for_it_by_whom_it_means() {
    let (mut old, mut young) = (ann(CAME - 500, "aal2"), ann(CAME, "aal2"));
    for somebody in [&mut old, &mut young] {
        Arc::make_mut(&mut somebody.session).amr = vec!["pwd".to_owned(), "otp".to_owned()];
    }
    let asks = |person, amr: &str| {
        let (acr, amr) = (vec!["possessionorinherence".to_owned()], vec![amr.to_owned()]);
        request(|r| r.entra = Some(Asked { subject: "s".to_owned(), person, acr, amr }))
    };
    let hers = asks(young.person.id, "otp");
    assert_eq!(due(&hers, &Client::default(), None, &[]), "login ");
    assert_eq!(due(&asks(old.person.id, "otp"), &Client::default(), Some(&old), &[]), "elevate");
    let proven = "proven possessionorinherence otp";
    assert_eq!(due(&hers, &Client::default(), Some(&young), &[]), proven, "and nobody is asked to agree");
    assert_eq!(due(&asks(young.person.id, "fido"), &own(), Some(&young), &[]), "access_denied");
    let other = asks(PersonId::from_parts(Timestamp(0), [9; 10]), "otp");
    assert_eq!(due(&other, &own(), Some(&young), &[]), "access_denied");
    assert_eq!(due(&other, &own(), Some(&old), &[]), "login ");
}

#[test]
fn no_is_no() {
    let denied = request(|r| r.denied = true);
    assert_eq!(due(&denied, &own(), None, &[]), ErrorCode::AccessDenied.as_str());
    assert_eq!(due(&denied, &own(), Some(&ann(CAME, "aal3")), &[]), "access_denied");
}
