//! The document itself.

use gatewright::Plugins;
use kit::Kit;
use serde_json::Value;
use std::path::PathBuf;

#[tokio::test]
async fn the_document_has_nothing_that_the_lint_finds() {
    let kit = Kit::memory().await;
    let findings = gatewright_openapi::lint(&kit.app.document());
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

/// The example in `openapi/openapi.json` is the document of the default build, without what only the
/// tests link in.
#[tokio::test]
async fn the_committed_document_is_the_served_one() {
    let plugins = Plugins::linked().without(kit::OWN);
    let kit = Kit::with(kit::Store::Memory).plugins(plugins).start().await;
    let served = format!("{:#}\n", *kit.app.document());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../openapi/openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &served).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == served,
        "openapi/openapi.json is not what is served{}; UPDATE=1 cargo test -p gatewright-tests committed",
        first_difference(&committed, &served)
    );
}

fn first_difference(a: &str, b: &str) -> String {
    let differing = a.lines().zip(b.lines()).enumerate().find(|(_, (x, y))| x != y);
    differing.map_or_else(String::new, |(n, (x, y))| format!(" (line {}: {x:?}, served {y:?})", n + 1))
}

#[tokio::test]
async fn each_plugin_has_a_document_of_its_own_that_stands_alone() {
    let kit = Kit::memory().await;
    let list: Value = kit.get("/openapi/plugins.json").await.expect(200).json();
    let list = list.as_array().expect("a list").clone();
    assert!(list.len() > 5, "{list:?}");
    for plugin in list {
        let url = plugin["url"].as_str().expect("a url");
        let part = kit.get(url).await.expect(200).json();
        assert!(part["paths"].as_object().is_some_and(|p| !p.is_empty()), "{url}");
        let unresolved: Vec<_> = gatewright_openapi::lint(&part)
            .into_iter()
            .filter(|f| f.rule == gatewright_openapi::Rule::RefResolves)
            .collect();
        assert!(unresolved.is_empty(), "{url}: {unresolved:?}");
    }
}
