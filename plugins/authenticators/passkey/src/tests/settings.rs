use super::*;
use crate::Model;
use gatewright_contract::testing::Desk;

fn wrong(config: Config) -> String {
    match Passkey::new(config, Arc::new(Desk::counting(NOON))) {
        Err(Fault::Config { key, .. }) => key,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("taken"),
    }
}

#[test]
fn what_the_schema_says_holds_without_it() {
    assert_eq!(wrong(Config { timeout_seconds: 29, ..Config::default() }), "timeout_seconds");
    assert_eq!(wrong(Config { max_credentials: 0, ..Config::default() }), "max_credentials");
}

#[test]
fn a_model_names_the_key_that_is_wrong() {
    let model = |aaguids: &[&str], roots: &[&str]| {
        let owned = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect();
        Config {
            models: vec![Model { name: "Stick".into(), aaguids: owned(aaguids), roots: owned(roots) }],
            ..Config::default()
        }
    };
    let id = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
    assert_eq!(wrong(model(&[], &[])), "models.0");
    assert_eq!(wrong(model(&["nonsense"], &["x"])), "models.0.aaguids.0");
    assert_eq!(wrong(model(&[id], &["/etc/ssl/root.pem"])), "models.0.roots.0");
}
