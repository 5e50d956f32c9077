//! A process that does not keep to the protocol.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_asked_for_is_counted_and_changes_nothing() {
    let plugin = sound();
    assert_eq!(text(&plugin, "twice", "").await.unwrap(), "first");
    assert_eq!(text(&plugin, "forge", "").await.unwrap(), "end");
    assert_eq!(text(&plugin, "echo", "own").await.unwrap(), "own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_ends_it() {
    let plugin = sound();
    let what = unavailable(&plugin, "too large").await;
    assert!(what.contains("it broke the protocol: a message of 4294967295 bytes"), "{what}");
    assert_eq!(text(&plugin, "echo", "next").await.unwrap(), "next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_junk_ends_with_its_deadline_and_stops_nobody() {
    let plugin = started(&LibraryConfig { timeout_ms: 1_000, ..config() }, &Arc::default());
    let other = sound();
    let junk = beside(&plugin, "junk", "");
    for _ in 0..100 {
        assert_eq!(text(&other, "echo", "x").await.unwrap(), "x");
    }
    assert!(matches!(junk.await.unwrap(), Err(Fault::Unavailable { .. })));
    assert!(plugin.strays() > 0);
    assert_eq!(text(&plugin, "echo", "next").await.unwrap(), "next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_closes_its_socket_is_ended_too() {
    let plugin = started(&LibraryConfig { timeout_ms: 1_000, ..config() }, &Arc::default());
    let before = text(&plugin, "pid", "").await.unwrap();
    unavailable(&plugin, "hangs up").await;
    assert_eq!(text(&plugin, "echo", "next").await.unwrap(), "next");
    gone(&before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_writes_without_end_waits() {
    let plugin = started(&LibraryConfig { timeout_ms: 1_000, ..config() }, &Arc::default());
    let _ = text(&plugin, "writes", "noise").await;
    assert_eq!(text(&plugin, "echo", "next").await.unwrap(), "next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_much_that_nobody_asked_for_is_ended() {
    let plugin = sound();
    let what = unavailable(&plugin, "strays").await;
    assert_eq!(what, "plugin `faults`: more than 1000 frames a second that nobody asked for");
    assert!(matches!(plugin.health(), gatewright_plugin::Health::Degraded(_)), "a death like others");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_threads_than_it_may_have_end_it_when_somebody_looks() {
    let plugin = sound();
    let before = text(&plugin, "pid", "").await.unwrap();
    let many = text(&plugin, "attempt", "small threads").await.unwrap();
    let many: usize = many.strip_suffix(" -").unwrap().parse().unwrap();
    assert!(many > 70, "{many}");
    let _ = plugin.health();
    gone(&before).await;
    while plugin.health() == gatewright_plugin::Health::Ok {
        tokio::task::yield_now().await;
    }
    assert!(
        matches!(plugin.health(), gatewright_plugin::Health::Degraded(why) if why.contains("threads; 70 are allowed"))
    );
    assert_ne!(text(&plugin, "pid", "").await.unwrap(), before);
}
