//! What the host can do with a library, and what a panic in it does.
#![allow(unsafe_code, reason = "it plays the host, which is C")]

use super::desk::{Desk, Made, NOW, plugin};
use crate::{
    Authenticator, Call, Challenge, Fault, Host, HostExt as _, Manifest, Nothing, Refusal, Traits, Verdict,
    abi, contract::registration, private::Library, wire::Status,
};
use serde_json::{Value, json};

fn bytes(slice: abi::Slice) -> &'static [u8] {
    // SAFETY: a manifest lives as long as the library.
    unsafe { slice.bytes() }
}

#[test]
fn the_table_is_one_of_this_abi() {
    let plugin = plugin();
    assert_eq!((plugin.magic, plugin.major, plugin.minor), (abi::MAGIC, abi::MAJOR, abi::MINOR));
    assert_eq!((plugin.size as usize, plugin.flags), (size_of::<abi::Plugin>(), 0));
}

#[test]
fn the_manifest_is_there_before_an_instance() {
    // SAFETY: it has no conditions.
    let (first, again) = unsafe { ((plugin().manifest)(), (plugin().manifest)()) };
    assert_eq!(first.ptr, again.ptr);
    let manifest: Manifest = serde_json::from_slice(bytes(first)).unwrap();
    assert_eq!((manifest.id.as_str(), manifest.version.as_str()), ("probe", env!("CARGO_PKG_VERSION")));
    assert_eq!(manifest.needs, ["kv", "http:127.0.0.1:9"]);
    assert!(!manifest.traits.phishing_resistant && !manifest.abilities.enrol);
    assert_eq!(manifest.schemas.config_default, json!({"strong": false, "make": ""}));
}

/// Asks for random bytes in `new`.
struct Hasty;

impl Authenticator for Hasty {
    const ID: &'static str = "hasty";
    const ABOUT: &'static str = "";
    type Config = Nothing;
    type Credential = Nothing;
    type Begin = Nothing;
    type Prompt = Nothing;
    type State = Nothing;
    type Answer = Nothing;

    fn new(_: Nothing, host: Host) -> Result<Self, Fault> {
        host.random_array::<8>()?;
        Ok(Self)
    }
    fn traits(&self) -> Traits {
        panic!("never made")
    }
    async fn challenge(
        &self,
        _: Call<'_, Nothing, Nothing>,
    ) -> Result<Challenge<Nothing, Nothing, Nothing>, Fault> {
        Err(Fault::Conflict)
    }
    async fn verify(
        &self,
        _: Call<'_, (Nothing, Nothing), Nothing>,
    ) -> Result<Verdict<Nothing, Nothing, Nothing>, Fault> {
        Ok(Verdict::refused(Refusal::Wrong))
    }
}

#[test]
fn without_a_manifest_it_says_why() {
    static HASTY: Library = Library::new(registration!(Hasty));
    let said: Value = serde_json::from_slice(bytes(HASTY.manifest())).unwrap();
    let why = said["message"].as_str().unwrap();
    assert!(why.contains("default configuration") && why.contains("ask for it in a step"), "{why}");
}

#[test]
fn an_instance_is_made_or_refused_in_words() {
    let refused = |config: Value| Made::new(&Desk::default(), &config).err().unwrap();
    assert!(Made::new(&Desk::default(), &json!({})).is_ok());
    let (status, words) = refused(json!({"make": "refuses"}));
    assert_eq!((status, words.field.as_str()), (Status::Config, "make"));
    let (status, words) = refused(json!({"mak": 1}));
    assert!(status == Status::Config && words.message.contains("unknown field `mak`"), "{words:?}");
    let (status, words) = refused(json!({"make": "panics"}));
    assert_eq!((status, words.message.as_str()), (Status::Panic, "no"));
    assert_eq!(refused(json!({"make": "panics twice"})).0, Status::Panic);
    // Policy goes by the manifest, which this one does not keep.
    let (status, words) = refused(json!({"strong": true}));
    assert!(status == Status::Config && words.message.contains("traits"), "{words:?}");
}

#[test]
fn a_table_that_is_shorter_or_of_another_major_is_not_used() {
    let desk = Desk::default();
    let of = |change: fn(&mut abi::Host)| {
        let mut table = desk.table();
        change(&mut table);
        // SAFETY: the table says what it is.
        unsafe { (plugin().create)(&table, abi::Slice::empty(), 0) }
    };
    assert!(of(|table| table.size -= 1).is_null());
    assert!(of(|table| table.major += 1).is_null());
    // SAFETY: null is allowed.
    assert!(unsafe { (plugin().create)(std::ptr::null(), abi::Slice::empty(), 0) }.is_null());
    assert_eq!(desk.answers(0), 0);
    let newer = of(|table| table.minor += 1);
    assert!(!newer.is_null());
    // SAFETY: once.
    unsafe { (plugin().destroy)(newer) };
}

#[test]
fn what_the_host_offers_arrives() {
    let desk = Desk::default();
    let made = Made::new(&desk, &json!({})).unwrap();
    let found = |ticket, does: &str, n| {
        made.verify(ticket, json!({"does": does, "n": n}));
        made.found(ticket)
    };
    assert_eq!(found(1, "get", 0), json!([7, [0x68, 0x69]]));
    assert_eq!(found(2, "absent", 0), json!(true));
    assert_eq!(found(3, "cas", 4), json!(5));
    assert_eq!(found(4, "rest", 0), json!([NOW.as_millis(), [42, 42], 42, true]));
    assert_eq!(*desk.logged.lock().unwrap(), ["2 a line"]);
    for (ticket, does, n, status) in [
        (5, "cas", 6, Status::Conflict),
        (6, "odd", 0, Status::Internal),
        (7, "refused", 0, Status::Internal),
        (8, "large", 0, Status::Internal),
    ] {
        made.verify(ticket, json!({"does": does, "n": n}));
        assert_eq!(desk.ended(ticket).unwrap_err().0, status, "{does}");
    }
    assert_eq!(desk.ended(7).unwrap_err().1.message, "not permitted: directory.bind");
}

#[test]
fn what_can_not_be_read_is_an_error() {
    let desk = Desk::default();
    let made = Made::new(&desk, &json!({})).unwrap();
    made.send(1, "verify", b"{".to_vec());
    assert_eq!(desk.ended(1).unwrap_err().0, Status::Internal);
    made.send(2, &"x".repeat(1_000), b"{}".to_vec());
    let (status, words) = desk.ended(2).unwrap_err();
    assert_eq!((status, words.message.len()), (Status::UnknownMethod, abi::MAX_METHOD));
    made.verify(3, json!({"does": 7}));
    assert_eq!(desk.ended(3).unwrap_err().0, Status::BadRequest);
}

#[test]
fn a_panic_costs_the_call_that_met_it() {
    let desk = Desk::default();
    let made = Made::new(&desk, &json!({})).unwrap();
    for (ticket, does, words) in [
        (1, "panic", "boom"),
        (2, "panic twice", "a value that is no text"),
        (3, "panic after", "boom, later"),
        (4, "grumpy", "boom, in a drop"),
    ] {
        made.verify(ticket, json!({"does": does}));
        let (status, said) = desk.ended(ticket).unwrap_err();
        assert_eq!((status, said.message.as_str()), (Status::Panic, words));
    }
    made.verify(9, json!({"does": "get"}));
    assert_eq!(made.found(9)[0], 7);
}

#[test]
fn the_end_of_an_instance_may_panic_too() {
    let desk = Desk::default();
    drop(Made::new(&desk, &json!({"make": "ends badly"})).unwrap());
    assert_eq!(*desk.logged.lock().unwrap(), ["1 ended"]);
}
