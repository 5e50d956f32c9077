//! What a process asks of the host, and what it is told.

use super::*;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_host_answers_in_the_name_of_the_calls_under_way() {
    let host = TestHost::gated();
    let plugin = started(&config(), &host);
    let tenant = TenantId::parse("acme").unwrap();
    let call = plugin.call(Some(&tenant), "asks", b"x".to_vec());
    let let_go = async {
        host.seen.notified().await;
        host.gate.as_ref().unwrap().add_permits(1);
    };
    let (reply, ()) = tokio::join!(call, let_go);
    assert_eq!(reply.unwrap(), b"kv.get x");
    assert_eq!(*host.tenants.lock().unwrap(), [vec![tenant]]);
    host.gate.as_ref().unwrap().add_permits(1);
    plugin.call(None, "asks", b"x".to_vec()).await.unwrap();
    assert_eq!(host.tenants.lock().unwrap()[1], [], "no tenant of a call that is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_may_wait_for_the_host_at_the_same_time() {
    let host = TestHost::gated();
    let plugin = started(&config(), &host);
    let calls: Vec<_> = (0..4).map(|_| beside(&plugin, "asks", "me")).collect();
    while host.asked.load(SeqCst) < 4 {
        host.seen.notified().await;
    }
    host.gate.as_ref().unwrap().add_permits(4);
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), "kv.get me");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_too_much_at_once_is_refused_the_rest() {
    let host = TestHost::gated();
    let plugin = started(&config(), &host);
    match text(&plugin, "asks without end", "").await {
        Err(Fault::Unavailable { what, .. }) => {
            assert_eq!(what, "too much is asked of the host at the same time");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(host.asked.load(SeqCst), 64);
    host.gate.as_ref().unwrap().add_permits(1000);
    assert_eq!(text(&plugin, "asks", "me").await.unwrap(), "kv.get me");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn randomness_is_for_those_whose_manifest_asks_for_it() {
    let random = async |plugin: &Isolated| plugin.call(None, "random", Vec::new()).await;
    let plugin = sound();
    let drawn: BTreeSet<Vec<u8>> = [random(&plugin).await.unwrap(), random(&plugin).await.unwrap()].into();
    assert!(drawn.len() == 2 && drawn.iter().all(|bytes| bytes.len() == 16 && bytes != &[0; 16]));
    let host = Arc::new(TestHost::default());
    let plugin = draft(super::plugin(), &config()).unwrap().begin(b"{}", &[], host.clone()).unwrap();
    assert!(random(&plugin).await.is_err());
    assert_eq!(host.refused.load(SeqCst), 1, "the host hears of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_lines_is_cut_off() {
    let host = Arc::new(TestHost::default());
    let plugin = started(&config(), &host);
    text(&plugin, "logs", &"x".repeat(4000)).await.unwrap();
    let lines = host.lines.lock().unwrap();
    assert!((100..1000).contains(&lines.len()), "{} lines", lines.len());
    assert!(lines.iter().all(|line| line.len() <= 2048));
}
