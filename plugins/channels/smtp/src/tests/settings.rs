//! The table.

use super::{made, *};
use crate::{Template, Words};
use std::collections::BTreeMap;

/// The key and the words of the mistake.
fn mistake(config: Config) -> (String, String) {
    match made(config).err().expect("a mistake") {
        Fault::Config { key, message } => (key, message),
        other => panic!("{other}"),
    }
}

fn of(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = config(25);
    change(&mut config);
    config
}

#[tokio::test]
async fn without_a_host_there_is_no_mail_and_no_mistake() {
    let smtp = made(Config::default()).expect("made");
    assert!(!smtp.is_set_up());
    assert_eq!(smtp.deliver(&ann()).await, later("no mail server is set up"));
    assert!(made(config(25)).expect("made").is_set_up());
}

#[test]
fn mistakes_are_told_by_their_key() {
    let text = |text: &str| Some(text.to_owned());
    for (config, key) in [
        (of(|c| c.from = None), "from"),
        (of(|c| c.from = text("nobody")), "from"),
        (of(|c| c.from = text("a@example.com\r\nBcc: b@example.com")), "from"),
        (of(|c| c.reply_to = text("nobody")), "reply_to"),
        (of(|c| c.host = text("")), "host"),
        (of(|c| c.host = text("smtp://mail")), "host"),
        (of(|c| c.host = text("mail.example.org")), "encryption"),
        (of(|c| c.host = text("10.0.0.1")), "encryption"),
        (of(|c| c.username = text("login")), "password"),
        (of(|c| c.password = Some(Secret::new("x".to_owned()))), "username"),
        (of(|c| c.hello_name = text("a b")), "hello_name"),
        (of(|c| c.timeout_seconds = 41), "timeout_seconds"),
        (of(|c| (c.encryption, c.root_certificates) = (Encryption::Tls, text("x"))), "root_certificates"),
        (
            of(|c| (c.encryption, c.root_certificates) = (Encryption::StartTls, text(NOT_A_CERTIFICATE))),
            "root_certificates",
        ),
    ] {
        let (found, message) = mistake(config);
        assert_eq!(found, key, "{message}");
    }
}

const NOT_A_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";

#[test]
fn this_machine_may_be_spoken_to_in_clear_text_and_others_if_one_insists() {
    for host in ["localhost", "LOCALHOST", "127.0.0.9", "::1"] {
        assert!(made(of(|c| c.host = Some(host.to_owned()))).is_ok(), "{host}");
    }
    assert!(made(of(|c| (c.host, c.allow_plain) = (Some("10.0.0.1".to_owned()), true))).is_ok());
}

#[test]
fn ports_follow_the_encryption() {
    for (encryption, port) in [(Encryption::StartTls, 587), (Encryption::Tls, 465), (Encryption::None, 25)] {
        assert_eq!(Config { encryption, ..Config::default() }.port(), port);
    }
}

#[tokio::test]
async fn texts_are_the_operator_s_own_in_the_language_of_the_person() {
    let fake = Fake::start().await;
    let words = |subject: &str, body: &str| Words { subject: subject.to_owned(), body: body.to_owned() };
    let german = words("Ihr Code für {site}", "Grüße! {code}");
    let template = Template {
        subject: None,
        body: Some("{code}.".to_owned()),
        languages: BTreeMap::from([("de".to_owned(), german)]),
    };
    let templates = BTreeMap::from([("otp".to_owned(), template)]);
    let smtp = made(Config { templates, ..config(fake.port) }).expect("set up");
    smtp.deliver(&ann()).await.expect("taken");
    smtp.deliver(&Parcel { locale: Some("de-AT".to_owned()), ..ann() }).await.expect("taken");
    let mails = fake.mails();
    assert!(
        mails[0].contains("Subject: Your code for Example\r\n") && mails[0].ends_with("\r\n\r\n314159.\r\n")
    );
    assert!(mails[1].contains("Subject: Ihr Code =?utf-8?b?ZsO8cg==?= Example\r\n"), "{}", mails[1]);
    assert!(
        mails[1].contains("quoted-printable") && mails[1].contains("Gr=C3=BC=C3=9Fe! 314159"),
        "{}",
        mails[1]
    );
}

#[test]
fn a_mistake_in_a_text_is_one_even_while_there_is_no_host() {
    let template = Template { body: Some("{cod}".to_owned()), ..Template::default() };
    let config = Config { templates: BTreeMap::from([("otp".to_owned(), template)]), ..Config::default() };
    assert_eq!(mistake(config).0, "templates.otp.body");
}

#[test]
fn every_template_that_is_sent_has_a_text() {
    let letters = crate::texts::letters(&BTreeMap::new()).expect("texts");
    for (template, names) in [
        ("otp", &["code", "minutes", "kind"][..]),
        ("reset", &["code", "minutes", "kind"]),
        ("magic-link", &["link", "minutes"]),
        ("verify", &["link", "minutes", "username"]),
        ("notice", &["what", "username", "at"]),
    ] {
        let values =
            names.iter().map(|name| ((*name).to_owned(), Secret::new(format!("<{name}>")))).collect();
        let parcel = Parcel { template: template.to_owned(), values, ..ann() };
        for part in [crate::texts::SUBJECT, crate::texts::BODY] {
            letters.write(&parcel, part).unwrap_or_else(|why| panic!("{template}: {why}"));
        }
    }
}
