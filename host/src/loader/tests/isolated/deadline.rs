//! A process that does not answer is ended, and its slot is free again.

use super::*;

fn short(slots: u8) -> LibraryConfig {
    LibraryConfig { timeout_ms: 400, slots, ..config() }
}

/// Waits until the plugin has asked the host; not for ever where it never does.
async fn seen(host: &TestHost) {
    let asked = tokio::time::timeout(Duration::from_secs(30), host.seen.notified());
    asked.await.expect("the plugin asks the host");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_does_not_answer_in_time_is_ended_alone() {
    let host = TestHost::gated();
    let plugin = started(&LibraryConfig { timeout_ms: 3_000, ..config() }, &host);
    for fault in ["loop", "block", "never"] {
        let before = text(&plugin, "pid", "").await.unwrap();
        let guilty = beside(&plugin, fault, "");
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        // It will still wait when the other's time is over.
        let innocent = beside(&plugin, "asks", "me");
        seen(&host).await;
        match guilty.await.unwrap() {
            Err(Fault::Unavailable { what, .. }) => {
                assert_eq!(what, format!("plugin `faults`: no answer to `{fault}` in 3000 ms"));
            }
            other => panic!("{other:?}"),
        }
        seen(&host).await;
        host.gate.as_ref().unwrap().add_permits(2);
        assert_eq!(innocent.await.unwrap().unwrap(), "kv.get me", "beside {fault}");
        gone(&before).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_leaves_no_slot_taken() {
    let plugin = started(&short(1), &Arc::default());
    let before = text(&plugin, "pid", "").await.unwrap();
    let call = beside(&plugin, "block", "");
    let waits = beside(&plugin, "echo", "behind it");
    tokio::time::sleep(Duration::from_millis(100)).await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    gone(&before).await;
    let _ = waits.await.unwrap();
    assert_eq!(text(&plugin, "echo", "again").await.unwrap(), "again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finds_no_slot_waits_for_it_as_long_as_for_an_answer() {
    let host = TestHost::gated();
    let plugin = started(&LibraryConfig { timeout_ms: 2_000, slots: 1, ..config() }, &host);
    let before = text(&plugin, "pid", "").await.unwrap();
    let first = beside(&plugin, "asks", "me");
    host.seen.notified().await;
    let second = beside(&plugin, "echo", "");
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    host.gate.as_ref().unwrap().add_permits(1);
    assert_eq!(first.await.unwrap().unwrap(), "kv.get me");
    assert_eq!(second.await.unwrap().unwrap(), "", "it waited for the slot");
    let _never = beside(&plugin, "asks and stays", "me");
    host.seen.notified().await;
    let late = unavailable(&plugin, "echo").await;
    // Its time is over a moment after the other's.
    let says = ["all its slots are taken", "is still being made", "no answer to `echo`"];
    assert!(says.iter().any(|why| late.contains(why)), "{late}");
    while text(&plugin, "pid", "").await.is_ok_and(|pid| pid == before) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_is_slow_costs_the_call_and_not_the_process() {
    let host = TestHost::gated();
    let plugin = started(&LibraryConfig { timeout_ms: 1_000, ..config() }, &host);
    let before = text(&plugin, "pid", "").await.unwrap();
    let early = beside(&plugin, "asks", "me");
    host.seen.notified().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let later = beside(&plugin, "asks and changes", "me");
    host.seen.notified().await;
    match early.await.unwrap() {
        Err(Fault::Unavailable { what, .. }) => {
            assert_eq!(what, "the host could not answer within the time of the call");
        }
        other => panic!("{other:?}"),
    }
    // It has its own time, whatever the other's was.
    host.gate.as_ref().unwrap().add_permits(1);
    assert_eq!(later.await.unwrap().unwrap(), "kv.cas me");
    assert_eq!(text(&plugin, "pid", "").await.unwrap(), before);
    assert_eq!(plugin.health(), gatewright_plugin::Health::Ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_that_hang_leave_a_process_for_who_does_not() {
    let plugin = started(&LibraryConfig { timeout_ms: 3_000, slots: 8, ..config() }, &Arc::default());
    text(&plugin, "pid", "").await.unwrap();
    let _first = beside(&plugin, "never", "");
    tokio::time::sleep(Duration::from_millis(400)).await;
    let hang: Vec<_> = (0..4).map(|_| beside(&plugin, "never", "")).collect();
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    // The first of them ends the process, the others then take all that they may.
    let honest = beside(&plugin, "waits 900 ms", "");
    assert_eq!(honest.await.unwrap().unwrap(), "end");
    assert!(hang.iter().any(|call| !call.is_finished()), "they hang still");
}
