//! Beginning: what is there, what is refused, what dies at it.

use super::*;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_library_answers_from_a_process_of_its_own() {
    let draft = draft(plugin(), &config()).unwrap();
    assert_eq!(draft.manifest(), b"{\"id\":\"faults\"}");
    let host = Arc::new(TestHost::default());
    let plugin = draft.begin(b"{}", &["random".to_owned()], host).unwrap();
    assert_eq!(text(&plugin, "echo", "hello").await.unwrap(), "hello");
    let large = "x".repeat(1 << 20);
    assert_eq!(text(&plugin, "echo", &large).await.unwrap(), large, "the largest request and reply");
    assert!(matches!(text(&plugin, "echo", &format!("{large}x")).await, Err(Fault::Internal { .. })));
    assert_ne!(text(&plugin, "pid", "").await.unwrap(), std::process::id().to_string());
    assert!(matches!(text(&plugin, "fails", "").await, Err(Fault::Conflict)));
    let now: u64 = text(&plugin, "now", "").await.unwrap().parse().unwrap();
    assert!((1_000_000..1_010_000).contains(&now), "{now}");
    assert_eq!(plugin.health(), gatewright_plugin::Health::Ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_that_is_refused_says_which_key() {
    let draft = draft(plugin(), &config()).unwrap();
    match draft.begin(b"refuses", &[], Arc::new(TestHost::default())).map(|_| ()) {
        Err(LoadError::Config { key, message }) => assert_eq!((&*key, &*message), ("digits", "at most 8")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_library_that_dies_while_it_is_made_is_an_error_of_its_own() {
    let error = draft(plugin(), &config())
        .and_then(|draft| draft.begin(b"exits", &[], Arc::new(TestHost::default())).map(|_| ()))
        .unwrap_err();
    assert_eq!(error.to_string(), "it could not begin: its process ended (exit status: 3)");
    let error = draft(faults(&["-DABORTS_WHEN_LOADED"]), &config()).map(|_| ()).unwrap_err();
    assert!(error.to_string().starts_with("it could not begin: its process ended (signal: 6"), "{error}");
}

#[test]
fn what_is_wrong_with_a_library_is_told_as_without_a_process() {
    let error = |flags: &[&str]| {
        let folder = Folder::new();
        let image = Image::read(&folder.compile(super::super::SOURCE, flags), None).unwrap();
        draft(Arc::new(image), &config()).map(|_| ()).unwrap_err()
    };
    assert!(matches!(error(&["-DSYMBOL=gatewright_plugin_v2"]), LoadError::NoSymbol));
    assert!(matches!(error(&["-DMAJOR=7"]), LoadError::Abi { wants: 7, speaks: 1 }));
    assert!(matches!(error(&["-DMAGIC=1"]), LoadError::Handshake(_)));
    assert!(matches!(error(&["-DNULL_CALL"]), LoadError::Handshake(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_least_memory_is_enough_for_the_most_slots() {
    let plugin = started(&LibraryConfig { memory_mib: 16, slots: 64, ..config() }, &Arc::default());
    let calls: Vec<_> = (0..64).map(|_| beside(&plugin, "pid", "")).collect();
    let mut pids = BTreeSet::new();
    for call in calls {
        pids.insert(call.await.unwrap().unwrap());
    }
    assert_eq!(pids.len(), 1);
}

#[test]
fn a_program_that_is_no_runner_is_an_error() {
    let runner = Runner { program: "/bin/true".into(), args: Vec::new() };
    let error = Isolated::start("faults", plugin(), &config(), runner).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("its process ended"), "{error}");
    let runner = Runner { program: "/bin/no-such-program".into(), args: Vec::new() };
    let error = Isolated::start("faults", plugin(), &config(), runner).map(|_| ()).unwrap_err();
    assert!(matches!(error, LoadError::System { .. }), "{error}");
}

#[test]
fn what_a_library_says_reaches_no_terminal_as_it_is() {
    let error = |config: &[u8]| {
        let begun =
            draft(plugin(), &self::config()).unwrap().begin(config, &[], Arc::new(TestHost::default()));
        begun.map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(error(b"refuses loudly"), "`a\\u{1b}[2J`: b\\nERROR \\u{1b}]0;c\\u{7}");
    let ends = error(b"ends loudly");
    assert!(ends.contains("b\\nERROR \\u{1b}]0;c\\u{7}") && !ends.contains(char::is_control), "{ends}");
}

#[test]
fn a_library_that_asks_or_talks_without_end_does_not_begin() {
    let begin = |config: &[u8]| {
        let host = Arc::new(TestHost::default());
        let begun = draft(plugin(), &self::config()).unwrap().begin(config, &[], host.clone());
        (begun.map(|_| ()).unwrap_err().to_string(), host)
    };
    let (error, host) = begin(b"asks without end");
    assert_eq!(error, "it could not begin: it asked the host for something 256 times before it had begun");
    assert_eq!(host.asked.load(SeqCst), 0);
    let (error, _) = begin(b"talks without end");
    assert_eq!(error, "it could not begin: no word of it in 10 s");
}
