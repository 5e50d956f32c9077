//! New versions in the place of old ones: which are taken, which are left alone, and what is said of it.

use super::Folder;
use crate::{
    App, Plugins, SystemWorld, build,
    config::Sources,
    control::{By, Reload, Reloaded, Wanted},
    loader::{Reloader, Runner},
    settings,
};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use gatewright_contract::TenantId;
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

/// The cheap factor of `tests/faults-c`, with these flags and other bytes in its manifest.
fn cheap(folder: &Folder, name: &str, flags: &[&str], patches: &[(&str, &str)]) -> PathBuf {
    let (to, root) = (folder.0.join(name), Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    let output = Command::new("gcc")
        .args(["-std=gnu11", "-O0", "-w", "-shared", "-fPIC", "-fvisibility=hidden", "-pthread"])
        .args(flags)
        .arg("-I")
        .arg(root.join("core/abi/include"))
        .arg("-o")
        .arg(&to)
        .arg(root.join("tests/faults-c/cheap.c"))
        .output()
        .expect("gcc runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut bytes = std::fs::read(&to).unwrap();
    for (from, into) in patches {
        assert_eq!(from.len(), into.len(), "{from}");
        let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).expect("is there");
        bytes[at..at + into.len()].copy_from_slice(into.as_bytes());
    }
    std::fs::write(&to, bytes).unwrap();
    to
}

/// The same under another id.
const OTHER: (&str, &str) = ("\"id\":\"cheap\"", "\"id\":\"ample\"");

fn table(id: &str, file: &Path, more: &str) -> String {
    let sha256 = HEXLOWER.encode(digest(&SHA256, &std::fs::read(file).unwrap()).as_ref());
    format!("[plugins.{id}]\nmode = \"pool\"\nlibrary = {file:?}\nsha256 = \"{sha256}\"\n{more}\n")
}

struct Desk {
    folder: Folder,
    app: Arc<App>,
    reloader: Reloader,
}

impl Desk {
    async fn new(folder: Folder, config: &str) -> Self {
        let sources = Sources { file: Some(folder.0.join("gatewright.toml")), ..Sources::default() };
        say(&folder, config);
        let plugins = Plugins::linked().with_libraries(sources.clone(), &Runner::default()).await;
        let loaded = settings::load(&plugins, sources.clone()).unwrap_or_else(|e| panic!("{e}"));
        let app = build(plugins, &loaded, Arc::new(SystemWorld::default())).await;
        let app = Arc::new(app.unwrap_or_else(|e| panic!("{e}")));
        let reloader = Reloader::new(app.clone(), Plugins::linked(), sources, Runner::default());
        Self { folder, app, reloader }
    }

    async fn reload(&self, config: &str, plugin: Option<&str>, changed_traits: bool) -> Reloaded {
        say(&self.folder, config);
        let by = if plugin.is_some() { By::User(7) } else { By::Signal };
        self.reloader.reload(&Wanted { plugin: plugin.map(str::to_owned), changed_traits, by }).await
    }

    fn version(&self, id: &str) -> String {
        self.app.engine.catalogue().manifest(id).expect("it serves").version.clone()
    }

    /// Who asked, and for what.
    async fn audited(&self) -> Vec<(String, String)> {
        let lines = self.app.engine.store().audit_from(&TenantId::default_tenant(), 0, 100).await;
        let lines = lines.expect("an audit log").into_iter().map(|logged| logged.event);
        let reloaded = lines.filter(|event| event.kind == "plugin.reloaded");
        reloaded.map(|event| (event.request_id, event.target.unwrap_or_default())).collect()
    }
}

fn say(folder: &Folder, config: &str) {
    let data = folder.0.join("data");
    let toml = format!("data = {data:?}\nstore = \"memory\"\n{config}");
    std::fs::write(folder.0.join("gatewright.toml"), toml).unwrap();
}

#[tokio::test]
async fn what_policies_go_by_changes_only_where_that_is_said() {
    let folder = Folder::new();
    let first = table("cheap", &cheap(&folder, "one.so", &["-DVERSION=1"], &[]), "");
    let kind = ("\"kind\":\"possession\"", "\"kind\":\"knowledge\" ");
    let amr = ("\"amr\":[\"otp\"]", "\"amr\":[\"pwd\"]");
    let other = table("cheap", &cheap(&folder, "two.so", &["-DVERSION=2"], &[kind, amr]), "");
    let remembered = ("\"kind\":\"possession\"", "\"kind\":\"remembered\"");
    let worse = table("cheap", &cheap(&folder, "three.so", &["-DVERSION=2"], &[remembered]), "");
    let desk = Desk::new(folder, &first).await;

    for plugin in [Some("cheap"), None] {
        let done = desk.reload(&other, plugin, false).await;
        let [why] = done.failed.as_slice() else { panic!("{done:?}") };
        let words = ["kind was \"possession\", is \"knowledge\"", "amr was [\"otp\"], is [\"pwd\"]"];
        assert!(words.iter().all(|word| why.contains(word)), "{why}");
        assert!(why.contains("plugin reload cheap --changed-traits") && why.contains("1.0.0"), "{why}");
        assert!(done.swapped.is_empty() && desk.version("cheap") == "1.0.0", "{done:?}");
    }
    let done = desk.reload(&worse, Some("cheap"), true).await;
    assert!(done.failed.len() == 1 && done.failed[0].contains("needs a restart"), "{done:?}");
    assert!(desk.audited().await.is_empty());

    let done = desk.reload(&other, Some("cheap"), true).await;
    assert_eq!((done.swapped.len(), done.failed.len()), (1, 0), "{done:?}");
    assert!(done.notes[0].contains("kind was \"possession\", is \"knowledge\""), "{done:?}");
    assert_eq!(desk.version("cheap"), "2.0.0");
    let audited = desk.audited().await;
    let [(who, target)] = audited.as_slice() else { panic!("{audited:?}") };
    assert_eq!(who, "uid:7");
    assert!(target.starts_with("version:2.0.0:") && target.contains("traits:"), "{target}");
    assert!(target.contains("kind was \"possession\", is \"knowledge\""), "{target}");
}

#[tokio::test]
async fn of_all_only_what_has_changed_is_opened() {
    let folder = Folder::new();
    let cheap_file = cheap(&folder, "one.so", &["-DVERSION=1"], &[]);
    let ample_file = cheap(&folder, "ample.so", &["-DVERSION=1"], &[OTHER]);
    let (one, ample) = (table("cheap", &cheap_file, ""), table("ample", &ample_file, ""));
    let two = table("cheap", &cheap(&folder, "two.so", &["-DVERSION=2"], &[]), "");
    let desk = Desk::new(folder, &format!("{one}{ample}")).await;
    // Whoever opened them now would find nothing.
    std::fs::remove_file(&ample_file).unwrap();
    let done = desk.reload(&format!("{two}{ample}"), None, false).await;
    assert!(done.failed.is_empty() && done.swapped.len() == 1, "{done:?}");
    assert!(done.notes.iter().any(|line| line.contains("ample: unchanged")), "{done:?}");
    assert_eq!((desk.version("cheap"), desk.version("ample")), ("2.0.0".to_owned(), "1.0.0".to_owned()));
    assert_eq!(desk.audited().await[0].0, "SIGHUP");

    // Its own keys have changed: now it must be opened, and that is no harm to the other.
    let greets = format!("{ample}greeting = \"hello\"\n");
    let done = desk.reload(&format!("{one}{greets}"), None, false).await;
    let [why] = done.failed.as_slice() else { panic!("{done:?}") };
    assert!(why.contains("ample.so") && why.contains("goes on serving"), "{why}");
    assert!(done.swapped.iter().any(|line| line.starts_with("cheap: 1.0.0")), "{done:?}");
    assert_eq!(desk.version("cheap"), "1.0.0");

    // The same where the host is told to read another file that is not there.
    let gone = ample.replace("ample.so", "gone.so");
    let done = desk.reload(&format!("{two}{gone}"), None, false).await;
    let [why] = done.failed.as_slice() else { panic!("{done:?}") };
    assert!(why.contains("gone.so"), "{why}");
    assert_eq!((done.swapped.len(), desk.version("cheap")), (1, "2.0.0".to_owned()));
}

#[tokio::test]
async fn what_needs_a_restart_is_left_alone_and_named() {
    let folder = Folder::new();
    let one = table("cheap", &cheap(&folder, "one.so", &["-DVERSION=1"], &[]), "");
    let new = table("ample", &cheap(&folder, "ample.so", &["-DVERSION=1"], &[OTHER]), "");
    let desk = Desk::new(folder, &one).await;
    let done = desk.reload(&format!("{one}enabled = false\n{new}"), None, false).await;
    assert_eq!((done.failed.len(), done.swapped.len(), done.notes.len()), (0, 0, 2), "{done:?}");
    assert!(done.notes.iter().any(|line| line.contains("ample: does not run")), "{done:?}");
    assert!(done.notes.iter().any(|line| line.contains("cheap: is switched off")), "{done:?}");
    let done = desk.reload(&format!("{one}enabled = false\n"), Some("cheap"), false).await;
    assert_eq!((done.failed.len(), done.notes.len()), (1, 0), "by name it should have been: {done:?}");
    let done = desk.reload("", None, false).await;
    assert!(done.failed.is_empty() && done.notes[0].contains("is not in the configuration"), "{done:?}");
}

#[tokio::test]
async fn every_need_that_is_not_met_is_told() {
    let folder = Folder::new();
    let one = table("cheap", &cheap(&folder, "one.so", &["-DVERSION=1"], &[]), "");
    let flags = ["-DVERSION=2", "-DFAULT=MANIFEST_UNKNOWN_NEED"];
    let needy = table("cheap", &cheap(&folder, "two.so", &flags, &[]), "");
    let desk = Desk::new(folder, &one).await;
    let done = desk.reload(&needy, Some("cheap"), false).await;
    let [why] = done.failed.as_slice() else { panic!("{done:?}") };
    assert!(why.contains("oracle.ask") && why.contains("pigeon") && why.contains("1.0.0"), "{why}");
}

#[tokio::test]
async fn the_same_begun_anew_is_kept_nowhere() {
    let folder = Folder::new();
    let one = table("cheap", &cheap(&folder, "one.so", &["-DVERSION=1"], &[]), "");
    let two = table("cheap", &cheap(&folder, "two.so", &["-DVERSION=2"], &[]), "");
    let desk = Desk::new(folder, &one).await;
    for _ in 0..3 {
        assert_eq!(desk.reload(&one, Some("cheap"), false).await.swapped.len(), 1);
    }
    assert_eq!(desk.app.generations.count(), 0);
    desk.reload(&two, None, false).await;
    assert_eq!(desk.app.generations.count(), 1);
}
