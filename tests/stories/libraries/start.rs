//! A library that can't be used is refused at the start with the reason, its key and its place; where it is not required
//! the host does without it.

use super::{
    LIMITS,
    beside::{Crowd, LOGINS},
};
use gatewright::StartError;
use kit::{Call, CheapLibrary, Kit, Store, TempFolder, cargo_library, entry};
use serde_json::json;
use std::{fmt::Write as _, path::Path, sync::Arc};

/// Faults that show before the manifest is read, with what is said of them.
const BROKEN: [(&str, &str); 14] = [
    ("WRONG_MAGIC", "it begins with 0x464c457f"),
    ("WRONG_MAJOR", "it speaks major version 2 of the ABI, this host speaks 1"),
    ("SIZE_TOO_SMALL", "it has 24 bytes"),
    ("FLAGS_SET", "its flags are 0x1"),
    ("NULL_PLUGIN", "it is null"),
    ("NULL_FUNCTION", "one of its functions is null"),
    ("MISSING_SYMBOL", "it does not export `gatewright_plugin_v1`"),
    ("CONSTRUCTOR_ABORTS", "its process ended"),
    ("CONSTRUCTOR_LOOPS", "it could not begin"),
    ("ENTRY_CRASHES", "its process ended"),
    ("MANIFEST_NO_JSON", "not JSON"),
    ("MANIFEST_WRONG_CONTRACT", "`contract` is 999, this host speaks 1"),
    ("MANIFEST_BAD_SCHEMA", "`schemas.answer.type`"),
    ("MANIFEST_NEVER", "it could not begin"),
];

/// One table, and what is to be said of it.
struct Wrong {
    id: String,
    table: String,
    key: &'static str,
    reason: String,
}

/// What is wrong with files, and not with what is in them.
fn wrong_files(folder: &Path, whole: &CheapLibrary) -> Vec<Wrong> {
    let bytes = std::fs::read(&whole.path).unwrap();
    let mut all = Vec::new();
    let mut put = |id: String, table: String, key, reason: &str| {
        all.push(Wrong { id, table, key, reason: reason.to_owned() });
    };
    let lengths = [0, 1, 16, 63, 64, 200, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1];
    for length in lengths {
        let path = folder.join(format!("{length}.so"));
        std::fs::write(&path, &bytes[..length]).unwrap();
        let id = format!("cut-{length}");
        put(id.clone(), entry(&id, &path, ""), "library", "not a shared library for this machine");
    }
    let text = folder.join("text.so");
    std::fs::write(&text, "#!/bin/sh\necho no library\n".repeat(100)).unwrap();
    put("text".into(), entry("text", &text, ""), "library", "not a shared library for this machine");
    let table = |id: &str, path: &Path, sha256: &str| {
        format!("[plugins.{id}]\nlibrary = {path:?}\nsha256 = \"{sha256}\"\n")
    };
    let (other, none) = ("0".repeat(64), folder.join("nothing.so"));
    put("other".into(), table("other", &whole.path, &other), "sha256", "not 00000000");
    put("unpinned".into(), table("unpinned", &whole.path, ""), "sha256", "64 hex digits; the file has");
    put("gone".into(), table("gone", &none, &other), "library", "nothing.so");
    put("folder".into(), table("folder", folder, &other), "library", "regular file");
    let mine = table("not-cheap", &whole.path, &whole.sha256);
    put("not-cheap".into(), mine, "library", "its table must be `[plugins.cheap]`");
    all
}

/// Where a table and a key in it stand, as the report names it.
fn line_of(toml: &str, id: &str, key: &str) -> usize {
    let lines: Vec<&str> = toml.lines().collect();
    let table = lines.iter().position(|line| *line == format!("[plugins.{id}]")).unwrap();
    table + 1 + lines[table..].iter().position(|line| line.starts_with(key)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_can_not_be_used_is_in_one_report_each_with_its_line() {
    let (folder, whole) = (TempFolder::new(), CheapLibrary::version(1));
    let mut wrong = wrong_files(folder.path(), &whole);
    let broken = BROKEN.map(|(fault, reason)| (fault, CheapLibrary::with_fault(fault), reason));
    for (fault, library, reason) in &broken {
        let id = fault.to_lowercase().replace('_', "-");
        let table = entry(&id, &library.path, "cpu_seconds = 1\n");
        wrong.push(Wrong { id, table, key: "library", reason: (*reason).to_owned() });
    }
    let mut toml = String::new();
    for wrong in &wrong {
        let _ = write!(toml, "{}", wrong.table);
    }
    // A mistake elsewhere is told with them.
    toml.push_str("[plugins.totp]\ndigitz = 6\n");
    let file = folder.path().join("gatewright.toml");
    std::fs::write(&file, &toml).unwrap();
    let Err(error) = Kit::with(Store::Memory).file(&file).try_start().await else { panic!("it has started") };
    let StartError::Config(report) = &error else { panic!("{error}") };
    assert_eq!(report.problems.len(), wrong.len() + 1, "{report}");
    for Wrong { id, key, reason, .. } in &wrong {
        let name = format!("plugins.{id}.{key}");
        let problem = report.problems.iter().find(|problem| problem.key == name);
        let problem = problem.unwrap_or_else(|| panic!("nothing of {name} in\n{report}"));
        let place = format!("gatewright.toml:{}:", line_of(&toml, id, key));
        assert!(problem.to_string().contains(&place), "{problem}");
        assert!(problem.message.contains(reason), "{problem}");
    }
    assert!(report.to_string().contains("digitz"), "{report}");
}

/// Two that load and can't begin.
fn can_not_begin(fault: &str, cheap: &CheapLibrary, more: &str) -> String {
    let faulty = cargo_library("fault-plugin");
    let keys = format!("fault = \"{fault}\"\nwhen = \"create\"\n{more}");
    format!("{}{more}{}", cheap.table(), entry("fault", &faulty, &keys))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_begin_is_in_one_report_too() {
    for (c, reason, key, rust) in [
        ("CREATE_REFUSES", "nothing is polite enough", "greeting", "panic"),
        ("CREATE_CRASHES", "its process ended", "library", "segfault"),
        ("CREATE_NULL", "could not begin", "library", "overflow"),
        ("NONE", "", "", "memory"),
        ("NONE", "", "", "exit"),
        ("NONE", "", "", "undeclared_random"),
    ] {
        let cheap = match c {
            "NONE" => CheapLibrary::version(1),
            fault => CheapLibrary::with_fault(fault),
        };
        let builder = Kit::with(Store::Memory).config(&can_not_begin(rust, &cheap, ""));
        let Err(error) = builder.try_start().await else { panic!("{c}, {rust}: it has started") };
        let StartError::Config(report) = &error else { panic!("{error}") };
        let report = report.to_string();
        assert!(report.contains("plugins.fault.library"), "{rust}: {report}");
        if c != "NONE" {
            let line = report.lines().find(|line| line.contains(&format!("plugins.cheap.{key}")));
            assert!(line.is_some_and(|line| line.contains(reason)), "{c}: {report}");
        }
        assert_eq!(report.lines().count(), 1 + usize::from(c != "NONE"), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_not_required_the_host_does_without_it() {
    let cheap = CheapLibrary::with_fault("ENTRY_CRASHES");
    let kit = Kit::with(Store::Memory).config(LIMITS);
    let kit = kit.config(&can_not_begin("panic", &cheap, "required = false\n")).start().await;
    let kit = Arc::new(kit);
    assert_eq!(Crowd::new(&kit).await.logins().await, LOGINS);
    for id in ["cheap", "fault"] {
        kit.post(&format!("/auth/v1/login/{id}"), &json!({})).await.expect(404);
    }
    assert!(!kit.get("/openapi.json").await.text().contains("login_cheap"));
    kit.get("/healthz").await.expect(200);
    gatewright::background::ask_health(&kit.app).await;
    let ready = kit.send(Call::get("/readyz").from("127.0.0.1")).await.json();
    for (id, reason) in [("cheap", "its process ended"), ("fault", "could not begin")] {
        let plugin = ready["plugins"].as_array().unwrap().iter().find(|p| p["id"] == id).unwrap();
        assert_eq!(plugin["health"], "down", "{plugin}");
        assert!(plugin["reason"].as_str().unwrap().contains(reason), "{plugin}");
    }
}
