//! Ending what runs, when its calls are over.

use super::*;
use gatewright_plugin::Health;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rest_waits_for_the_calls_and_the_next_call_begins_anew() {
    let host = TestHost::gated();
    let plugin = started(&config(), &host);
    let before = text(&plugin, "pid", "").await.unwrap();
    let call = beside(&plugin, "asks", "me");
    host.seen.notified().await;
    let rests = tokio::spawn({
        let plugin = plugin.clone();
        async move { plugin.rest().await }
    });
    // A call that comes meanwhile has a process of its own.
    while text(&plugin, "pid", "").await.unwrap() == before {
        tokio::task::yield_now().await;
    }
    assert!(!rests.is_finished() && Path::new(&format!("/proc/{before}")).exists());
    host.gate.as_ref().unwrap().add_permits(1);
    assert_eq!(call.await.unwrap().unwrap(), "kv.get me");
    rests.await.unwrap();
    gone(&before).await;
    assert_eq!(plugin.health(), Health::Ok, "it was meant to end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_not_needed_any_more_takes_his_process_along() {
    let plugin = sound();
    let pid = text(&plugin, "pid", "").await.unwrap();
    drop(plugin);
    gone(&pid).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_has_used_most_of_its_time_is_replaced_before_it_is_ended() {
    let plugin = started(&LibraryConfig { cpu_seconds: 2, ..config() }, &Arc::default());
    let first = text(&plugin, "pid", "").await.unwrap();
    for _ in 0..2 {
        assert_eq!(text(&plugin, "burns 800 ms", "").await.unwrap(), "end");
    }
    while text(&plugin, "pid", "").await.unwrap() == first {
        tokio::task::yield_now().await;
    }
    gone(&first).await;
    assert_eq!(plugin.health(), Health::Ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stops_the_host_does_not_stop_the_calls_that_it_still_ends() {
    let plugin = sound();
    let pid = text(&plugin, "pid", "").await.unwrap();
    for signal in ["-INT", "-TERM", "-HUP"] {
        assert!(std::process::Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }
    assert_eq!(text(&plugin, "pid", "").await.unwrap(), pid);
}

/// The host of the test below.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is started, and killed, by the test below"]
#[allow(clippy::print_stdout, reason = "it is read there")]
async fn the_host_that_is_killed() {
    let plugin = sound();
    println!("pid {}.", text(&plugin, "pid", "").await.unwrap());
    let _ = text(&plugin, "loop", "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_process_outlives_its_host() {
    use std::io::BufRead;
    let mut host = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--ignored",
            "--nocapture",
            "loader::tests::isolated::rest::the_host_that_is_killed",
        ])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(host.stdout.take().unwrap()).lines();
    let pid = lines
        .find_map(|line| Some(line.unwrap().split_once("pid ")?.1.trim_end_matches('.').to_owned()))
        .unwrap();
    assert!(Path::new(&format!("/proc/{pid}")).exists());
    host.kill().unwrap();
    host.wait().unwrap();
    gone(&pid).await;
}
