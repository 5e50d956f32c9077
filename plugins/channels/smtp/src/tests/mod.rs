//! Against a server on this machine. TLS is told by `tests/clients/mail.py`, against a server of somebody else.

mod fake;
mod settings;

use crate::{Config, Encryption, Smtp};
use fake::{Fake, Mood};
use gatewright_contract::{Fault, Secret, Site, TenantId, Timestamp, testing::Desk};
use gatewright_core::{
    channel::{Parcel, Undelivered},
    outgoing::{Answer, NoAnswer, Outgoing, Request},
};
use gatewright_plugin::Courier;
use std::sync::Arc;
use uuid::Uuid;

/// Nothing goes this way.
struct Closed;

#[async_trait::async_trait]
impl Outgoing for Closed {
    async fn send(&self, _: Request) -> Result<Answer, NoAnswer> {
        Err(NoAnswer::Failed("closed".to_owned()))
    }
}

fn made(config: Config) -> Result<Smtp, Fault> {
    Smtp::new(config, Arc::new(Desk::counting(Timestamp::from_secs(1_800_000_000))), Arc::new(Closed))
}

/// To a server on this machine, in clear text.
fn config(port: u16) -> Config {
    Config {
        host: Some("127.0.0.1".to_owned()),
        port: Some(port),
        encryption: Encryption::None,
        from: Some("Exämple <login@example.com>".to_owned()),
        ..Config::default()
    }
}

fn parcel(to: &str, site: &str) -> Parcel {
    let value = |name: &str, value: &str| (name.to_owned(), Secret::new(value.to_owned()));
    Parcel {
        id: Uuid::from_u128(7),
        tenant: TenantId::default_tenant(),
        site: Site { name: site.to_owned(), ..Site::default() },
        to: Secret::new(to.to_owned()),
        template: "otp".to_owned(),
        values: vec![value("code", "314159"), value("minutes", "5"), value("kind", "email")],
        locale: None,
        created: Timestamp(0),
        expires: Timestamp(0),
    }
}

fn ann() -> Parcel {
    parcel("ann@example.org", "Example")
}

fn later(words: &str) -> Result<(), Undelivered> {
    Err(Undelivered::Later(words.to_owned()))
}

fn never(words: &str) -> Result<(), Undelivered> {
    Err(Undelivered::Never(words.to_owned()))
}

#[tokio::test]
async fn a_mail_has_what_belongs_in_it_and_nothing_else() {
    let fake = Fake::start().await;
    let reply_to = Some("help@example.com".to_owned());
    let smtp = made(Config { reply_to, ..config(fake.port) }).expect("set up");
    smtp.deliver(&ann()).await.expect("taken");
    let heard = fake.heard();
    assert_eq!(
        heard[..5],
        [
            "(connection)",
            "EHLO example.com",
            "MAIL FROM:<login@example.com>",
            "RCPT TO:<ann@example.org>",
            "DATA"
        ]
    );
    let (head, body) = heard[5].split_once("\r\n\r\n").expect("a mail");
    let mut head: Vec<&str> = head.split("\r\n").collect();
    head.sort_unstable();
    assert_eq!(
        head,
        [
            "Auto-Submitted: auto-generated",
            "Content-Transfer-Encoding: quoted-printable",
            "Content-Type: text/plain; charset=utf-8",
            "Date: Fri, 15 Jan 2027 08:00:00 +0000",
            "From: =?utf-8?b?RXjDpG1wbGU=?= <login@example.com>",
            "MIME-Version: 1.0",
            "Message-ID: <00000000-0000-0000-0000-000000000007@example.com>",
            "Reply-To: help@example.com",
            "Subject: Your code for Example",
            "To: ann@example.org",
        ]
    );
    assert!(
        body.starts_with("Your code for Example: 314159\r\n\r\nIt is good once, for 5 minutes."),
        "{body}"
    );
}

#[tokio::test]
async fn a_tenant_s_name_writes_no_header_and_ends_no_mail() {
    let fake = Fake::start().await;
    let smtp = made(config(fake.port)).expect("set up");
    let name = "Ex\r\nBcc: eve@example.org\r\n\r\nStraße\r\n.\r\nMAIL FROM:<eve@example.org>";
    smtp.deliver(&parcel("ann@example.org", name)).await.expect("taken");
    let heard = fake.heard();
    assert_eq!(heard.iter().filter(|line| line.starts_with("MAIL")).count(), 1, "{heard:?}");
    let (head, _) = heard[5].split_once("\r\n\r\n").expect("a mail");
    assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    // The long subject is folded, its words are encoded.
    assert!(head.contains("Subject: Your code for "), "{head}");
}

#[tokio::test]
async fn addresses_that_are_none() {
    let fake = Fake::start().await;
    let smtp = made(config(fake.port)).expect("set up");
    for to in [
        "",
        "ann",
        "ann@",
        "@example.org",
        "ann@example.org\r\nDATA",
        "a@b@c",
        "ann@example.org, eve@example.org",
        "Ann <ann@example.org>",
    ] {
        assert_eq!(
            smtp.deliver(&parcel(to, "Example")).await,
            never("mail can't go to such an address"),
            "{to}"
        );
    }
    assert_eq!(fake.heard(), [""; 0]);
    smtp.deliver(&parcel("ann@exämple.org", "Example")).await.expect("taken");
    assert_eq!(fake.heard()[3], "RCPT TO:<ann@xn--exmple-cua.org>");
    let sent = smtp.deliver(&parcel("änn@example.org", "Example")).await;
    assert_eq!(sent, never("the mail server can't take such an address (no SMTPUTF8)"));
    assert_eq!(fake.mails(), [""; 0]);
}

#[tokio::test]
async fn what_the_server_says_decides_and_is_not_repeated() {
    let fake = Fake::start().await;
    let smtp = made(Config { timeout_seconds: 1, keep_connections: 0, ..config(fake.port) }).expect("set up");
    for (mood, expected) in [
        (Mood::Says("RCPT", "550 no ann@example.org here"), never("the mail server said 550")),
        (Mood::Says("RCPT", "452 ann@example.org is full"), later("the mail server said 452")),
        (Mood::Says("MAIL", "421 too many"), later("the mail server said 421")),
        (Mood::Says("MAIL", "530 who are you"), later("the mail server said 530")),
        (Mood::Says("DATA", "554 no"), never("the mail server said 554")),
        // The mail itself.
        (Mood::Says(".", "554 spam to ann@example.org"), never("the mail server said 554")),
        (Mood::Says("EHLO", "554 away"), later("no connection: the mail server said 554")),
        (Mood::Says("EHLO", "what?"), later("no connection: the mail server can't be understood")),
        (Mood::SilentAt("RCPT"), later("the mail server took too long")),
        (Mood::SilentAt("EHLO"), later("the mail server took too long")),
        (Mood::HangsUpAt("DATA"), later("the connection to the mail server broke off")),
        (Mood::Good, Ok(())),
    ] {
        fake.mood(mood);
        assert_eq!(smtp.deliver(&ann()).await, expected, "{mood:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_tried_again() {
    let port = Fake::start().await.port;
    // The server ends with its runtime; a port of nobody is one that was given back.
    let free =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    assert_ne!(port, free);
    let said = made(config(free)).expect("set up").deliver(&ann()).await.expect_err("nobody");
    let Undelivered::Later(words) = said else { panic!("{said}") };
    assert!(words.starts_with("no connection: ") && words.contains("refused"), "{words}");
}

#[tokio::test]
async fn a_connection_is_used_again_and_a_spoiled_one_is_not() {
    let fake = Fake::start().await;
    let smtp = made(Config { timeout_seconds: 1, ..config(fake.port) }).expect("set up");
    let connections = |heard: &[String]| heard.iter().filter(|line| *line == "(connection)").count();
    for _ in 0..3 {
        smtp.deliver(&ann()).await.expect("taken");
    }
    let heard = fake.heard();
    assert_eq!((connections(&heard), heard.iter().filter(|line| *line == "NOOP").count()), (1, 2));

    // It is stopped while the server thinks about the recipient: whoever came next would read that answer.
    fake.mood(Mood::SilentAt("RCPT"));
    assert_eq!(smtp.deliver(&ann()).await, later("the mail server took too long"));
    fake.mood(Mood::Good);
    fake.heard();
    smtp.deliver(&ann()).await.expect("taken");
    assert_eq!(connections(&fake.heard()), 1);

    // The server has closed it in the meantime.
    fake.mood(Mood::HangsUpAt("NOOP"));
    smtp.deliver(&ann()).await.expect("taken");
    let heard = fake.heard();
    assert_eq!((connections(&heard), heard[0].as_str()), (1, "NOOP"));
}

#[tokio::test]
async fn a_connection_that_was_kept_too_long_is_not_used() {
    let fake = Fake::start().await;
    let smtp = made(Config { keep_seconds: 0, ..config(fake.port) }).expect("set up");
    for _ in 0..2 {
        smtp.deliver(&ann()).await.expect("taken");
    }
    assert_eq!(fake.heard().iter().filter(|line| *line == "(connection)").count(), 2);
}

#[tokio::test]
async fn without_encryption_nothing_is_said() {
    let fake = Fake::start().await;
    let account = Config {
        username: Some("login".to_owned()),
        password: Some(Secret::new("pa55word".to_owned())),
        encryption: Encryption::StartTls,
        ..config(fake.port)
    };
    let smtp = made(account.clone()).expect("set up");
    let Err(Undelivered::Later(words)) = smtp.deliver(&ann()).await else { panic!("it was sent") };
    assert!(words.starts_with("no encryption: ") && words.contains("STARTTLS is not supported"), "{words}");
    assert_eq!(fake.heard(), ["(connection)", "EHLO example.com"]);

    let plain = made(Config { encryption: Encryption::None, ..account }).expect("set up");
    fake.mood(Mood::Says("AUTH", "535 wrong"));
    assert_eq!(plain.deliver(&ann()).await, later("no login: the mail server said 535"));
    fake.mood(Mood::Good);
    plain.deliver(&ann()).await.expect("taken");
}
