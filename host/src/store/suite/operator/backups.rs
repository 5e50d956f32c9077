//! A backup while a host serves, and the way back.

use super::{at, connected, filled, postgres, raw, sqlite};
use crate::store::{
    operator::{OperatorError, backup, restore, status},
    suite::sample::{Folder, Sample},
};
use gatewright_core::{
    audit::Filter,
    store::{Store, Write},
};
use gatewright_test_postgres::database;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

const KEYRING: &str = "/data/keyring.json";

/// Why it is not restored. The database stays as it is.
async fn not_restored(folder: &Folder, file: &Path) -> String {
    let database = folder.path("gatewright.db");
    let before = fs::read(&database).expect("reads");
    let error = restore(&sqlite(&database), file, Path::new(KEYRING)).await.expect_err("is refused");
    assert_eq!(fs::read(&database).expect("reads"), before);
    let left: Vec<_> = fs::read_dir(folder.as_ref())
        .expect("lists")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains(".restore") || name.contains("before"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    error.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_one_moment_of_a_busy_host() {
    let folder = Folder::new();
    let (database, file) = (folder.path("gatewright.db"), folder.path("backup.db"));
    let s = filled(&sqlite(&database)).await;
    let s = Sample { store: at(&sqlite(&database)).await, ..s };
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    // Each commit writes an audit line and a document: a backup between the two would have one more of one.
    let busy = tokio::spawn({
        let s = s.clone();
        async move {
            let mut written = 0_u64;
            while !*stopped.borrow_and_update() {
                let document = Write::DocumentPut {
                    plugin: "busy".to_owned(),
                    tenant: s.tenant.clone(),
                    key: format!("k{written}"),
                    expect: None,
                    value: vec![7; 2_000],
                    expires: None,
                    now: s.now,
                };
                s.put(vec![document, Write::Audit(s.event("test.busy"))]).await;
                written += 1;
            }
            written
        }
    });
    for round in 0..3 {
        let file = folder.path(&format!("backup-{round}.db"));
        let bytes = backup(&sqlite(&database), &file, Path::new(KEYRING)).await.expect("is backed up");
        assert_eq!(file.metadata().expect("is there").len(), bytes);
        assert_eq!(file.metadata().expect("is there").permissions().mode() & 0o777, 0o600);
        let mut copy = connected(&file).await;
        let count = async |sql: &'static str, copy: &mut sqlx::SqliteConnection| -> i64 {
            sqlx::query_scalar(sql).fetch_one(copy).await.expect("counts")
        };
        let documents = count("SELECT count(*) FROM documents WHERE plugin = 'busy'", &mut copy).await;
        let lines = count("SELECT count(*) FROM audit WHERE kind = 'test.busy'", &mut copy).await;
        assert_eq!(documents, lines);
    }
    stop.send(true).expect("is heard");
    assert!(busy.await.expect("ends") > 0);
    backup(&sqlite(&database), &file, Path::new(KEYRING)).await.expect("is backed up");
    let text = backup(&sqlite(&database), &file, Path::new(KEYRING)).await.expect_err("is there").to_string();
    assert!(
        text.ends_with("backup.db is there already and was left as it is; name a file that is not there")
    );
    let text = not_restored(&folder, &file).await;
    assert!(text.contains("gatewright.db is in use by another host"), "{text}");

    // What is written now is not in the backup.
    s.put(vec![Write::Audit(s.event("test.late"))]).await;
    s.store.close().await;
    let restored = restore(&sqlite(&database), &file, Path::new(KEYRING)).await.expect("is restored");
    let aside = restored.aside.expect("was kept");
    assert_eq!((restored.version, aside.clone()), (4, folder.path("gatewright.db.before-restore-1")));
    let newest = async |path: &Path| {
        let s = Sample { store: at(&sqlite(path)).await, ..s.clone() };
        let lines = s.store.audit(&s.tenant, &Filter::before(None), 1).await.expect("answers");
        s.put(vec![Write::Audit(s.event("test.after"))]).await;
        s.store.close().await;
        lines[0].event.kind.clone()
    };
    assert_eq!(newest(&database).await, "test.busy");
    assert_eq!(newest(&aside).await, "test.late", "the database from before is whole too");
    assert_eq!(database.metadata().expect("is there").permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_host_that_was_killed_keeps_its_log_out_of_the_way() {
    let folder = Folder::new();
    let (database, file) = (folder.path("gatewright.db"), folder.path("backup.db"));
    let s = filled(&sqlite(&database)).await;
    backup(&sqlite(&database), &file, Path::new(KEYRING)).await.expect("is backed up");
    // A log that nobody emptied.
    let killed = folder.path("killed.db");
    let host = Sample { store: at(&sqlite(&database)).await, ..s.clone() };
    host.put(vec![Write::Audit(s.event("test.late"))]).await;
    for ending in ["", "-wal"] {
        let of = |path: &Path| format!("{}{ending}", path.display());
        fs::copy(of(&database), of(&killed)).expect("copies");
    }
    host.store.close().await;
    let restored = restore(&sqlite(&killed), &file, Path::new(KEYRING)).await.expect("is restored");
    assert!(!folder.path("killed.db-wal").exists());
    let kinds = async |path: &Path| {
        let store: Arc<dyn Store> = at(&sqlite(path)).await;
        let lines = store.audit(&s.tenant, &Filter::before(None), 1).await.expect("answers");
        store.close().await;
        lines[0].event.kind.clone()
    };
    assert_eq!(kinds(&killed).await, "test.4");
    assert_eq!(kinds(&restored.aside.expect("was kept")).await, "test.late");
}

#[tokio::test]
async fn what_is_no_backup_is_not_restored() {
    let folder = Folder::new();
    let (database, file) = (folder.path("gatewright.db"), folder.path("backup.db"));
    filled(&sqlite(&database)).await;
    backup(&sqlite(&database), &file, Path::new(KEYRING)).await.expect("is backed up");
    let bad = folder.path("bad.db");
    let whole = fs::read(&file).expect("reads");
    let says = async |words: &str| {
        let text = not_restored(&folder, &bad).await;
        assert!(text.contains("bad.db can't be restored: ") && text.contains(words), "{text}");
        fs::remove_file(&bad).expect("removes");
    };
    assert!(not_restored(&folder, &bad).await.ends_with("bad.db is not there; check the path"));
    fs::write(&bad, "").expect("writes");
    says("it is an empty database; the database was left as it is").await;
    fs::write(&bad, "a text that is longer than the head of a database").expect("writes");
    says("it is not a SQLite database").await;
    fs::write(&bad, &whole[..whole.len() / 2]).expect("writes");
    says("bytes are missing at the end").await;
    let mut damaged = whole.clone();
    damaged[8_192..20_480].fill(0xa5);
    fs::write(&bad, damaged).expect("writes");
    says("it is damaged: ").await;
    raw(&bad, "CREATE TABLE other (a)").await;
    says("it is a database of another program").await;
    fs::write(&bad, &whole).expect("writes");
    raw(&bad, "INSERT INTO schema_version VALUES (999)").await;
    says("it has schema version 999 and this program knows versions up to 4").await;
    fs::write(&bad, &whole).expect("writes");
    raw(&bad, "PRAGMA foreign_keys = OFF; DELETE FROM sessions").await;
    says("a row belongs to another one that is not there").await;
    fs::write(&bad, &whole).expect("writes");
    raw(&bad, "CREATE TABLE unfinished_copy (a)").await;
    says("it is an unfinished copy of another database").await;
    let text = not_restored(&folder, &database).await;
    assert!(text.contains("it is the database itself"), "{text}");
}

#[tokio::test]
async fn what_can_not_be_backed_up() {
    let folder = Folder::new();
    let (database_file, file) = (folder.path("gatewright.db"), folder.path("backup.db"));
    let says = async |url| backup(&url, &file, Path::new(KEYRING)).await.expect_err("is refused").to_string();
    assert!(says(sqlite(&database_file)).await.ends_with("gatewright.db is not there; check the path"));
    raw(&database_file, "CREATE TABLE other (a)").await;
    assert!(says(sqlite(&database_file)).await.contains("of another program"));
    assert!(!file.exists() && !folder.path("backup.db.partial").exists(), "nothing is left behind");

    let database = database();
    let text = says(postgres(&database.tcp_url())).await;
    let place = database.tcp_url().replace(&format!(":{}", gatewright_test_postgres::PASSWORD), "");
    let command =
        format!("pg_dump --format=custom --no-owner --file='{}' --dbname='{place}'", file.display());
    assert!(
        text.contains(&command) && text.ends_with("keep /data/keyring.json as well, apart from it"),
        "{text}"
    );
    let text = restore(&postgres(&database.tcp_url()), &file, Path::new(KEYRING)).await;
    let text = text.expect_err("is refused").to_string();
    assert!(
        text.contains("pg_restore --exit-on-error --single-transaction --no-owner --dbname='postgres://"),
        "{text}"
    );
}

/// What `backup` says is run here, and a host starts on what came of it.
#[tokio::test]
async fn the_command_line_for_a_server_works() {
    let folder = Folder::new();
    let (one, two, dump) = (database(), database(), folder.path("it's a dump"));
    let s = filled(&postgres(&one.tcp_url())).await;
    let command = |error: OperatorError| {
        let text = error.to_string();
        text.lines().find(|line| line.trim_start().starts_with("pg_")).expect("a command").trim().to_owned()
    };
    let dumping = backup(&postgres(&one.tcp_url()), &dump, Path::new(KEYRING)).await.expect_err("a command");
    let back = restore(&postgres(&two.tcp_url()), &dump, Path::new(KEYRING)).await.expect_err("a command");
    for command in [command(dumping), command(back)] {
        let done = std::process::Command::new("sh")
            .args(["-c", &command])
            .env("PGPASSWORD", gatewright_test_postgres::PASSWORD)
            .output()
            .expect("runs");
        assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
    }
    let host = at(&postgres(&two.url())).await;
    assert_eq!(host.audit_head(&s.tenant).await.expect("answers").number, 5);
    host.close().await;
    assert!(matches!(status(&postgres(&two.url())).await, Ok(found) if found.damage.is_none()));
}
