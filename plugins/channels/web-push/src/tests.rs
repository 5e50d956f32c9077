#![allow(clippy::unwrap_used)]

use super::*;
use async_trait::async_trait;
use gatewright_contract::{
    Secret, TenantId, Timestamp,
    testing::{Desk, ready},
};
use gatewright_core::outgoing::Answer;
use serde_json::json;
use std::sync::Mutex;

const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

fn bytes(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
}

/// RFC 8291, appendix A.
mod vector {
    pub(super) const MESSAGE: &str = "When I grow up, I want to be a watermelon";
    pub(super) const OWN: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
    pub(super) const DEVICE: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    pub(super) const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
    pub(super) const SALT: &str = "DGv6ra1nlYgDCS1FRnbzlw";
    pub(super) const BODY: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
}

#[test]
fn rfc_8291_appendix_a() {
    let own = PrivateKey::from_private_key(&ECDH_P256, &bytes(vector::OWN)).unwrap();
    let (public_key, auth) = (bytes(vector::DEVICE), bytes(vector::AUTH));
    let receiver = Receiver { public_key: &public_key, auth: &auth };
    let salt: [u8; 16] = bytes(vector::SALT).try_into().unwrap();
    let sealed = seal(vector::MESSAGE.as_bytes(), &receiver, &own, &salt).unwrap();
    assert_eq!(BASE64URL_NOPAD.encode(&sealed), vector::BODY);
}

#[test]
fn a_key_that_is_no_point_and_a_message_that_is_too_long_are_refused() {
    let own = PrivateKey::from_private_key(&ECDH_P256, &bytes(vector::OWN)).unwrap();
    let (good, auth) = (bytes(vector::DEVICE), bytes(vector::AUTH));
    let mut off_curve = good.clone();
    off_curve[64] ^= 1;
    for key in [&off_curve[..], &good[..64], &[0; 65], &[]] {
        assert!(seal(b"x", &Receiver { public_key: key, auth: &auth }, &own, &[0; 16]).is_err());
    }
    let receiver = Receiver { public_key: &good, auth: &auth };
    assert_eq!(seal(&[0; sealed::MOST_BYTES], &receiver, &own, &[0; 16]).unwrap().len(), 4096);
    assert!(seal(&[0; sealed::MOST_BYTES + 1], &receiver, &own, &[0; 16]).is_err());
}

/// A push service that answers with one status.
struct Service(Result<u16, NoAnswer>, Mutex<Vec<Request>>);

#[async_trait]
impl Outgoing for Service {
    async fn send(&self, request: Request) -> Result<Answer, NoAnswer> {
        self.1.lock().unwrap().push(request);
        self.0.clone().map(|status| Answer { status, body: Vec::new() })
    }
}

fn config(key: &str) -> Config {
    Config {
        private_key: Some(Secret::new(key.to_owned())),
        contact: Some("mailto:a@example.com".to_owned()),
        services: vec!["*.example.net".to_owned()],
    }
}

fn parcel(to: &str) -> Parcel {
    Parcel {
        id: gatewright_contract::PersonId::from_parts(NOW, [0; 10]).0,
        tenant: TenantId::default_tenant(),
        site: gatewright_contract::Site::default(),
        to: Secret::new(to.to_owned()),
        template: "wake".to_owned(),
        values: vec![("for".to_owned(), Secret::new("push".to_owned()))],
        locale: None,
        created: NOW,
        expires: NOW.plus(std::time::Duration::from_secs(90)),
    }
}

fn subscription() -> String {
    json!({"endpoint": "https://push.example.net:8443/p/1?x", "p256dh": vector::DEVICE, "auth": vector::AUTH})
        .to_string()
}

fn delivered(answer: Result<u16, NoAnswer>, to: &str) -> (Result<(), Undelivered>, Vec<Request>) {
    let service = Arc::new(Service(answer, Mutex::default()));
    let channel = WebPush::new(config(vector::OWN), Arc::new(Desk::scattered(NOW)), service.clone()).unwrap();
    let told = ready(channel.deliver(&parcel(to)));
    (told, std::mem::take(&mut service.1.lock().unwrap()))
}

#[test]
fn the_push_service_can_tell_who_sends_and_not_what() {
    let (told, mut sent) = delivered(Ok(201), &subscription());
    told.unwrap();
    let request = sent.pop().unwrap();
    assert_eq!((request.method, request.url.as_str()), ("POST", "https://push.example.net:8443/p/1?x"));
    let header = |name: &str| request.headers.iter().find(|(n, _)| *n == name).unwrap().1.clone();
    assert_eq!((header("ttl"), header("content-encoding")), ("90".to_owned(), "aes128gcm".to_owned()));
    assert_eq!(header("urgency"), "high");
    assert!(!request.body.windows(4).any(|w| w == b"wake"));
    // RFC 8292, section 3: the token and the key, which verifies it.
    let authorization = header("authorization");
    let (token, key) = authorization.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    let point = bytes(key);
    let (x, y) = (BASE64URL_NOPAD.encode(&point[1..33]), BASE64URL_NOPAD.encode(&point[33..]));
    let verifies = jsonwebtoken::DecodingKey::from_ec_components(&x, &y).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    rules.set_audience(&["https://push.example.net:8443"]);
    // Its time is that of the test.
    rules.validate_exp = false;
    let claims = jsonwebtoken::decode::<Value>(token, &verifies, &rules).unwrap().claims;
    assert_eq!(claims["sub"], "mailto:a@example.com");
    let good_for = claims["exp"].as_i64().unwrap() - NOW.as_secs();
    assert!((1..=24 * 3600).contains(&good_for), "{good_for}");
}

#[test]
fn two_messages_share_neither_key_nor_salt() {
    let channel = WebPush::new(
        config(vector::OWN),
        Arc::new(Desk::scattered(NOW)),
        Arc::new(Service(Ok(201), Mutex::default())),
    )
    .unwrap();
    let to: Subscription = serde_json::from_str(&subscription()).unwrap();
    let (one, two) = (channel.sealed(b"x", &to).unwrap(), channel.sealed(b"x", &to).unwrap());
    assert_ne!(one[..16], two[..16]);
    assert_ne!(one[21..86], two[21..86]);
}

#[test]
fn what_a_push_service_answers_decides_whether_it_is_tried_again() {
    let outcome = |answer| match delivered(answer, &subscription()).0 {
        Ok(()) => "there",
        Err(Undelivered::Later(_)) => "later",
        Err(Undelivered::Never(_)) => "never",
    };
    let refused = NoAnswer::Refused("the address is not public".to_owned());
    let failed = NoAnswer::Failed("no answer in time".to_owned());
    for (answer, expected) in [
        (Ok(201), "there"),
        (Ok(404), "never"),
        (Ok(410), "never"),
        (Ok(413), "never"),
        (Ok(301), "never"),
        (Ok(429), "later"),
        (Ok(503), "later"),
        (Err(refused), "never"),
        (Err(failed), "later"),
    ] {
        assert_eq!(outcome(answer.clone()), expected, "{answer:?}");
    }
    for damaged in ["", "{}", r#"{"endpoint":"x","p256dh":"","auth":""}"#] {
        let (told, sent) = delivered(Ok(201), damaged);
        assert!(matches!(told, Err(Undelivered::Never(_))) && sent.is_empty(), "{damaged}");
    }
}

#[test]
fn without_a_key_nothing_is_sent_and_a_wrong_one_stops_the_start() {
    let made = |config: Config| {
        WebPush::new(config, Arc::new(Desk::counting(NOW)), Arc::new(Service(Ok(201), Mutex::default())))
    };
    let silent = made(Config::default()).unwrap();
    assert!(matches!(ready(silent.deliver(&parcel(&subscription()))), Err(Undelivered::Never(_))));
    let key = |config: Config| match made(config).err() {
        Some(Fault::Config { key, message }) => (key, message),
        _ => panic!("taken"),
    };
    for bad in ["", "AAAA", "not base64!", &"A".repeat(43)] {
        let (at, message) = key(config(bad));
        assert!(at == "private_key" && (bad.is_empty() || !message.contains(bad)), "{bad}");
    }
    assert_eq!(key(Config { contact: None, ..config(vector::OWN) }).0, "contact");
    assert_eq!(key(Config { contact: Some("me".to_owned()), ..config(vector::OWN) }).0, "contact");
    assert!(made(config(&format!("{}=\n", vector::OWN))).is_ok(), "as files end");
}

#[test]
fn messages_go_to_push_services_and_nowhere_else() {
    let takes =
        |host: &str| Config::default().takes(&Url::parse(&format!("https://{host}/p/1")).expect("a URL"));
    for service in ["fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com"] {
        assert!(takes(service), "{service}");
    }
    for other in
        ["10.1.2.3:8443", "localhost", "evilpush.apple.com", "push.apple.com.evil.example", "googleapis.com"]
    {
        assert!(!takes(other), "{other}");
    }
}
