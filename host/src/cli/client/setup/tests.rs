use super::*;
use gatewright_oauth::client::{ClientType, ENTRA_REDIRECTS};

const ISSUER: &str = "https://id.example/api/oidc/default";
const SECRET: &str = "gwcs_RXhhbXBsZSBvZiBhIHNlY3JldCBvZiBhIGNsaWVudA";

/// As `client add` makes it.
fn client(program: Program) -> Client {
    let public = program.is_public();
    let mut client = Client {
        client_id: "7d7d9a4c-1111-4222-8333-444455556666".to_owned(),
        name: "App".to_owned(),
        client_type: if public { ClientType::Public } else { ClientType::Confidential },
        auth_method: program.auth_method(),
        algorithm: program.algorithm(),
        redirect_uris: program.redirect_uri("https://app.example/").into_iter().collect(),
        scopes: ["openid", "profile", "email"].map(str::to_owned).into(),
        ..Client::default()
    };
    if program == Program::Entra {
        client.redirect_uris = ENTRA_REDIRECTS.map(str::to_owned).into();
        client.grants.clear();
    }
    client
}

fn setup(program: Program) -> String {
    let client = client(program);
    let secret = (!program.is_public()).then_some(SECRET);
    let url = Some("https://app.example".to_owned());
    program.setup(&Values { issuer: ISSUER, client: &client, secret, url })
}

#[test]
fn each_program_can_be_registered_and_has_all_that_it_needs() {
    for program in Program::value_variants() {
        let client = client(*program);
        assert!(client.check().is_empty(), "{program:?}: {:?}", client.check());
        let text = setup(*program);
        assert!(text.contains(ISSUER) && text.contains(&client.client_id), "{program:?}: {text}");
        assert_eq!(text.contains(SECRET), !program.is_public(), "{program:?}: {text}");
        assert!(!text.contains("{{") && !text.contains("}}"), "{program:?}: {text}");
    }
}

#[test]
fn what_is_toml_reads_as_toml() {
    let text = setup(Program::OAuth2Proxy);
    let read: toml_edit::DocumentMut = text.parse().unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(read["client_secret"].as_str(), Some(SECRET));
    assert_eq!(read["redirect_url"].as_str(), Some("https://app.example/oauth2/callback"));
}

#[test]
fn what_would_end_a_text_does_not() {
    let mut client = client(Program::OpenidClient);
    client.scopes = vec!["a'b$c".to_owned()];
    let values = Values { issuer: ISSUER, client: &client, secret: Some(SECRET), url: None };
    assert!(Program::OpenidClient.setup(&values).contains(r#"scope: "a'b$c","#));
    assert_eq!(quoted("a\"b\\c\n"), r#""a\"b\\c\n""#);
    assert_eq!(values.url(), "https://app.example", "that of the redirect URI");
}
