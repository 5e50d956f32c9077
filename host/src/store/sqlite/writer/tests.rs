use super::QUEUE;
use crate::store::{
    Access,
    sql::{
        Backend, SqlStore,
        statement::{Statement, args},
        write::Changes,
    },
    sqlite::{self, Sqlite},
    suite::Folder,
};
use futures_util::FutureExt;
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::store::{StoreError, Subject};

async fn opened(folder: &Folder) -> Sqlite {
    let SqlStore(store) = sqlite::open(&folder.path("db"), Access::Host).await.expect("opens");
    store
}

fn all(statements: Vec<Statement>) -> Changes {
    Changes { statements, events: Vec::new() }
}

fn key(name: &str) -> Statement {
    Statement::one(
        Subject::Key,
        "INSERT INTO data_keys (id, tenant, generation, wrapped, created) VALUES ($1, $2, 1, $3, 0)",
        args![name.as_bytes().to_vec(), name, vec![0; 100_000]],
    )
}

async fn keys(store: &Sqlite) -> Vec<String> {
    use crate::store::sql::row::Row;
    let rows = store.rows(Statement::any("SELECT tenant FROM data_keys ORDER BY tenant", args![])).await;
    rows.expect("answers").iter().map(|row| row.text("tenant").expect("a text")).collect()
}

/// One thread: all jobs of a `join!` are queued before the task sees the first, so they are one group.
#[tokio::test]
async fn a_job_that_fails_fails_alone() {
    let folder = Folder::new();
    let store = opened(&folder).await;
    let (a, b, c, d) = tokio::join!(
        store.run(all(vec![key("a")])),
        store.run(all(vec![key("b"), key("a")])),
        store.run(all(vec![key("c"), key("d")])),
        store.run(all(vec![key("b")])),
    );
    assert!(matches!(a, Ok(1)) && matches!(c, Ok(2)) && matches!(d, Ok(1)));
    assert!(matches!(b, Err(StoreError::Conflict(Subject::Key))), "{b:?}");
    assert_eq!(keys(&store).await, ["a", "b", "c", "d"]);
    store.close().await;
}

/// Readiness asks with a job that does nothing, twice a second; another writes only a line of the audit log.
#[tokio::test]
async fn a_job_without_statements_is_a_job_like_any_other() {
    use gatewright_core::{Origin, audit::Event};
    let folder = Folder::new();
    let store = opened(&folder).await;
    let tenant = TenantId::default_tenant();
    let line = || Event::new("test.happened", &tenant, Timestamp(0), &Origin::local("test"));
    let line = || Changes { statements: Vec::new(), events: vec![line()] };
    let (nothing, a, first, second, b, last) = tokio::join!(
        store.run(all(vec![])),
        store.run(all(vec![key("a")])),
        store.run(line()),
        store.run(line()),
        store.run(all(vec![key("b"), key("a")])),
        store.run(line()),
    );
    assert!(matches!(nothing, Ok(0)) && matches!(a, Ok(1)), "{nothing:?} {a:?}");
    assert!(matches!((&first, &second, &last), (Ok(0), Ok(0), Ok(0))), "{first:?} {second:?} {last:?}");
    assert!(matches!(b, Err(StoreError::Conflict(Subject::Key))), "{b:?}");
    assert_eq!(keys(&store).await, ["a"]);
    let lines = store.rows(Statement::any("SELECT number FROM audit", args![])).await.expect("answers");
    assert_eq!(lines.len(), 3, "what failed took none of another job along");
    store.close().await;
}

#[tokio::test]
async fn what_is_not_durable_is_nobodys() {
    let folder = Folder::new();
    let store = opened(&folder).await;
    let seen = store.outside_changes().await.expect("answers");
    // A foreign key that is only looked at when the whole is made durable: then it is too late for one job.
    let poison = vec![
        Statement::any("PRAGMA defer_foreign_keys = ON", args![]),
        Statement::any(
            "INSERT INTO tokens (hash, kind, session, tenant, expires) VALUES ($1, 'access', $1, 't', 0)",
            args![vec![1_u8]],
        ),
    ];
    let (a, poison, conflict, ping) = tokio::join!(
        store.run(all(vec![key("a")])),
        store.run(all(poison)),
        store.run(all(vec![key("a")])),
        store.run(all(vec![]))
    );
    for result in [a, poison, conflict, ping] {
        assert!(matches!(result, Err(StoreError::Broken(..))), "{result:?}");
    }
    assert_eq!(keys(&store).await, [""; 0]);
    // And the next goes on as if nothing had been.
    store.run(all(vec![key("a")])).await.expect("is written");
    assert_eq!(keys(&store).await, ["a"]);
    // On another connection now, which can't tell what others wrote while there was none.
    assert_ne!(store.outside_changes().await.expect("answers"), seen);
    assert_eq!(
        store.outside_changes().await.expect("answers"),
        store.outside_changes().await.expect("answers")
    );
    store.close().await;
}

#[tokio::test]
async fn a_full_disk_is_told_and_survived() {
    let folder = Folder::new();
    let store = opened(&folder).await;
    store.run(all(vec![key("a")])).await.expect("is written");
    store.run(all(vec![Statement::any("PRAGMA max_page_count = 120", args![])])).await.expect("is set");
    let (b, c, d) = tokio::join!(
        store.run(all(vec![key("b")])),
        store.run(all(vec![key("c"), key("d"), key("e"), key("f"), key("g")])),
        store.run(all(vec![key("h")])),
    );
    assert!(matches!(c, Err(StoreError::Unavailable(_))), "{c:?}");
    let mut expected = vec!["a"];
    expected.extend(b.is_ok().then_some("b"));
    expected.extend(d.is_ok().then_some("h"));
    assert_eq!(keys(&store).await, expected, "what was acknowledged, and no more");
    store.run(all(vec![Statement::any("PRAGMA max_page_count = 100000", args![])])).await.expect("is set");
    store.run(all(vec![key("i")])).await.expect("is written");
    store.close().await;
}

#[tokio::test]
async fn nobody_waits_in_a_queue_that_is_full() {
    let folder = Folder::new();
    let store = opened(&folder).await;
    let names: Vec<String> = (0..QUEUE).map(|i| format!("{i:04}")).collect();
    let small = |name: &String| {
        Statement::any(
            "INSERT INTO data_keys (id, tenant, generation, wrapped, created) VALUES ($1, $2, 1, $1, 0)",
            args![name.as_bytes().to_vec(), name.as_str()],
        )
    };
    // Each is queued, and its caller hangs up.
    for name in &names {
        assert!(store.run(all(vec![small(name)])).now_or_never().is_none());
    }
    let refused = store.run(all(vec![key("late")])).now_or_never();
    assert!(matches!(refused, Some(Err(StoreError::Unavailable(_)))), "{refused:?}");
    // What was queued is written all the same, and closing waits for it.
    store.writer.close().await;
    assert_eq!(keys(&store).await, names);
}
