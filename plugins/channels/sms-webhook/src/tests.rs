//! What a gateway gets, and what its answers mean.

use super::*;
use data_encoding::BASE64;
use gatewright_contract::{
    Site, TenantId, Timestamp,
    testing::{Desk, ready},
};
use gatewright_core::outgoing::Answer;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Mutex};
use uuid::Uuid;

/// Gives one answer to all, and keeps what was sent.
struct Sink {
    answer: Mutex<Result<u16, NoAnswer>>,
    sent: Mutex<Vec<Request>>,
}

#[async_trait::async_trait]
impl Outgoing for Sink {
    async fn send(&self, request: Request) -> Result<Answer, NoAnswer> {
        self.sent.lock().unwrap().push(request);
        self.answer.lock().unwrap().clone().map(|status| Answer { status, body: b"+4915112345678?".to_vec() })
    }
}

const SECRET: &[u8] = &[7; 32];

fn config() -> Config {
    Config {
        url: Some("https://sms.example.com/send".to_owned()),
        secret: Some(Secret::new(format!("whsec_{}", BASE64.encode(SECRET)))),
        ..Config::default()
    }
}

fn made(config: Config) -> Result<(SmsWebhook, Arc<Sink>), Fault> {
    let gateway = Arc::new(Sink { answer: Mutex::new(Ok(202)), sent: Mutex::default() });
    let desk = Arc::new(Desk::counting(Timestamp::from_secs(1_800_000_000)));
    SmsWebhook::new(config, desk, gateway.clone()).map(|channel| (channel, gateway))
}

fn parcel(template: &str, kind: &str, site: &str) -> Parcel {
    let value = |name: &str, value: &str| (name.to_owned(), Secret::new(value.to_owned()));
    Parcel {
        id: Uuid::from_u128(7),
        tenant: TenantId::default_tenant(),
        site: Site { name: site.to_owned(), ..Site::default() },
        to: Secret::new("+4915112345678".to_owned()),
        template: template.to_owned(),
        values: vec![value("code", "314159"), value("minutes", "5"), value("kind", kind)],
        locale: Some("de-AT".to_owned()),
        created: Timestamp(0),
        expires: Timestamp(0),
    }
}

#[test]
fn a_gateway_gets_a_signed_request() {
    let (channel, gateway) = made(config()).expect("set up");
    ready(channel.deliver(&parcel("otp", "sms", "Exa\"mple"))).expect("taken");
    let sent = gateway.sent.lock().unwrap().remove(0);
    assert_eq!((sent.method, sent.url.as_str()), ("POST", "https://sms.example.com/send"));
    let body = String::from_utf8(sent.body).expect("text");
    let text = "314159 is your code for Exa\"mple, good for 5 minutes. Tell it to nobody.";
    let id = "00000000-0000-0000-0000-000000000007";
    assert_eq!(
        serde_json::from_str::<Value>(&body).expect("JSON"),
        json!({"id": id, "to": "+4915112345678", "text": text, "kind": "sms", "tenant": "default"})
    );
    let headers: BTreeMap<&str, String> = sent.headers.into_iter().collect();
    let expected = signature(SECRET, id, 1_800_000_000, &body);
    assert_eq!(
        headers,
        BTreeMap::from([
            ("content-type", "application/json".to_owned()),
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", "1800000000".to_owned()),
            ("webhook-signature", expected),
        ])
    );
}

#[test]
fn a_call_is_said_to_be_one() {
    let (channel, gateway) = made(config()).expect("set up");
    for (kind, expected) in [("voice", "voice"), ("sms", "sms"), ("email", "sms")] {
        ready(channel.deliver(&parcel("reset", kind, "Example"))).expect("taken");
        let body: Value = serde_json::from_slice(&gateway.sent.lock().unwrap().remove(0).body).expect("JSON");
        assert_eq!(body["kind"], expected);
    }
}

#[test]
fn what_the_gateway_answers_decides_and_is_not_repeated() {
    let (channel, gateway) = made(config()).expect("set up");
    let later = |why: &str| Err(Undelivered::Later(why.to_owned()));
    let never = |why: &str| Err(Undelivered::Never(why.to_owned()));
    for (answer, expected) in [
        (Ok(200), Ok(())),
        (Ok(299), Ok(())),
        (Ok(199), never("the gateway answered 199")),
        (Ok(302), never("the gateway answered 302")),
        (Ok(400), never("the gateway answered 400")),
        (Ok(401), never("the gateway answered 401")),
        (Ok(408), later("the gateway answered 408")),
        (Ok(429), later("the gateway answered 429")),
        (Ok(500), later("the gateway answered 500")),
        (Ok(599), later("the gateway answered 599")),
        (Ok(600), never("the gateway answered 600")),
        (Err(NoAnswer::Failed("nobody".to_owned())), later("no answer: nobody")),
        (Err(NoAnswer::Refused("http".to_owned())), later("no answer: http")),
    ] {
        *gateway.answer.lock().unwrap() = answer.clone();
        assert_eq!(ready(channel.deliver(&parcel("otp", "sms", "Example"))), expected, "{answer:?}");
    }
}

#[test]
fn texts_fit_into_one_message_and_are_never_long() {
    let (channel, gateway) = made(config()).expect("set up");
    for template in ["otp", "reset"] {
        ready(channel.deliver(&parcel(template, "sms", "The Example Company Ltd"))).expect("taken");
        let body: Value = serde_json::from_slice(&gateway.sent.lock().unwrap().remove(0).body).expect("JSON");
        let text = body["text"].as_str().expect("text");
        assert!(text.len() <= 160 && text.is_ascii(), "{text}");
    }
    let long = ready(channel.deliver(&parcel("otp", "sms", &"x".repeat(1600))));
    assert_eq!(long, Err(Undelivered::Never("the text is too long".to_owned())));
    let unknown = ready(channel.deliver(&parcel("notice", "sms", "Example")));
    assert_eq!(unknown, Err(Undelivered::Never("there is no text for the template `notice`".to_owned())));
    assert!(gateway.sent.lock().unwrap().is_empty());
}

#[test]
fn texts_are_the_operator_s_own_in_the_language_of_the_person() {
    let german = Words { text: "Code: {code}".to_owned() };
    let template = Template { text: None, languages: BTreeMap::from([("de".to_owned(), german)]) };
    let templates = BTreeMap::from([("otp".to_owned(), template)]);
    let (channel, gateway) = made(Config { templates, ..config() }).expect("set up");
    ready(channel.deliver(&parcel("otp", "sms", "Example"))).expect("taken");
    let body: Value = serde_json::from_slice(&gateway.sent.lock().unwrap()[0].body).expect("JSON");
    assert_eq!(body["text"], "Code: 314159");
}

#[test]
fn without_a_url_there_is_no_channel_and_no_mistake() {
    let (channel, _) = made(Config::default()).expect("made");
    assert!(!channel.is_set_up());
    let (channel, _) = made(config()).expect("made");
    assert!(channel.is_set_up());
}

#[test]
fn mistakes_are_told_by_their_key_and_without_the_secret() {
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    let url = |text: &str| Config { url: Some(text.to_owned()), ..config() };
    let odd = Template { text: Some("{cod}".to_owned()), ..Template::default() };
    let odd = BTreeMap::from([("otp".to_owned(), odd)]);
    for (config, key) in [
        (Config { secret: None, ..config() }, "secret"),
        (Config { secret: secret("whsec_c2hvcnQ="), ..config() }, "secret"),
        (Config { secret: secret("pa55word"), ..config() }, "secret"),
        (Config { secret: secret("pa55word"), ..Config::default() }, "secret"),
        (url("sms.example.com"), "url"),
        (url("ftp://sms.example.com"), "url"),
        (url("https://ann:pa55word@sms.example.com"), "url"),
        (Config { templates: odd, ..Config::default() }, "templates.otp.text"),
    ] {
        match made(config).err().expect("a mistake") {
            Fault::Config { key: found, message } => {
                assert_eq!(found, key);
                assert!(!message.contains("pa55word") && !message.contains("c2hv"), "{message}");
            }
            other => panic!("{other}"),
        }
    }
}
