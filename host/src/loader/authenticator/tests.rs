use super::LibraryAuthenticator;
use crate::{
    loader::kit::{self, Scripted},
    outgoing::OutgoingConfig,
    services::Common,
};
use gatewright_contract::{
    Body, Call, CredentialChange, CredentialId, DynAuthenticator, Enrolment, Fault, Held, LookupKey, Outcome,
    RawVerdict, Refusal, Scope, TenantId, Timestamp, testing::scope,
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

struct Room {
    it: LibraryAuthenticator,
    library: Arc<Scripted>,
    common: Common,
    scope: Scope,
    held: Vec<Held<Body>>,
}

fn id(n: u8) -> CredentialId {
    CredentialId::from_parts(Timestamp(0), [n; 10])
}

async fn room() -> Room {
    let (common, _, _) = kit::host(&OutgoingConfig::default()).await;
    let library = Arc::new(Scripted::default());
    let it = LibraryAuthenticator::new(
        kit::checked(&kit::manifest()),
        "one".to_owned(),
        library.clone(),
        kit::refusals(&common),
    );
    let doc = Body(json!({"secret": "s3cret"}));
    let held = vec![Held { id: id(1), label: None, created: Timestamp(1), last_used: None, doc }];
    Room { it, library, common, scope: scope(Timestamp::from_secs(7), Some("ada")), held }
}

impl Room {
    fn call<B>(&self, body: B) -> Call<'_, B, Body> {
        Call { scope: &self.scope, credentials: &self.held, body }
    }

    async fn verify(&self, reply: Value) -> Result<RawVerdict, Fault> {
        self.library.says(&reply);
        self.it.verify(self.call((Body(json!({"n": 1})), Body(json!({"code": "123456"}))))).await
    }

    async fn challenge(&self, reply: Value) -> Result<Value, Fault> {
        self.library.says(&reply);
        self.it.challenge(self.call(Body(json!({})))).await.map(|challenge| challenge.prompt)
    }

    /// The last that the library was asked.
    fn asked(&self) -> (Option<TenantId>, &'static str, Value) {
        self.library.asked.lock().expect("a lock").pop().expect("it was asked")
    }

    fn was_asked(&self) -> usize {
        self.library.asked.lock().expect("a lock").len()
    }
}

fn is_unavailable<T>(result: Result<T, Fault>) -> String {
    match result {
        Err(Fault::Unavailable { what, .. }) => {
            assert!(what.starts_with("the plugin knock: "), "{what}");
            assert!(!what.contains("s3cret"), "{what}");
            what
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was taken"),
    }
}

fn is_bad_request<T>(result: Result<T, Fault>) -> (String, String) {
    match result {
        Err(Fault::BadRequest { field, message }) => (field, message),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was taken"),
    }
}

#[tokio::test]
async fn a_step_goes_over_and_comes_back() {
    let room = room().await;
    let prompt =
        room.challenge(json!({"prompt": {"hint": "knock"}, "state": {"n": 1}})).await.expect("a challenge");
    assert_eq!(prompt, json!({"hint": "knock"}));
    let (tenant, method, asked) = room.asked();
    assert_eq!((tenant, method), (Some(TenantId::default_tenant()), "challenge"));
    assert_eq!((&asked["begin"], &asked["credentials"][0]["doc"]["secret"]), (&json!({}), &json!("s3cret")));

    let yes = json!({
        "outcome": "accepted",
        "credential": id(1),
        "changes": [{"change": "replace", "id": id(1), "doc": {"used": 1}}],
        "send": [{"channel": "smtp", "to": "a@example.com", "template": "notice", "expires_in_ms": 60_000}],
    });
    let verdict = room.verify(yes).await.expect("a verdict");
    assert!(matches!(&verdict.outcome, Outcome::Accepted(a) if a.credential == Some(id(1))));
    assert!(
        matches!(&verdict.effects.credentials[..], [CredentialChange::Replace { doc, .. }] if doc.0["used"] == 1)
    );
    assert_eq!(verdict.effects.send[0].expires_in, Duration::from_secs(60));
    let (_, _, asked) = room.asked();
    assert_eq!((&asked["state"], &asked["answer"]), (&json!({"n": 1}), &json!({"code": "123456"})));

    let no = room.verify(json!({"outcome": "refused", "why": "replayed"})).await.expect("a verdict");
    assert!(matches!(no.outcome, Outcome::Refused(Refusal::Replayed)));
    let wait =
        room.verify(json!({"outcome": "pending", "state": 5, "retry_after_ms": 2_000})).await.expect("one");
    assert!(matches!(wait.outcome, Outcome::Pending(p) if p.retry_after == Duration::from_secs(2)));
    let more = json!({"outcome": "continue", "prompt": {"hint": "again"}, "state": 6});
    assert!(matches!(room.verify(more).await.expect("one").outcome, Outcome::Continue { .. }));
}

#[tokio::test]
async fn what_a_client_sends_is_held_against_the_schema_before_the_library_sees_it() {
    let room = room().await;
    let body = |value: Value| Body(value);
    let secret = "hunter2";
    let answer = |value: Value| room.call((Body(Value::Null), body(value)));
    let told = is_bad_request(room.it.verify(answer(json!({"code": secret}))).await);
    assert_eq!(told, ("code".into(), "must have at most 6 characters".into()));
    let told = is_bad_request(room.it.verify(answer(json!({"code": "123456", secret: 1}))).await);
    assert_eq!(told.1, "has an unknown member; it may have: code");
    is_bad_request(room.it.identify(answer(json!({"code": 7}))).await);
    is_bad_request(room.it.challenge(room.call(body(json!({"x": 1})))).await);
    is_bad_request(room.it.invite(room.call(body(json!({"x": 1})))).await);
    is_bad_request(room.it.enrol(answer(json!({"code": "12345a"}))).await);
    is_bad_request(room.it.signal(answer(json!({}))).await);
    is_bad_request(room.it.correlate(&body(json!({"wake": 1}))).await);
    is_bad_request(room.it.asker(&body(json!([]))).await);
    is_bad_request(room.it.attend(room.call(body(json!({})))).await);
    assert_eq!(room.it.speaks_for(&body(json!({}))).await.expect("nobody"), None);
    assert_eq!(room.was_asked(), 0);
}

#[tokio::test]
async fn a_reply_that_is_not_as_declared_is_no_reply() {
    let room = room().await;
    for reply in [
        json!({"state": 1}),
        json!({"prompt": {"hint": 7}}),
        json!({"prompt": {"hint": "s3cret".repeat(10)}}),
        json!({"prompt": {"hint": "x", "s3cret": 1}}),
        json!({"prompt": "s3cret"}),
        json!({"prompt": {"hint": "x"}, "surprise": 1}),
        json!({"prompt": {"hint": "x"}, "expires_in_ms": 86_400_001}),
        json!({"prompt": {"hint": "x"}, "wake": ""}),
        json!({"prompt": {"hint": "x"}, "state": "x".repeat(65 * 1024)}),
        json!([]),
        json!(null),
    ] {
        let what = is_unavailable(room.challenge(reply.clone()).await);
        assert!(what.contains("challenge: it has broken its word: "), "{reply}: {what}");
    }
    let deep = format!("{{\"state\":{}1{}}}", "[".repeat(70), "]".repeat(70));
    for bytes in [b"\xff".to_vec(), Vec::new(), deep.into_bytes(), vec![b' '; (1 << 20) + 1]] {
        room.library.replies.lock().expect("a lock").push_back(Ok(bytes));
        is_unavailable(room.it.challenge(room.call(Body(json!({})))).await);
    }
    // Of another method: nobody minds.
    let more = json!({"prompt": {"hint": "x"}, "outcome": "accepted", "credential": "x", "reply": 1});
    assert!(room.challenge(more).await.is_ok());
}

#[tokio::test]
async fn nothing_but_a_yes_is_a_yes() {
    let room = room().await;
    for reply in [
        json!({}),
        json!({"outcome": "enrolled"}),
        json!({"outcome": "yes"}),
        json!({"outcome": "accepted", "credential": id(2)}),
        json!({"outcome": "accepted", "credential": 7}),
        json!({"outcome": "accepted", "credential": id(1), "amr": ["OTP"]}),
        json!({"outcome": "accepted", "credential": id(1), "amr": ["otp", "fpt"]}),
        json!({"outcome": "accepted", "credential": id(1), "amr": ["mfa"]}),
        json!({"outcome": "accepted", "credential": id(1), "amr": vec!["otp"; 9]}),
        json!({"outcome": "accepted", "credential": id(1), "claims": {"a": "x".repeat(17_000)}}),
        json!({"outcome": "accepted", "credential": id(1), "reveal": "x"}),
        json!({"outcome": "accepted", "credential": id(1), "reveal": {"undeclared": 1}}),
        json!({"outcome": "refused", "why": "because"}),
        json!({"outcome": "pending", "retry_after_ms": 86_400_001}),
        json!({"outcome": "continue", "prompt": {}}),
    ] {
        is_unavailable(room.verify(reply).await);
    }
}

#[tokio::test]
async fn it_changes_nothing_that_it_was_not_given() {
    let room = room().await;
    let with = |change: Value| json!({"outcome": "refused", "changes": [change]});
    for change in [
        json!({"change": "replace", "id": id(2), "doc": {}}),
        json!({"change": "remove", "id": id(2)}),
        json!({"change": "replace", "id": id(1), "doc": null}),
        json!({"change": "add", "doc": {}, "label": "x".repeat(65)}),
        json!({"change": "add", "doc": {}, "label": "a\nb"}),
        json!({"change": "add", "doc": {}, "lookup": "x".repeat(513)}),
        json!({"change": "add", "doc": "x".repeat(65 * 1024)}),
        json!({"change": "destroy", "id": id(1)}),
    ] {
        is_unavailable(room.verify(with(change)).await);
    }
    let many: Vec<Value> = (0..33).map(|_| json!({"change": "add", "doc": {}})).collect();
    is_unavailable(room.verify(json!({"outcome": "refused", "changes": many})).await);
    assert!(room.verify(with(json!({"change": "remove", "id": id(1)}))).await.is_ok());
}

#[tokio::test]
async fn a_message_by_a_channel_that_it_did_not_ask_for_stops_the_step_and_is_noted() {
    let room = room().await;
    let message =
        |channel: &str| json!({"channel": channel, "to": "", "template": "code", "expires_in_ms": 1_000});
    let reply = |send: Value| json!({"prompt": {"hint": "x"}, "send": send});
    let what = is_unavailable(room.challenge(reply(json!([message("smtp"), message("sms-webhook")]))).await);
    assert!(what.contains("the manifest does not need `send:sms-webhook`"), "{what}");
    let noted = kit::audited(&room.common.store, &TenantId::default_tenant(), "knock").await;
    assert_eq!(noted, ["need:send:sms-webhook not_permitted"]);

    let mut long = message("smtp");
    long["expires_in_ms"] = json!(86_400_001);
    let mut wide = message("smtp");
    wide["values"] = json!({"code": "x".repeat(4_097)});
    let mut lines = message("smtp");
    lines["to"] = json!("a@example.com\nBcc: b@example.com");
    let mut nameless = message("smtp");
    nameless["template"] = json!("");
    for send in
        [json!([long]), json!([wide]), json!([lines]), json!([nameless]), json!(vec![message("smtp"); 5])]
    {
        is_unavailable(room.challenge(reply(send)).await);
    }
    assert!(room.challenge(reply(json!(vec![message("smtp"); 4]))).await.is_ok());
}

#[tokio::test]
async fn an_enrolment_is_held_against_what_was_declared() {
    let room = room().await;
    room.library.says(&json!({"invitation": {"secret": "x"}, "draft": 1}));
    let invited = room.it.invite(room.call(Body(json!({})))).await.expect("an invitation");
    assert_eq!((invited.prompt, invited.state.0), (json!({"secret": "x"}), json!(1)));
    room.library.says(&json!({"invitation": {"secret": 7}}));
    is_unavailable(room.it.invite(room.call(Body(json!({})))).await);

    let enrol = |reply: Value| {
        room.library.says(&reply);
        room.it.enrol(room.call((Body(json!(1)), Body(json!({"code": "123456"})))))
    };
    let there =
        enrol(json!({"outcome": "enrolled", "credential": {"k": 1}, "label": "Door", "lookup": "key"})).await;
    let Ok(Enrolment::Enrolled { credential, lookup, reveal, .. }) = there else { panic!("{there:?}") };
    assert_eq!((credential.0, reveal.0, lookup), (json!({"k": 1}), json!({}), Some(LookupKey("key".into()))));
    let rejected =
        enrol(json!({"outcome": "rejected", "violations": [{"code": "short", "message": "Too short."}]}))
            .await;
    assert!(matches!(rejected, Ok(Enrolment::Rejected(v)) if v[0].code == "short"));
    for reply in [
        json!({"outcome": "enrolled"}),
        json!({"outcome": "accepted", "credential": {"k": 1}}),
        json!({"outcome": "enrolled", "credential": {"k": 1}, "reveal": {"x": 1}}),
        json!({"outcome": "enrolled", "credential": {"k": 1}, "label": "x".repeat(65)}),
        json!({"outcome": "enrolled", "credential": {"k": 1}, "lookup": ""}),
        json!({"outcome": "rejected"}),
        json!({"outcome": "rejected", "violations": [{"code": "", "message": "x"}]}),
    ] {
        is_unavailable(enrol(reply).await);
    }
}

#[tokio::test]
async fn events_and_devices_go_over_without_a_tenant_until_one_is_known() {
    let room = room().await;
    let (event, ask) = (Body(json!({"wake": "w"})), Body(json!({"device": "d"})));
    room.library.says(&json!({"lookup": "w"}));
    assert_eq!(room.it.correlate(&event).await.expect("a key"), LookupKey("w".into()));
    assert_eq!(room.asked().0, None);
    room.library.says(&json!({}));
    is_unavailable(room.it.correlate(&event).await);
    room.library.says(&json!({}));
    assert_eq!(room.it.speaks_for(&event).await.expect("nobody"), None);
    room.library.fails(Fault::unavailable("it died"));
    is_unavailable(room.it.speaks_for(&event).await);
    room.library.says(&json!({"lookup": "d"}));
    assert_eq!(room.it.asker(&ask).await.expect("a key"), LookupKey("d".into()));

    let body = || (Body(json!(1)), Body(json!({"wake": "w"})));
    room.library.says(&json!({"outcome": "moved", "state": 2}));
    let moved = room.it.signal(room.call(body())).await.expect("a state");
    assert_eq!(moved, Some(Body(json!(2))));
    room.library.says(&json!({"outcome": "refused"}));
    assert_eq!(room.it.signal(room.call(body())).await.expect("an answer"), None);
    room.library.says(&json!({"state": 2}));
    is_unavailable(room.it.signal(room.call(body())).await);

    room.library.says(&json!({"outcome": "answered", "reply": {"waits": true}}));
    let told = room.it.attend(room.call(Body(json!({"device": "d"})))).await.expect("a reply");
    assert_eq!(told, Some(json!({"waits": true})));
    room.library.says(&json!({"outcome": "answered", "reply": {"waits": "s3cret"}}));
    is_unavailable(room.it.attend(room.call(Body(json!({"device": "d"})))).await);

    room.library.says(&json!({"lookup": "k", "state": 3}));
    let found =
        room.it.identify(room.call((Body(json!(1)), Body(json!({"code": "123456"}))))).await.expect("found");
    assert_eq!((found.lookup, found.state.0), (Some(LookupKey("k".into())), json!(3)));
    assert!(room.asked().2.get("credentials").is_none(), "nobody is known yet");
}

#[tokio::test]
async fn a_fault_of_the_library_is_could_not_tell() {
    let room = room().await;
    let verify = || room.it.verify(room.call((Body(Value::Null), Body(json!({"code": "123456"})))));
    for fault in [
        Fault::unavailable("it does not answer"),
        Fault::internal("the plugin panicked: at\nline 7"),
        Fault::Config { key: "a".into(), message: "b".into() },
    ] {
        room.library.fails(fault);
        assert!(!is_unavailable(verify().await).contains('\n'));
    }
    room.library.fails(Fault::Unavailable { what: "busy".into(), retry_after: Some(Duration::from_secs(3)) });
    assert!(
        matches!(verify().await, Err(Fault::Unavailable { retry_after: Some(d), .. }) if d.as_secs() == 3)
    );
    room.library.fails(Fault::Conflict);
    assert!(matches!(verify().await, Err(Fault::Conflict)));
    room.library.fails(Fault::bad_request("code", "x\r\n".repeat(1_000)));
    let (field, message) = is_bad_request(verify().await);
    assert!(field == "code" && message.len() < 2_000 && !message.contains('\n'));
}

#[tokio::test]
async fn documents_and_rehearsals() {
    let room = room().await;
    let doc = || Body(json!({"k": 1}));
    room.library.says(&json!({"details": {"serial": 7}}));
    assert_eq!(room.it.describe(doc()).await.expect("details"), json!({"serial": 7}));
    room.library.says(&json!({"details": "s3cret"}));
    is_unavailable(room.it.describe(doc()).await);
    room.library.says(&json!({"doc": {"k": 2}}));
    assert_eq!(room.it.migrate(1, doc()).await.expect("a document").0, json!({"k": 2}));
    assert_eq!(room.asked().2, json!({"doc": {"k": 1}, "from": 1}));
    room.library.says(&json!({}));
    is_unavailable(room.it.migrate(1, doc()).await);

    let now = Timestamp::from_secs(7);
    room.library.says(&json!({"rehearsed": {"code": "1"}}));
    assert_eq!(room.it.prove(&json!({}), now).await, Some(json!({"code": "1"})));
    room.library.says(&json!({}));
    assert_eq!(room.it.answer([&json!({}), &json!({}), &json!({})], now, 0).await, None);
    room.library.fails(Fault::internal("bug"));
    assert_eq!(room.it.prove(&json!({}), now).await, None);
}

#[tokio::test]
async fn what_it_can_not_do_it_is_not_asked() {
    let (common, _, _) = kit::host(&OutgoingConfig::default()).await;
    let library = Arc::new(Scripted::default());
    let least = json!({
        "id": "knock", "version": "1", "contract": 1,
        "traits": {"amr": ["pin"], "kind": "knowledge"},
        "schemas": {"answer": {"type": "object"}},
    });
    let it = LibraryAuthenticator::new(
        kit::checked(&least),
        "one".to_owned(),
        library.clone(),
        kit::refusals(&common),
    );
    let scope = scope(Timestamp(0), None);
    let nothing = || Body(json!({}));
    let call = || Call { scope: &scope, credentials: &[], body: nothing() };
    let two = || Call { scope: &scope, credentials: &[], body: (nothing(), nothing()) };
    let told = is_bad_request(it.invite(call()).await);
    assert_eq!(told.1, "knock can't be enrolled");
    is_bad_request(it.enrol(two()).await);
    is_bad_request(it.identify(two()).await);
    is_bad_request(it.signal(two()).await);
    is_bad_request(it.correlate(&nothing()).await);
    is_bad_request(it.asker(&nothing()).await);
    is_bad_request(it.attend(call()).await);
    assert_eq!(it.speaks_for(&nothing()).await.expect("nobody"), None);
    assert_eq!(it.prove(&json!({}), Timestamp(0)).await, None);
    assert_eq!(library.asked.lock().expect("a lock").len(), 0);
    // A prompt that was left out is the empty object that was declared.
    library.says(&json!({}));
    assert_eq!(it.challenge(call()).await.expect("a challenge").prompt, json!({}));
}
