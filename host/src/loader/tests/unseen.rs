//! The table of a library that nobody has looked at: switched off, broken, or of no interest to a command.

use crate::{Plugins, config::Sources, loader::Runner, settings};

fn sources(toml: &str, env: &[(&str, &str)]) -> Sources {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources { memory: Some(("test.toml".to_owned(), toml.to_owned())), env, ..Sources::default() }
}

const TABLE: &str = "[plugins.night-watch]\nlibrary = \"/nowhere/night-watch.so\"\nslots = 2\n\
    token = { env = \"GATEWRIGHT_THE_TOKEN\" }\npassword = \"hunter2\"\npin = 4711\n\
    file = { file = \"/nowhere\" }\n[plugins.night-watch.deep]\nkeys = [{ env = \"GATEWRIGHT_ANOTHER\" }, \"hunter3\"]\n";

#[tokio::test]
async fn its_secrets_name_their_variables_and_are_not_shown() {
    let env = [("GATEWRIGHT_THE_TOKEN", "hunter4"), ("GATEWRIGHT_ANOTHER", "hunter5")];
    let plugins = Plugins::linked().naming_libraries(sources(TABLE, &env));
    let loaded = settings::load(&plugins, sources(TABLE, &env)).unwrap_or_else(|e| panic!("{e}"));
    let shown = loaded.show();
    assert!(shown.contains("password = \"***\"") && shown.contains("slots = 2"), "{shown}");
    for secret in ["hunter", "4711", "THE_TOKEN", "ANOTHER"] {
        let own = shown.lines().filter(|line| line.contains(secret)).collect::<Vec<_>>();
        assert!(own.is_empty(), "{own:?}");
    }
    let odd = [("GATEWRIGHT_THE_TOKEN", "x"), ("GATEWRIGHT_ANOTHER", "x"), ("GATEWRIGHT_UNHEARD_OF", "x")];
    let Err(report) = settings::load(&plugins, sources(TABLE, &odd)) else { panic!("it is taken") };
    assert!(report.to_string().contains("GATEWRIGHT_UNHEARD_OF"), "{report}");
    assert!(!report.to_string().contains("GATEWRIGHT_THE_TOKEN"), "{report}");
}

#[tokio::test]
async fn an_id_with_hyphens_can_be_given_by_variables_alone() {
    let name = ("GATEWRIGHT_PLUGINS__NIGHT_WATCH__LIBRARY", "/nowhere.so");
    let slots = ("GATEWRIGHT_PLUGINS__NIGHT_WATCH__SLOTS", "3");
    let plugins = Plugins::linked().naming_libraries(sources("", &[name, slots]));
    let ids: Vec<&str> = plugins.libraries().map(|found| found.id).collect();
    assert_eq!(ids, ["night-watch"]);
    let loaded = settings::load(&plugins, sources("", &[name, slots])).unwrap_or_else(|e| panic!("{e}"));
    let config = crate::loader::library_config(&loaded, "night-watch");
    assert_eq!((config.slots, config.library.to_str()), (3, Some("/nowhere.so")));
}

#[tokio::test]
async fn one_of_whom_too_little_is_understood_is_one_mistake() {
    for mistake in ["slots = \"many\"", "slots = 300", "mode = \"alone\"", "unconfined = 1", "sha256 = 7"] {
        let toml = format!("[plugins.night-watch]\nlibrary = \"/nowhere/night-watch.so\"\n{mistake}\n");
        let plugins = Plugins::linked().with_libraries(sources(&toml, &[]), &Runner::default()).await;
        let Err(report) = settings::load(&plugins, sources(&toml, &[])) else { panic!("{mistake} is taken") };
        let key = format!("plugins.night-watch.{}", mistake.split(' ').next().unwrap());
        let keys: Vec<_> = report.problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, [key], "{report}");
    }
}
