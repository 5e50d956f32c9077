//! Codes come by mail: what is written is delivered once, in time or not at all, and tells nothing.

use gatewright::{
    Plugins,
    http::Metrics,
    outbox::{Bells, Outbox},
};
use gatewright_contract::{TenantId, TransactionId};
use gatewright_core::{
    audit::{Filter, Logged},
    outbox::{LEASE, MOST_OF_ONE, MOST_OF_TENANT},
    store::{Record, Write},
};
use kit::{Answering, Kit, KitBuilder, Login, Mail, Store, shapes::mailed};
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

const QUEUE: &str = "message/smtp";
const POLICY: &str = "[login.policy]\nfirst = [\"password\", \"mailed\"]\n";

fn house(store: Store) -> KitBuilder {
    Kit::with(store).authenticator(mailed::registration()).mailbox().config(POLICY)
}

/// Ada, whose codes go to ada@example.org. Her mailbox is empty.
async fn ada(kit: &Kit) {
    kit.person("ada").await;
    let token = kit.login("ada").await.access_token;
    let body = json!({"invite": {"address": "ada@example.org"}});
    let invited = kit.post_as(&token, "/auth/v1/enrol/mailed", &body).await.expect(200);
    let code = one(kit).await.value("code").to_owned();
    let body = json!({"transaction": invited.str("transaction"), "proof": {"code": code}});
    kit.post_as(&token, "/auth/v1/enrol/mailed/complete", &body).await.expect(200);
}

/// Asks for a code; the handle of the transaction.
async fn ask(kit: &Kit, username: &str) -> String {
    let begun = json!({"transaction": kit.begin(username).await});
    kit.post("/auth/v1/login/mailed/challenge", &begun).await.expect(200).str("transaction")
}

async fn one(kit: &Kit) -> Mail {
    let mut came = kit.mail().await;
    assert_eq!(came.len(), 1, "{came:?}");
    came.remove(0)
}

/// What waits in the outbox.
async fn waiting(kit: &Kit) -> Vec<Record> {
    let store = kit.app.engine.store();
    store.records(&TenantId::default_tenant(), QUEUE, None, 100).await.expect("the store answers")
}

/// The lines about messages, newest first.
async fn lines(kit: &Kit) -> Vec<Logged> {
    let filter = Filter { kind: Some("message.*".to_owned()), ..Filter::default() };
    kit.app.engine.store().audit(&TenantId::default_tenant(), &filter, 100).await.expect("the log")
}

fn outcomes(lines: &[Logged]) -> Vec<(&str, &str)> {
    lines.iter().map(|line| (line.event.kind.as_str(), line.event.outcome.as_str())).collect()
}

#[track_caller]
fn counted(kit: &Kit, result: &str, count: u32) {
    let line = format!("gatewright_messages_total{{channel=\"smtp\",result=\"{result}\"}} {count}\n");
    let all = kit.app.metrics.render();
    assert!(all.contains(&line), "no {line}{all}");
}

#[tokio::test]
async fn a_code_comes_by_mail_and_lets_its_reader_in() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = house(store).start().await;
        ada(&kit).await;
        let transaction = ask(&kit, "ada").await;
        assert_eq!(waiting(&kit).await.len(), 1, "the reply waits for no mail server");
        let mail = one(&kit).await;
        assert_eq!(
            (mail.channel, mail.to.as_str(), mail.template.as_str()),
            ("smtp", "ada@example.org", "otp")
        );
        assert_eq!(mail.site, "Default");
        assert!(waiting(&kit).await.is_empty() && kit.mail().await.is_empty(), "sent is gone, and sent once");
        let reply = kit.answer(&transaction, "mailed", json!({"code": mail.value("code")})).await;
        Login::of(&reply);
        counted(&kit, "sent", 2);

        let lines = lines(&kit).await;
        assert_eq!(outcomes(&lines), [("message.sent", "success"); 2]);
        let event = &lines[0].event;
        assert_eq!(event.target, Some(format!("message:{}", mail.id)));
        assert_eq!((event.authenticator.as_deref(), event.door.as_str()), (Some("mailed"), "outbox"));
        assert!(event.person.is_some() && event.request_id != "local", "it is found by its request");
    }
}

#[tokio::test]
async fn the_sender_is_woken_by_the_step_and_by_no_clock() {
    let kit = house(Store::Sqlite).start().await;
    ada(&kit).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    kit.app.outbox.clone().keep(&stopped);
    ask(&kit, "nobody").await;
    ask(&kit, "ada").await;
    let arrived = async {
        while kit.mailbox().take().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), arrived).await.expect("it is sent at once");
    stop.send(true).expect("it listens");
}

#[tokio::test]
async fn a_message_that_waits_can_be_read_by_nobody() {
    let kit = house(Store::Sqlite).start().await;
    ada(&kit).await;
    ask(&kit, "ada").await;
    let record = waiting(&kit).await.remove(0);
    let code = one(&kit).await.value("code").to_owned();
    let body = data_encoding::BASE64
        .decode(serde_json::from_str::<Value>(&record.body).unwrap()["sealed"].as_str().unwrap().as_bytes());
    let body = String::from_utf8_lossy(&body.expect("base64")).into_owned();
    for part in ["ada", "example.org", "otp", code.as_str()] {
        assert!(!record.body.contains(part) && !body.contains(part), "{part} in {}", record.body);
    }
    let ada = kit.app.engine.find_person(&TenantId::default_tenant(), "ada").await.unwrap().unwrap();
    assert_ne!(record.owner, Some(ada.id.0), "nor who has one");
    let said: Vec<String> = lines(&kit).await.iter().map(|line| format!("{line:?}")).collect();
    assert!(!said.concat().contains("example.org") && !said.concat().contains(&code));
}

#[tokio::test]
async fn what_a_host_left_when_it_ended_the_next_one_sends() {
    for store in [Store::Sqlite, Store::Postgres] {
        let kit = house(store).start().await;
        ada(&kit).await;
        let transaction = ask(&kit, "ada").await;
        // The host that has answered never comes to it.
        let other = match store {
            Store::Postgres => kit.second_node().await,
            _ => house(store).seed(8).folder(kit.stop().await).start().await,
        };
        let code = one(&other).await.value("code").to_owned();
        Login::of(&other.answer(&transaction, "mailed", json!({"code": code})).await);
    }
}

#[tokio::test]
async fn one_that_was_claimed_by_a_host_that_ended_is_sent_after_the_lease() {
    let kit = house(Store::Memory).start().await;
    ada(&kit).await;
    ask(&kit, "ada").await;
    let record = waiting(&kit).await.remove(0);
    let claimed = kit.app.engine.claim_message("smtp", &record).await.expect("the store answers");
    drop(claimed);
    assert!(kit.mail().await.is_empty());
    kit.advance(LEASE - Duration::from_secs(1));
    assert!(kit.mail().await.is_empty(), "it may still be under way");
    kit.advance(Duration::from_secs(1));
    assert_eq!(one(&kit).await.id, record.id.to_string());
}

#[tokio::test]
async fn a_channel_that_does_not_work_is_tried_again_until_it_does() {
    let kit = house(Store::Sqlite).start().await;
    ada(&kit).await;
    let before = kit.mailbox().tries();
    kit.mailbox().answer(Answering::Later);
    let transaction = ask(&kit, "ada").await;
    assert!(kit.mail().await.is_empty() && kit.mail().await.is_empty());
    assert_eq!(kit.mailbox().tries() - before, 1, "not again before it is time");
    for (tries, wait) in [(2, 3), (3, 6), (4, 12), (5, 24)] {
        kit.advance(Duration::from_secs(wait));
        assert!(kit.mail().await.is_empty());
        assert_eq!(kit.mailbox().tries() - before, tries);
    }
    kit.mailbox().answer(Answering::Yes);
    kit.advance(Duration::from_secs(48));
    let code = one(&kit).await.value("code").to_owned();
    Login::of(&kit.answer(&transaction, "mailed", json!({"code": code})).await);
    counted(&kit, "failed", 5);
    assert_eq!(outcomes(&lines(&kit).await), [("message.sent", "success"); 2]);
}

#[tokio::test]
async fn nothing_is_sent_that_nobody_needs_any_more() {
    let kit = house(Store::Sqlite).start().await;
    ada(&kit).await;
    ask(&kit, "ada").await;
    kit.advance(mailed::GOOD_FOR);
    assert!(kit.mail().await.is_empty() && waiting(&kit).await.is_empty());
    counted(&kit, "expired", 1);
    assert_eq!(outcomes(&lines(&kit).await)[0], ("message.failed", "expired"));

    // And no try is planned for a time when it is too late.
    kit.mailbox().answer(Answering::Later);
    ask(&kit, "ada").await;
    kit.advance(mailed::GOOD_FOR - Duration::from_secs(1));
    assert!(kit.mail().await.is_empty() && waiting(&kit).await.is_empty());
    counted(&kit, "expired", 2);

    kit.mailbox().answer(Answering::Never);
    ask(&kit, "ada").await;
    assert!(kit.mail().await.is_empty() && waiting(&kit).await.is_empty());
    counted(&kit, "refused", 1);
    assert_eq!(outcomes(&lines(&kit).await)[0], ("message.failed", "refused"));
}

fn another_sender(kit: &Kit) -> Arc<Outbox> {
    let metrics = Metrics::new(SystemTime::UNIX_EPOCH).expect("metrics");
    let bells = Bells::new(["smtp".to_owned()].into_iter());
    Arc::new(Outbox::new(kit.app.engine.clone(), bells, &metrics).expect("a sender"))
}

#[tokio::test]
async fn of_two_senders_one_sends() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = house(store).start().await;
        ada(&kit).await;
        let other = match store {
            Store::Postgres => kit.second_node().await.app.outbox.clone(),
            _ => another_sender(&kit),
        };
        for _ in 0..4 {
            for _ in 0..3 {
                ask(&kit, "ada").await;
            }
            tokio::join!(kit.app.outbox.round(), other.round(), kit.app.outbox.round());
        }
        kit.app.outbox.round().await;
        let mut ids: Vec<String> = kit.mailbox().take().into_iter().map(|mail| mail.id).collect();
        assert_eq!(ids.len(), 12);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 12);
    }
}

#[tokio::test]
async fn a_name_that_nobody_has_looks_like_ada_and_gets_no_mail() {
    let kit = house(Store::Sqlite).start().await;
    ada(&kit).await;
    let mut replies = Vec::new();
    for name in ["ada", "nobody"] {
        let begun = json!({"transaction": kit.begin(name).await});
        let reply = kit.post("/auth/v1/login/mailed/challenge", &begun).await;
        let mut body = reply.json();
        body["transaction"].take();
        replies.push((reply.status, body));
        let records = waiting(&kit).await;
        assert_eq!(records.len(), 1, "{name}: one row is written for both");
        let came = kit.mail().await;
        assert_eq!(came.len(), usize::from(name == "ada"));
        assert!(waiting(&kit).await.is_empty());
    }
    assert_eq!(replies[0], replies[1]);
    counted(&kit, "sent", 2);
    assert_eq!(lines(&kit).await.len(), 2, "and no line is written about a message to nobody");
}

#[tokio::test]
async fn without_the_channel_everybody_is_refused_and_nothing_is_written() {
    let kit = house(Store::Sqlite).start().await;
    ada(&kit).await;
    let plugins = Plugins::linked().without("smtp").with_authenticator(mailed::registration());
    let kit = kit.restarted(plugins, POLICY).await;
    let mut bodies = Vec::new();
    for name in ["ada", "nobody"] {
        let begun = json!({"transaction": kit.begin(name).await});
        let reply = kit.post("/auth/v1/login/mailed/challenge", &begun).await.expect(503);
        let mut body = reply.json();
        body["request_id"].take();
        bodies.push(body);
        // The transaction is where it was.
        kit.post("/auth/v1/login/mailed/challenge", &begun).await.expect(503);
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn while_a_channel_is_down_only_the_newest_messages_of_a_person_wait() {
    let kit = house(Store::Sqlite).start().await;
    ada(&kit).await;
    kit.mailbox().answer(Answering::Later);
    let mut last = String::new();
    for n in 1..=MOST_OF_ONE + 1 {
        last = ask(&kit, "ada").await;
        assert!(kit.mail().await.is_empty());
        let wait = if n > MOST_OF_ONE { 1 } else { n as usize };
        assert_eq!(waiting(&kit).await.len(), wait);
    }
    let said = lines(&kit).await;
    let replaced = outcomes(&said).iter().filter(|said| **said == ("message.failed", "replaced")).count();
    assert_eq!(replaced, MOST_OF_ONE as usize);
    kit.mailbox().answer(Answering::Yes);
    kit.advance(Duration::from_secs(3));
    let code = one(&kit).await.value("code").to_owned();
    Login::of(&kit.answer(&last, "mailed", json!({"code": code})).await);
}

#[tokio::test]
async fn a_tenant_with_too_much_waiting_is_refused_alike_for_all() {
    let kit = house(Store::Memory).start().await;
    ada(&kit).await;
    ask(&kit, "ada").await;
    let record = waiting(&kit).await.remove(0);
    let copies = (1..MOST_OF_TENANT).map(|n| {
        let number = u128::from(n).to_be_bytes();
        let id = TransactionId::from_parts(kit.now(), number[6..].try_into().unwrap()).0;
        Write::RecordInsert(Record { id, owner: None, ..record.clone() })
    });
    kit.app.engine.store().commit(copies.collect()).await.expect("written");
    for name in ["ada", "nobody"] {
        let begun = json!({"transaction": kit.begin(name).await});
        let reply = kit.post("/auth/v1/login/mailed/challenge", &begun).await.expect(503);
        assert_eq!(reply.headers["retry-after"], "30");
    }
}
