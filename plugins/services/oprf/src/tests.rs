use super::*;
use data_encoding::HEXLOWER;
use evaluation::Key;
use gatewright_contract::{
    Secret, Timestamp,
    testing::{Desk, ready},
};
use std::time::Duration;

fn hex<const N: usize>(text: &str) -> [u8; N] {
    HEXLOWER.decode(text.as_bytes()).expect("hex").try_into().expect("its length")
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../authenticators/zkp/vectors/vectors.json")).expect("JSON")
}

fn host() -> Host {
    Arc::new(Desk::counting(Timestamp::from_secs(1_700_000_000)))
}

fn plugin(per_hour: u16, per_day: u16) -> OprfPlugin {
    OprfPlugin::new(&Config { evaluations_per_hour: per_hour, evaluations_per_day: per_day }, host())
}

fn asked(id: [u8; 16], blinded: &str) -> Value {
    let blinded = BASE64URL_NOPAD.encode(&hex::<32>(blinded));
    json!({"tenant": "default", "oprf_id": BASE64URL_NOPAD.encode(&id), "blinded": blinded})
}

/// Any element.
const ELEMENT: &str = "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c";

#[test]
fn key_and_evaluation_are_those_of_vp1() {
    let v = vectors();
    let text = |name: &str| v[name].as_str().expect(name).to_owned();
    let seed = Seed(Secret::new(hex(&text("oprf_seed"))));
    let key = seed.key(&OprfId(hex(&text("oprf_id")))).expect("a key");
    assert_eq!(key.bytes(), hex(&text("oprf_sk")));
    let blinded = Blinded::parse(&hex(&text("blinded"))).expect("an element");
    assert_eq!(blinded.under(&key), hex(&text("evaluated")));
}

#[test]
fn evaluations_are_those_of_rfc_9497_a_1_1() {
    let key = Key::of_seed(&[0xa3; 32], b"test key");
    assert_eq!(key.bytes(), hex("5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e"));
    let cases = [
        (ELEMENT, "7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e"),
        (
            "da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418",
            "b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25",
        ),
    ];
    for (blinded, evaluated) in cases {
        assert_eq!(Blinded::parse(&hex(blinded)).expect("an element").under(&key), hex(evaluated));
    }
}

#[test]
fn the_reply_names_the_seed_and_each_id_has_its_own_key() {
    let plugin = plugin(60, 240);
    let call = |id: u8, tenant: &str| {
        let mut args = asked([id; 16], ELEMENT);
        args["tenant"] = json!(tenant);
        ready(plugin.call(EVALUATE, args)).expect("an answer")
    };
    let (one, other, elsewhere) = (call(1, "default"), call(2, "default"), call(1, "acme"));
    assert_eq!(one, call(1, "default"));
    assert_ne!(one["evaluated"], other["evaluated"]);
    assert_eq!(one["seed_id"], other["seed_id"]);
    assert_ne!(one["seed_id"], elsewhere["seed_id"], "a seed of each tenant's own");
    assert_ne!(one["evaluated"], elsewhere["evaluated"]);
    assert_eq!(
        (one["evaluated"].as_str().map(str::len), one["seed_id"].as_str().map(str::len)),
        (Some(43), Some(11))
    );
}

#[test]
fn what_is_not_in_its_one_encoding_is_refused_and_not_repeated() {
    let plugin = plugin(60, 240);
    let good = asked([1; 16], ELEMENT);
    let mut cases = vec![json!({}), json!([]), json!({"tenant": "default"})];
    let no_elements = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        // Of RFC 9496, A.3: a field element not in its one encoding, a negative one, one that is no square.
        "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    ];
    cases.extend(no_elements.map(|text| asked([1; 16], text)));
    let bent = |field: &str, value: Value| {
        let mut args = good.clone();
        args[field] = value;
        args
    };
    let blinded = good["blinded"].as_str().expect("text").to_owned();
    // 43 letters hold 258 bits: the last two must be nothing.
    let trailing = format!("{}9", &blinded[..42]);
    cases.extend([
        bent("blinded", json!(format!("{blinded}="))),
        bent("blinded", json!(format!("{blinded}A"))),
        bent("blinded", json!(trailing)),
        bent("blinded", json!(blinded[..42].to_owned())),
        bent("blinded", json!(7)),
        bent("oprf_id", json!("AAAA")),
        bent("tenant", json!("no tenant!")),
        bent("more", json!("")),
    ]);
    for args in cases {
        let refused = ready(plugin.call(EVALUATE, args.clone())).expect_err("refused");
        assert!(matches!(refused, Fault::BadRequest { .. }), "{args}: {refused}");
        assert!(!refused.to_string().contains(&blinded[..12]), "{refused}");
    }
    assert!(ready(plugin.call(EVALUATE, good)).is_ok());
}

#[test]
fn past_the_limit_of_the_hour_another_key_answers_and_other_ids_are_not_touched() {
    let plugin = plugin(2, 240);
    let call = |id: u8| ready(plugin.call(EVALUATE, asked([id; 16], ELEMENT))).expect("an answer");
    let first = call(1);
    assert_eq!(call(1), first);
    let spent = call(1);
    assert_ne!(spent["evaluated"], first["evaluated"]);
    assert_eq!(spent["seed_id"], first["seed_id"], "nothing else tells");
    assert_eq!(call(1), spent, "and asking again does not, either");
    let fresh = call(2);
    assert_eq!(call(2), fresh);
}

#[test]
fn a_new_key_is_drawn_here_and_nothing_is_kept_of_it() {
    /// Forgets that there is a store.
    struct Bare(Desk);
    impl gatewright_contract::HostServices for Bare {
        fn now(&self) -> Timestamp {
            self.0.now()
        }
        fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
            self.0.random(buffer)
        }
        fn log(&self, _: LogLevel, message: &str) {
            panic!("{message}");
        }
        fn kv_get<'a>(
            &'a self,
            _: &'a TenantId,
            key: &'a str,
        ) -> BoxFut<'a, Result<Option<gatewright_contract::Versioned<Vec<u8>>>, Fault>> {
            panic!("looks for {key}")
        }
        fn kv_cas<'a>(
            &'a self,
            _: &'a TenantId,
            key: &'a str,
            _: Option<u64>,
            _: &'a [u8],
            _: Option<Duration>,
        ) -> BoxFut<'a, Result<u64, Fault>> {
            panic!("keeps {key}")
        }
        fn secret<'a>(
            &'a self,
            tenant: &'a TenantId,
            purpose: &'a str,
        ) -> BoxFut<'a, Result<Secret<[u8; 64]>, Fault>> {
            self.0.secret(tenant, purpose)
        }
        fn run<'a>(&'a self, work: Box<dyn FnOnce() + Send>) -> BoxFut<'a, Result<(), Fault>> {
            self.0.run(work)
        }
        fn call<'a>(&'a self, method: &'a str, args: Value) -> BoxFut<'a, Result<Value, Fault>> {
            self.0.call(method, args)
        }
    }
    let bare = Arc::new(Bare(Desk::counting(Timestamp::from_secs(1_700_000_000))));
    let one = OprfPlugin::new(&Config { evaluations_per_hour: 1, evaluations_per_day: 1 }, bare);
    let mut question = asked([1; 16], ELEMENT);
    let named = ready(one.call(BEGIN, question.clone())).expect_err("nobody names the id");
    assert!(matches!(named, Fault::BadRequest { .. }), "{named}");
    question.as_object_mut().expect("a table").remove("oprf_id");
    let begun = [(); 4].map(|()| ready(one.call(BEGIN, question.clone())).expect("an answer"));
    assert_ne!(begun[0]["oprf_id"], begun[1]["oprf_id"]);
    // And it is the key that the id has from then on.
    let id = begun[3]["oprf_id"].as_str().expect("an id");
    let id = BASE64URL_NOPAD.decode(id.as_bytes()).expect("base64url").try_into().expect("16 bytes");
    let later = ready(plugin(1, 1).call(EVALUATE, asked(id, ELEMENT))).expect("an answer");
    assert_eq!((&later["evaluated"], &later["seed_id"]), (&begun[3]["evaluated"], &begun[3]["seed_id"]));
    for wrong in [json!({}), json!({"tenant": "no tenant!", "blinded": question["blinded"]})] {
        assert!(ready(one.call(BEGIN, wrong)).is_err());
    }
}

#[test]
fn a_hundred_tries_at_the_front_door_do_not_come_to_the_limit() {
    let limit = Config::default();
    assert!(limit.evaluations_per_hour > 100 && limit.evaluations_per_day > limit.evaluations_per_hour);
}

#[test]
fn the_hour_and_the_day_pass() {
    let (host, tenant, id) = (host(), TenantId::default_tenant(), OprfId([1; 16]));
    let limit = Limit::of(&Config { evaluations_per_hour: 2, evaluations_per_day: 3 });
    let begin = Timestamp::from_secs(1_700_000_000);
    let take = |minutes: u64| {
        let now = begin.plus(Duration::from_secs(minutes * 60));
        ready(limit.take_at(&host, &tenant, &id, now)).expect("is counted")
    };
    assert_eq!([take(0), take(1), take(2), take(59)], [true, true, false, false]);
    assert_eq!(
        [take(60), take(61), take(200)],
        [true, false, false],
        "an hour later one is free, then the day is full"
    );
    assert_eq!([take(24 * 60), take(24 * 60)], [true, false]);
    assert!(!take(23 * 60), "a clock that is set back frees nothing");
}

#[test]
fn of_many_at_one_moment_no_more_are_answered_than_may_be() {
    /// Somebody else is always first.
    struct Crowd(Desk);
    impl gatewright_contract::HostServices for Crowd {
        fn now(&self) -> Timestamp {
            self.0.now()
        }
        fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
            self.0.random(buffer)
        }
        fn log(&self, _: LogLevel, _: &str) {}
        fn kv_get<'a>(
            &'a self,
            tenant: &'a TenantId,
            key: &'a str,
        ) -> BoxFut<'a, Result<Option<gatewright_contract::Versioned<Vec<u8>>>, Fault>> {
            self.0.kv_get(tenant, key)
        }
        fn kv_cas<'a>(
            &'a self,
            _: &'a TenantId,
            _: &'a str,
            _: Option<u64>,
            _: &'a [u8],
            _: Option<Duration>,
        ) -> BoxFut<'a, Result<u64, Fault>> {
            Box::pin(async { Err(Fault::Conflict) })
        }
        fn run<'a>(&'a self, work: Box<dyn FnOnce() + Send>) -> BoxFut<'a, Result<(), Fault>> {
            self.0.run(work)
        }
        fn call<'a>(&'a self, method: &'a str, args: Value) -> BoxFut<'a, Result<Value, Fault>> {
            self.0.call(method, args)
        }
    }
    let crowd: Host = Arc::new(Crowd(Desk::counting(Timestamp::from_secs(0))));
    let limit = Limit::of(&Config::default());
    let taken = ready(limit.take(&crowd, &TenantId::default_tenant(), &OprfId([1; 16])));
    assert!(!taken.expect("is told"), "answered without being counted");
    // A host without secrets.
    let plugin = OprfPlugin::new(&Config::default(), crowd);
    assert!(matches!(ready(plugin.health()), Health::Down(why) if why.contains("no secrets")));
    let refused = ready(plugin.call(EVALUATE, asked([1; 16], ELEMENT))).expect_err("refused");
    assert!(matches!(refused, Fault::Unavailable { .. }), "{refused}");
}
