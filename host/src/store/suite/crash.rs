//! kill -9 in the middle of many commits: what was acknowledged is there, whole, and nothing is half there.

use super::sample::{Folder, Sample};
use crate::store::{Access, StoreUrl, open};
use gatewright_contract::TenantId;
use gatewright_core::{
    audit::AuditHead,
    store::{Store, Write},
};
use gatewright_test_postgres::{Builder, Server, database};
use sqlx::Connection;
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{sync::mpsc, task::JoinSet};

const ROUNDS: usize = 5;
/// A server needs seconds to come back.
const ROUNDS_OF_A_SERVER: usize = 3;
const AT_ONCE: usize = 128;
/// Acknowledgements after which it is killed; the others are under way then.
const ENOUGH: usize = 400;

fn sample(store: Arc<dyn Store>) -> Sample {
    Sample { tenant: TenantId::parse("crash").expect("a tenant"), ..Sample::new(store) }
}

/// Two documents and a line of the audit log, which are there together or not at all.
fn writes(s: &Sample, number: usize) -> Vec<Write> {
    let document = |plugin: &str| Write::DocumentPut {
        plugin: plugin.to_owned(),
        tenant: s.tenant.clone(),
        key: number.to_string(),
        expect: None,
        value: vec![7; 700],
        expires: None,
        now: s.now,
    };
    let mut line = s.event("test.crash");
    line.request_id = number.to_string();
    vec![document("one"), Write::Audit(line), document("two")]
}

/// Commits without end, many at once; tells each that was acknowledged. Ends when nobody listens, or when the
/// store fails.
async fn commit_many(s: Sample, first: usize, told: impl Fn(usize) -> bool + Clone + Send + 'static) {
    let next = Arc::new(AtomicUsize::new(first));
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (s, next, told) = (s.clone(), next.clone(), told.clone());
        tasks.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if s.commit(writes(&s, number)).await.is_err() || !told(number) {
                    return;
                }
            }
        });
    }
    tasks.join_all().await;
}

/// Opens it again and looks at everything from this number on; returns the first number that nobody has used.
async fn check(url: &StoreUrl, first: usize, acknowledged: &BTreeSet<usize>) -> usize {
    let s = sample(open(url, Access::Host).await.expect("opens again"));
    let mut head = AuditHead::default();
    let mut lines = BTreeSet::new();
    loop {
        let page = s.store.audit_from(&s.tenant, head.number, 1_000).await.expect("answers");
        if page.is_empty() {
            break;
        }
        for line in page {
            let (next, expected) = head.follow(line.event.clone());
            assert_eq!(line, expected, "the chain is whole");
            lines.insert(line.event.request_id.parse::<usize>().expect("a number"));
            head = next;
        }
    }
    assert_eq!(s.store.audit_head(&s.tenant).await.expect("answers"), head);
    let lost: Vec<_> = acknowledged.difference(&lines).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let end = lines.last().map_or(0, |last| last + 1) + AT_ONCE;
    for number in first..end {
        for plugin in ["one", "two"] {
            let found =
                s.store.document(plugin, &s.tenant, &number.to_string(), s.now).await.expect("answers");
            assert_eq!(found.is_some(), lines.contains(&number), "{number} is half there");
        }
    }
    s.store.close().await;
    end
}

/// Kills a process that commits, again and again.
async fn survives_the_end_of_its_host(url: &str) {
    let folder = Folder::new();
    let mut acknowledged = BTreeSet::new();
    let mut first = 0;
    for _ in 0..ROUNDS {
        fs::write(folder.path("order"), format!("{url}\n{first}")).expect("writes");
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "--ignored", "--nocapture", "store::suite::crash::the_host_that_is_killed"])
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let before = acknowledged.len();
        for line in lines {
            // The last one may be torn.
            if let Some(number) =
                line.expect("a line").strip_prefix("done ").and_then(|n| n.strip_suffix('.'))
            {
                acknowledged.insert(number.parse().expect("a number"));
            }
            if acknowledged.len() == before + ENOUGH {
                child.kill().expect("is killed");
            }
        }
        assert!(!child.wait().expect("ends").success() && acknowledged.len() >= before + ENOUGH);
        first = check(&url.parse().expect("an address"), first, &acknowledged).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is started, and killed, by the tests below"]
async fn the_host_that_is_killed() {
    let order = fs::read_to_string("order").expect("an order");
    let (url, first) = order.split_once('\n').expect("two lines");
    let s = sample(open(&url.parse().expect("an address"), Access::Host).await.expect("opens"));
    commit_many(s, first.parse().expect("a number"), |number| {
        writeln!(std::io::stdout().lock(), "done {number}.").is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_survives_the_end_of_its_host() {
    let folder = Folder::new();
    survives_the_end_of_its_host(&format!("sqlite:{}", folder.path("gatewright.db").display())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_survives_the_end_of_a_host() {
    survives_the_end_of_its_host(&database().url()).await;
}

/// The process of the server and all that it has started, at once.
fn kill(server: &Server, data: &Path) {
    let said = fs::read_to_string(data.join("postmaster.pid")).expect("its process");
    let parent = said.lines().next().expect("a line").trim().to_owned();
    let children: Vec<String> = fs::read_dir("/proc")
        .expect("processes")
        .filter_map(|entry| {
            let entry = entry.ok()?;
            // pid (name) state parent …; the name of a PostgreSQL has no bracket.
            let about = fs::read_to_string(entry.path().join("stat")).ok()?;
            let of_parent = about.rsplit_once(") ")?.1.split(' ').nth(1)? == parent;
            of_parent.then(|| entry.file_name().to_string_lossy().into_owned())
        })
        .collect();
    let killed = Command::new("kill").arg("-9").arg(&parent).args(&children).status().expect("runs");
    // One of the children may have ended by itself.
    assert!(killed.success() || !children.is_empty());
    while children.iter().chain([&parent]).any(|id| is_running(id)) {
        std::thread::sleep(Duration::from_millis(5));
    }
    // Where nobody collects the dead it would be taken for alive.
    fs::remove_file(data.join("postmaster.pid")).expect("is removed");
    for entry in fs::read_dir(data.parent().expect("a folder")).expect("lists") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|ending| ending == "lock") {
            fs::remove_file(path).expect("is removed");
        }
    }
    server.start_again();
}

fn is_running(id: &str) -> bool {
    fs::read_to_string(format!("/proc/{id}/stat"))
        .is_ok_and(|about| about.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z')))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_keeps_what_it_acknowledged() {
    let server = Builder::default().fsync().start();
    let database = server.database();
    let mut connection = sqlx::PgConnection::connect(&database.url()).await.expect("connects");
    let data: String =
        sqlx::query_scalar("SHOW data_directory").fetch_one(&mut connection).await.expect("answers");
    drop(connection);
    let url: StoreUrl = database.url().parse().expect("an address");
    let mut acknowledged = BTreeSet::new();
    let mut first = 0;
    for _ in 0..ROUNDS_OF_A_SERVER {
        let s = sample(open(&url, Access::Host).await.expect("opens"));
        let (send, mut told) = mpsc::unbounded_channel();
        let committing = tokio::spawn(commit_many(s.clone(), first, move |number| send.send(number).is_ok()));
        for _ in 0..ENOUGH {
            acknowledged.insert(told.recv().await.expect("commits"));
        }
        kill(&server, Path::new(&data));
        told.close();
        while let Some(number) = told.recv().await {
            acknowledged.insert(number);
        }
        committing.await.expect("ends");
        s.store.close().await;
        first = check(&url, first, &acknowledged).await;
    }
}
