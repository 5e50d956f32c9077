//! A process that dies costs the request that it died of.

use super::*;
use gatewright_plugin::Health;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_death_costs_one_request() {
    let plugin = sound();
    for (method, why) in [
        ("segfault", "signal: 11"),
        ("exit", "exit status: 7"),
        ("abort", "signal: 6"),
        ("overflow", "signal: "),
        ("bomb", "exit status: 42"),
    ] {
        let before = text(&plugin, "pid", "").await.unwrap();
        let what = unavailable(&plugin, method).await;
        assert!(what.starts_with("plugin `faults`: ") && what.contains(why), "{method}: {what}");
        let after = text(&plugin, "pid", "").await.unwrap();
        assert_ne!(before, after, "after {method}");
        gone(&before).await;
    }
    assert!(matches!(plugin.health(), Health::Degraded(why) if why.contains("in the last minute")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_in_it_beside_the_one_at_fault_is_asked_again() {
    for fault in ["segfault", "exit", "abort"] {
        let host = TestHost::gated();
        let plugin = started(&config(), &host);
        let innocent = beside(&plugin, "asks", "me");
        host.seen.notified().await;
        unavailable(&plugin, fault).await;
        // Once for the process that died, where nobody hears it any more, and once for the second try.
        host.seen.notified().await;
        host.gate.as_ref().unwrap().add_permits(2);
        assert_eq!(innocent.await.unwrap().unwrap(), "kv.get me", "beside {fault}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_have_been_done_is_not_done_again() {
    let host = TestHost::gated();
    let plugin = started(&config(), &host);
    let asks = beside(&plugin, "asks and changes", "me");
    host.seen.notified().await;
    unavailable(&plugin, "segfault").await;
    assert!(matches!(asks.await.unwrap(), Err(Fault::Unavailable { .. })));
    assert_eq!(host.asked.load(SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_wait_for_a_new_process_get_the_same() {
    let plugin = sound();
    unavailable(&plugin, "abort").await;
    let calls: Vec<_> = (0..4).map(|_| beside(&plugin, "pid", "")).collect();
    let mut pids = Vec::new();
    for call in calls {
        pids.push(call.await.unwrap().unwrap());
    }
    pids.dedup();
    assert_eq!(pids.len(), 1, "{pids:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_answers_and_dies_has_answered() {
    let plugin = sound();
    for _ in 0..5 {
        assert_eq!(text(&plugin, "answers and dies", "").await.unwrap(), "answered");
        assert_eq!(text(&plugin, "echo", "next").await.unwrap(), "next");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn used_up_processor_time_ends_it_and_nobody_beside() {
    let host = TestHost::gated();
    let plugin = started(&LibraryConfig { cpu_seconds: 1, ..config() }, &host);
    let innocent = beside(&plugin, "asks", "me");
    host.seen.notified().await;
    let what = unavailable(&plugin, "loop").await;
    assert!(what.contains("signal: 24"), "{what}");
    host.gate.as_ref().unwrap().add_permits(2);
    assert_eq!(innocent.await.unwrap().unwrap(), "kv.get me");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_dies_of_each_call_is_made_anew_more_and_more_slowly() {
    let plugin = sound();
    let mut deaths = 0;
    let paused = loop {
        match text(&plugin, "abort", "").await {
            Err(Fault::Unavailable { what, retry_after: Some(wait) }) => break (what, wait),
            other => assert!(deaths < 20 && other.is_err(), "{other:?}"),
        }
        deaths += 1;
    };
    assert!(paused.0.contains("its processes end again and again, the last time because"), "{}", paused.0);
    assert!(paused.1 <= Duration::from_secs(5));
    tokio::time::sleep(paused.1).await;
    assert_eq!(text(&plugin, "echo", "later").await.unwrap(), "later");
}
