//! The cheap factor of `tests/faults-c` behind all that stands between a library and the engine: as it should be, and
//! with each fault that a process of its own is not needed for.

use super::Folder;
use crate::{
    loader::{
        Checked, Image, Library, LibraryAuthenticator, LibraryCalls, LibraryConfig, LoadError, Pooled, kit,
        manifest::check,
    },
    outgoing::OutgoingConfig,
    services::Common,
};
use gatewright_contract::{
    Body, Call, CredentialId, DynAuthenticator, Enrolment, Fault, Held, Outcome, RawVerdict, Refusal,
    TenantId, Timestamp, testing::scope,
};
use serde_json::json;
use std::{path::Path, process::Command, sync::Arc};

/// The factor with one fault of `fault.h`, opened.
fn cheap(fault: &str) -> Result<Library, LoadError> {
    let (folder, root) = (Folder::new(), Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    let to = folder.0.join("cheap.so");
    let output = Command::new("gcc")
        .args(["-std=gnu11", "-O0", "-w", "-shared", "-fPIC", "-fvisibility=hidden", "-pthread"])
        .arg(format!("-DFAULT={fault}"))
        .arg("-I")
        .arg(root.join("core/abi/include"))
        .arg("-o")
        .arg(&to)
        .arg(root.join("tests/faults-c/cheap.c"))
        .output()
        .expect("gcc runs");
    assert!(output.status.success(), "{fault}: {}", String::from_utf8_lossy(&output.stderr));
    Library::open(&Image::read(&to, None)?)
}

fn checked(fault: &str) -> Result<Checked, String> {
    let library = cheap(fault).map_err(|e| e.to_string())?;
    check(library.manifest(), Some("cheap")).map_err(|e| e.to_string())
}

#[test]
fn a_manifest_that_lies_is_a_load_error_that_says_why() {
    assert_eq!(checked("NONE").map(|c| c.manifest.version).as_deref(), Ok("1.0.0"));
    for (fault, why) in [
        ("MANIFEST_EMPTY", "manifest"),
        ("MANIFEST_NO_JSON", "not JSON (line 1, column"),
        ("MANIFEST_DEEP", "nested more than 64 deep"),
        ("MANIFEST_TOO_LARGE", "1048576"),
        ("MANIFEST_WRONG_CONTRACT", "`contract` is 999, this host speaks 1: rebuild it for this host"),
        ("MANIFEST_OTHER_ID", "its table must be `[plugins.expensive]`, not `[plugins.cheap]`"),
        ("MANIFEST_BAD_SCHEMA", "`schemas.answer.type`: expected one of array, boolean"),
        (
            "MANIFEST_LACKS_SCHEMA",
            "`schemas.invite` is missing, which `abilities.enrol` takes; `schemas.invitation`",
        ),
        ("MANIFEST_FRAME_KEY", "`schemas.config.properties.timeout_ms`: this key is the host's"),
        ("MANIFEST_UNKNOWN_MEMBER", "`certified` is not known; there are: id, version"),
    ] {
        let told = checked(fault).err().unwrap_or_else(|| panic!("{fault} is taken"));
        assert!(told.contains(why), "{fault}: {told}");
    }
    let needs = checked("MANIFEST_UNKNOWN_NEED").expect("a manifest").needs;
    let missing = needs.check(&["http.fetch"], &["smtp"]).expect_err("the host has neither");
    assert_eq!(missing.len(), 2, "{missing:?}");
}

struct Room {
    it: LibraryAuthenticator,
    common: Common,
}

async fn room(fault: &str) -> Room {
    let (common, _, _) = kit::host(&OutgoingConfig::default()).await;
    common.offered.fill(Vec::new()).expect("no clash");
    let library = cheap(fault).unwrap_or_else(|e| panic!("{fault}: {e}"));
    let checked = check(library.manifest(), Some("cheap")).unwrap_or_else(|e| panic!("{fault}: {e}"));
    let refusals = kit::refusals_of("cheap", &common);
    let calls = LibraryCalls::new(&checked.manifest, checked.needs.clone(), &common, refusals.clone());
    let config = checked.manifest.schemas.config_default.to_string().into_bytes();
    let pooled =
        Pooled::start("cheap".into(), library, config, &LibraryConfig::default(), Arc::new(calls)).await;
    let pooled = pooled.unwrap_or_else(|e| panic!("{fault}: {e}"));
    Room { it: LibraryAuthenticator::new(checked, "one".to_owned(), Arc::new(pooled), refusals), common }
}

impl Room {
    /// Somebody who is enrolled says this.
    async fn says(&self, code: &str) -> Result<RawVerdict, Fault> {
        let scope = scope(Timestamp::from_secs(7), Some("ada"));
        let id = CredentialId::from_parts(Timestamp(0), [1; 10]);
        let doc = Body(json!({"kept": 1}));
        let held = [Held { id, label: None, created: Timestamp(1), last_used: None, doc }];
        let body = (Body(json!({"v": 1})), Body(json!({"code": code})));
        let verdict = self.it.verify(Call { scope: &scope, credentials: &held, body }).await?;
        if let Outcome::Accepted(accepted) = &verdict.outcome {
            assert_eq!(accepted.credential, Some(id));
        }
        Ok(verdict)
    }

    async fn audited(&self) -> Vec<String> {
        kit::audited(&self.common.store, &TenantId::default_tenant(), "cheap").await
    }
}

#[tokio::test]
async fn the_factor_as_it_should_be() {
    let room = room("NONE").await;
    let scope = scope(Timestamp::from_secs(7), Some("ada"));
    let call = |body| Call { scope: &scope, credentials: &[], body };
    let challenge = room.it.challenge(call(Body(json!({})))).await.expect("a challenge");
    assert_eq!((challenge.prompt, challenge.state.0), (json!({"hint": "say the word"}), json!({"v": 1})));
    let invited = room.it.invite(call(Body(json!({})))).await.expect("an invitation");
    let body = (invited.state, Body(json!({})));
    let enrolled = room.it.enrol(Call { scope: &scope, credentials: &[], body }).await.expect("an enrolment");
    assert!(matches!(enrolled, Enrolment::Enrolled { credential, .. } if credential.0 == json!({"kept": 1})));
    assert!(matches!(room.says("open").await.expect("a verdict").outcome, Outcome::Accepted(_)));
    let wrong = room.says("shut").await.expect("a verdict").outcome;
    assert!(matches!(wrong, Outcome::Refused(Refusal::Wrong)));
    let long = room.says(&"x".repeat(65)).await;
    assert!(matches!(long, Err(Fault::BadRequest { field, .. }) if field == "code"));
    assert_eq!(room.it.describe(Body(json!({"kept": 1}))).await.expect("details"), json!({"version": 1}));
    assert!(room.audited().await.is_empty());
}

#[tokio::test]
async fn a_reply_that_breaks_its_word_is_could_not_tell() {
    for fault in [
        "REPLY_EMPTY",
        "REPLY_NO_JSON",
        "REPLY_NO_OUTCOME",
        "REPLY_UNKNOWN_MEMBER",
        "REPLY_OTHER_CREDENTIAL",
        "REPLY_OTHER_CHANGE",
        "REPLY_UNDECLARED_SEND",
        "REPLY_TOO_LARGE",
        "REPLY_DEEP",
        "REPLY_NO_UTF8",
        "REPLY_UNKNOWN_STATUS",
        "REPLY_NULL_SLICE",
    ] {
        let room = room(fault).await;
        let verdict = room.says("open").await;
        assert!(matches!(verdict, Err(Fault::Unavailable { .. })), "{fault}: {verdict:?}");
        let noted = room.audited().await;
        let send = ["need:send:smtp not_permitted"];
        assert_eq!(noted, if fault == "REPLY_UNDECLARED_SEND" { &send[..] } else { &[] }, "{fault}");
    }
    let room = room("REPLY_BREAKS_SCHEMA").await;
    let scope = scope(Timestamp::from_secs(7), None);
    let asked = room.it.challenge(Call { scope: &scope, credentials: &[], body: Body(json!({})) }).await;
    let Err(Fault::Unavailable { what, .. }) = asked else { panic!("it is taken") };
    assert!(what.contains("Prompt is not as declared"), "{what}");
}

#[tokio::test]
async fn what_it_may_not_ask_it_does_not_get_and_the_login_goes_on() {
    for (fault, noted) in [
        ("ASKS_KV_UNDECLARED", Some("need:kv not_permitted")),
        ("ASKS_KV_OF_OTHER_TENANT", Some("need:tenant:somebody-else not_permitted")),
        ("ASKS_HTTP_OF_OTHER_HOST", Some("need:http:other.example not_permitted")),
        ("ASKS_RANDOM_UNDECLARED", Some("need:random not_permitted")),
        ("ASKS_UNKNOWN_SERVICE", None),
        ("ASKS_NO_JSON", None),
        ("ASKS_LONG_METHOD", None),
        ("LOG_FLOOD", None),
        ("LOG_CONTROL", None),
        ("LOG_LONG", None),
        ("LOG_UNDECLARED", Some("need:log not_permitted")),
    ] {
        let room = room(fault).await;
        let verdict = room.says("open").await.unwrap_or_else(|e| panic!("{fault}: {e}"));
        assert!(matches!(verdict.outcome, Outcome::Accepted(_)), "{fault}: {verdict:?}");
        // What can't be waited for is written by a task.
        for _ in 0..1_000 {
            if noted.is_none() || !room.audited().await.is_empty() {
                break;
            }
            tokio::task::yield_now().await;
        }
        let found = room.audited().await;
        assert_eq!(found, noted.into_iter().collect::<Vec<_>>(), "{fault}");
    }
}
