//! Configuration: strict for every plugin, and complete.

use gatewright::{
    Plugins,
    config::{Sources, reference},
    settings,
};
use kit::Kit;

fn load(toml: &str) -> Result<(), String> {
    let sources = Sources { memory: Some(("test.toml".to_owned(), toml.to_owned())), ..Sources::default() };
    settings::load(&Plugins::linked(), sources).map(|_| ()).map_err(|report| report.to_string())
}

#[test]
fn every_plugin_refuses_a_key_that_it_does_not_know_and_lists_those_that_it_does() {
    for id in Plugins::linked().list().into_iter().map(|l| l.id) {
        let report = load(&format!("\n[plugins.{id}]\nno_such_key = 1\n")).expect_err(id);
        assert!(report.starts_with("test.toml:3:"), "{id}: {report}");
        assert!(report.contains("no_such_key") && report.contains("enabled"), "{id}: {report}");
    }
}

#[test]
fn every_mistake_is_in_the_report_with_its_line() {
    let report = load(
        "listen = 5\n[http]\npublik_url = \"x\"\n[plugins.totp]\ndigitz = 6\n[plugins.nothing]\na = 1\n\
         [login.policy]\nsecond_factor = \"sometimes\"\n",
    )
    .expect_err("five mistakes");
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines.len(), 5, "{report}");
    for (line, place) in lines.iter().zip(["1:", "3:", "5:", "6:", "9:"]) {
        assert!(line.starts_with(&format!("test.toml:{place}")), "{report}");
    }
}

#[test]
fn a_policy_that_names_an_authenticator_that_is_not_there_is_a_mistake() {
    let report = load("[login.policy]\nfirst = [\"pasword\"]\n").expect_err("a mistake");
    assert!(report.contains("pasword") && report.contains("there are: "), "{report}");
}

#[test]
fn the_reference_is_a_configuration_and_names_every_plugin() {
    let text = reference(&settings::sections(&Plugins::linked()));
    load(&text).expect("the reference loads");
    for id in Plugins::linked().list().into_iter().map(|l| l.id) {
        assert!(text.contains(&format!("[plugins.{id}]")), "{id} is not in the reference");
    }
}

/// What an operator reads is committed, so that a change of a default is seen in review.
#[test]
fn the_committed_reference_is_the_printed_one() {
    let text = reference(&settings::sections(&Plugins::linked().without(kit::OWN)));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/config-reference.toml");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == text,
        "tests/golden/config-reference.toml: UPDATE=1 cargo test -p gatewright-tests committed"
    );
}

#[tokio::test]
async fn a_plugin_that_is_switched_off_is_not_there() {
    let kit = Kit::with(kit::Store::Memory).config("[plugins.totp]\nenabled = false\n").start().await;
    kit.post("/auth/v1/login/totp", &serde_json::json!({})).await.expect(404);
    assert!(!kit.app.document().to_string().contains("/auth/v1/login/totp"));
}
