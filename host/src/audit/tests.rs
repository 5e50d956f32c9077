//! Somebody with the database in hand: what they do to the log is found and named.

use crate::{App, Plugins, app::build_for, audit, config::Sources, settings, store::Access};
use gatewright_contract::{Fault, TenantId, Timestamp};
use gatewright_core::{Origin, audit::Event, store::Write, world::World};
use gatewright_test_postgres::Database;
use sqlx::{Connection, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// A clock that is moved.
struct Clock(AtomicI64);

impl World for Clock {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        aws_lc_rs::rand::fill(buffer).map_err(|_| Fault::internal("no randomness"))
    }
}

struct Desk {
    folder: PathBuf,
    clock: Arc<Clock>,
    app: App,
    tenant: TenantId,
    /// None: a SQLite file in the folder.
    database: Option<Database<'static>>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn app(folder: &Path, clock: &Arc<Clock>, config: &str) -> App {
    let toml = format!("data = \"{}\"\n{config}", folder.display());
    let sources = Sources { memory: Some(("test.toml".to_owned(), toml)), ..Sources::default() };
    let plugins = Plugins::linked();
    let loaded = settings::load(&plugins, sources).expect("a configuration");
    build_for(Access::Host, plugins, &loaded, clock.clone()).await.expect("it starts")
}

impl Desk {
    async fn with(config: &str) -> Self {
        Self::on(None, config).await
    }

    async fn on(database: Option<Database<'static>>, config: &str) -> Self {
        let mut name = [0; 8];
        aws_lc_rs::rand::fill(&mut name).expect("randomness");
        let folder = std::env::temp_dir().join(format!("gatewright-audit-{}", u64::from_be_bytes(name)));
        std::fs::create_dir(&folder).expect("a folder");
        let clock = Arc::new(Clock(AtomicI64::new(1_767_225_600_000_000)));
        let store = database.as_ref().map(|d| format!("store = \"{}\"\n", d.url())).unwrap_or_default();
        let app = app(&folder, &clock, &format!("{store}{config}")).await;
        Self { folder, clock, app, tenant: TenantId::default_tenant(), database }
    }

    /// Twenty lines, sealed after the fifth and the tenth.
    async fn with_lines() -> Self {
        Self::with_lines_on(None).await
    }

    async fn with_lines_on(database: Option<Database<'static>>) -> Self {
        let desk = Self::on(database, "").await;
        for (count, seal) in [(5, true), (5, true), (10, false)] {
            desk.write(count).await;
            desk.later(Duration::from_secs(60));
            if seal {
                audit::seal(&desk.app).await;
            }
        }
        desk
    }

    fn later(&self, by: Duration) {
        self.clock.0.fetch_add(i64::try_from(by.as_micros()).expect("fits"), Ordering::SeqCst);
    }

    async fn write(&self, count: usize) {
        for n in 0..count {
            let event = Event::new(&format!("test.{n}"), &self.tenant, self.clock.now(), &Origin::local("x"));
            self.app.engine.store().commit(vec![Write::Audit(event)]).await.expect("is written");
        }
    }

    /// Beside the host, as somebody who has the database.
    async fn sql(&self, statements: &str) {
        if let Some(database) = &self.database {
            let statements = statements.replace("zeroblob(32)", "decode(repeat('00', 32), 'hex')");
            let mut connection = PgConnection::connect(&database.url()).await.expect("opens");
            sqlx::raw_sql(sqlx::AssertSqlSafe(statements)).execute(&mut connection).await.expect("is done");
            return connection.close().await.expect("closes");
        }
        let file = SqliteConnectOptions::new().filename(self.folder.join("gatewright.db"));
        let mut connection = SqliteConnection::connect_with(&file).await.expect("opens");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned()))
            .execute(&mut connection)
            .await
            .expect("is done");
        connection.close().await.expect("closes");
    }

    async fn flaw(&self) -> Option<String> {
        let verified = self.app.engine.verify_audit(&self.tenant, &mut |_, _| {}).await.expect("a verdict");
        verified.flaw.map(|flaw| flaw.to_string())
    }

    /// After these statements the log is not in order, in these words.
    #[track_caller]
    fn judged(said: Option<String>, words: &str) {
        let said = said.unwrap_or_else(|| panic!("nothing was found, not: {words}"));
        assert!(said.contains(words), "{said}, not: {words}");
    }
}

#[tokio::test]
async fn a_log_that_nobody_touched_is_in_order() {
    let desk = Desk::with_lines().await;
    let verified = desk.app.engine.verify_audit(&desk.tenant, &mut |_, _| {}).await.expect("a verdict");
    assert_eq!((verified.flaw, verified.checked, verified.sealed), (None, 20, Some(10)));
    audit::seal(&desk.app).await;
    let verified = desk.app.engine.verify_audit(&desk.tenant, &mut |_, _| {}).await.expect("a verdict");
    assert_eq!((verified.flaw, verified.sealed), (None, Some(20)));
}

#[tokio::test]
async fn what_was_done_to_single_lines_is_named() {
    let swapped = "UPDATE audit SET number = -1 WHERE number = 4; UPDATE audit SET number = 4 WHERE number = 5; \
                   UPDATE audit SET number = 5 WHERE number = -1;";
    let shifted = "DELETE FROM audit WHERE number = 17; UPDATE audit SET number = 1 - number WHERE number > 17; \
                   UPDATE audit SET number = -number WHERE number < 0; UPDATE audit_heads SET number = 19;";
    let inserted = "UPDATE audit SET number = -number - 1 WHERE number > 16; \
                    UPDATE audit SET number = -number WHERE number < 0; \
                    INSERT INTO audit SELECT tenant, 17, at, 'test.forged', person, actor, session, authenticator, \
                    target, outcome, door, address, request_id, hash FROM audit WHERE number = 3; \
                    UPDATE audit_heads SET number = 21;";
    let appended = "INSERT INTO audit SELECT tenant, 21, at, kind, person, actor, session, authenticator, target, \
                    outcome, door, address, request_id, hash FROM audit WHERE number = 20;";
    for (statements, words) in [
        ("UPDATE audit SET outcome = 'refused' WHERE number = 18", "line 18 was altered"),
        ("UPDATE audit SET hash = NULL WHERE number = 18", "line 18 was altered: its hash is gone"),
        ("DELETE FROM audit WHERE number = 17", "line 17 is missing"),
        ("DELETE FROM audit WHERE number BETWEEN 12 AND 14", "lines 12 to 14 are missing"),
        (
            "DELETE FROM audit WHERE number > 18",
            "the end is missing: there were lines up to 20, the last one is 18",
        ),
        ("DELETE FROM audit WHERE number = 1", "line 1 is missing"),
        ("DELETE FROM audit", "the end is missing"),
        (swapped, "lines 4 and 5 were exchanged"),
        (shifted, "line 17 is missing, and the lines after it were numbered anew"),
        (inserted, "line 17 was inserted"),
        (appended, "line 21 was inserted after the end"),
        ("UPDATE audit_heads SET hash = zeroblob(32)", "the head was replaced"),
        ("UPDATE audit_heads SET number = 19", "the head was replaced"),
    ] {
        for database in [None, Some(gatewright_test_postgres::database())] {
            let desk = Desk::with_lines_on(database).await;
            desk.sql(statements).await;
            Desk::judged(desk.flaw().await, words);
            desk.app.engine.store().close().await;
        }
    }
}

/// The head of a chain that ends at this line.
fn cut_at(line: i64) -> String {
    format!(
        "DELETE FROM audit WHERE number > {line}; \
         UPDATE audit_heads SET number = {line}, hash = (SELECT hash FROM audit WHERE number = {line});"
    )
}

#[tokio::test]
async fn a_tail_that_was_cut_off_with_the_head_is_seen_by_the_checkpoint() {
    let desk = Desk::with_lines().await;
    desk.sql(&cut_at(8)).await;
    Desk::judged(desk.flaw().await, "there were lines up to 10, the last one is 8");
    // Going on as if nothing had happened does not make it good, nor does the host seal it.
    desk.write(5).await;
    audit::seal(&desk.app).await;
    Desk::judged(desk.flaw().await, "lines were rewritten between 6 and 10");
}

#[tokio::test]
async fn a_chain_that_was_written_anew_is_seen_by_the_checkpoint() {
    let desk = Desk::with_lines().await;
    let lines = desk.app.engine.store().audit_from(&desk.tenant, 0, 100).await.expect("lines");
    let mut statements = String::new();
    let mut hash = [0; 32];
    for (n, mut line) in (1..).zip(lines) {
        if n == 7 {
            line.event.outcome = "forged".to_owned();
            statements.push_str("UPDATE audit SET outcome = 'forged' WHERE number = 7;");
        }
        hash = line.event.link(&hash, n);
        let hex = data_encoding::HEXLOWER.encode(&hash);
        statements.push_str(&format!("UPDATE audit SET hash = x'{hex}' WHERE number = {n};"));
        statements.push_str(&format!("UPDATE audit_heads SET hash = x'{hex}';"));
    }
    desk.sql(&statements).await;
    let words = "lines were rewritten between 6 and 10";
    Desk::judged(desk.flaw().await, words);
    audit::seal(&desk.app).await;
    Desk::judged(desk.flaw().await, words);
}

#[tokio::test]
async fn a_checkpoint_opens_only_where_it_was_sealed() {
    let body = "(SELECT body FROM records WHERE kind = 'audit-checkpoint' AND key = 'latest')";
    for (statements, words) in [
        (
            format!("UPDATE records SET body = replace({body}, ':10,', ':9,') WHERE key = 'latest'"),
            "the checkpoint of line 9 was altered",
        ),
        ("UPDATE records SET body = '{}' WHERE key = 'latest'".to_owned(), "a checkpoint was altered"),
    ] {
        let desk = Desk::with_lines().await;
        desk.sql(&statements).await;
        Desk::judged(desk.flaw().await, words);
    }
}

#[tokio::test]
async fn old_lines_go_and_what_stays_is_in_order() {
    let desk = Desk::with("[audit]\nretention_days = 30\n").await;
    desk.write(10).await;
    audit::seal(&desk.app).await;
    desk.later(Duration::from_secs(29 * 86_400));
    desk.write(10).await;
    audit::prune(&desk.app).await;
    assert_eq!(desk.app.engine.store().audit_from(&desk.tenant, 0, 100).await.expect("lines").len(), 20);
    audit::seal(&desk.app).await;
    desk.later(Duration::from_secs(2 * 86_400));
    audit::prune(&desk.app).await;
    let lines = desk.app.engine.store().audit_from(&desk.tenant, 0, 100).await.expect("lines");
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), (11..=21).collect::<Vec<_>>());
    assert_eq!(lines[10].event.kind, "audit.pruned");
    assert_eq!(lines[10].event.target.as_deref(), Some("line:10"));
    assert_eq!(desk.flaw().await, None);
    let left =
        desk.app.engine.store().records(&desk.tenant, "audit-checkpoint", None, 10).await.expect("some");
    assert_eq!(left.len(), 2, "the first day's went with the lines");
    audit::prune(&desk.app).await;
    assert_eq!(desk.app.engine.store().audit_head(&desk.tenant).await.expect("a head").number, 21);
}

#[tokio::test]
async fn a_beginning_that_nobody_pruned_is_seen() {
    let desk = Desk::with_lines().await;
    desk.sql(
        "UPDATE audit_heads SET anchor = 12, anchor_hash = (SELECT hash FROM audit WHERE number = 12); \
         DELETE FROM audit WHERE number <= 12;",
    )
    .await;
    Desk::judged(
        desk.flaw().await,
        "the lines up to 12 are missing, and no line says that the log was pruned",
    );
}

#[tokio::test]
async fn lines_from_before_the_chain_are_counted() {
    let desk = Desk::with("").await;
    desk.sql(
        "INSERT INTO audit (tenant, number, at, kind, outcome, door, request_id) \
         VALUES ('default', 1, 1, 'old.one', 'success', 'x', 'x'), ('default', 2, 2, 'old.two', 'success', 'x', 'x'); \
         INSERT INTO audit_heads VALUES ('default', 2, zeroblob(32), 2, zeroblob(32));",
    )
    .await;
    desk.write(3).await;
    let verified = desk.app.engine.verify_audit(&desk.tenant, &mut |_, _| {}).await.expect("a verdict");
    assert_eq!((verified.flaw, verified.before, verified.checked), (None, 2, 3));
}
