//! The file: what opening it says and does, and what a group of jobs does when it fails.

use super::sample::{Folder, Sample};
use crate::store::{Access, OpenError, StoreUrl, open};
use gatewright_core::audit::Filter;
use gatewright_core::store::{Store, StoreError, Write};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{path::Path, sync::Arc};

async fn at(path: &Path) -> Result<Arc<dyn Store>, OpenError> {
    open(&StoreUrl::Sqlite(path.to_owned()), Access::Host).await
}

async fn said(path: &Path) -> String {
    match at(path).await {
        Ok(_) => panic!("opened"),
        Err(error) => {
            let text = error.to_string();
            assert!(
                text.contains(&path.file_name().expect("a name").to_string_lossy().into_owned()),
                "{text}"
            );
            text
        }
    }
}

async fn raw(path: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("connects");
    sqlx::raw_sql(sql).execute(&mut connection).await.expect("runs");
    connection.close().await.expect("closes");
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let folder = Folder::new();
    let path = folder.path("gatewright.db");
    let s = Sample::new(at(&path).await.expect("opens"));
    let on = s.logged_in().await;
    s.put(vec![Write::Audit(s.event("test.happened")), Write::TokenSpend(on.keep.hash, s.now)]).await;
    s.store.close().await;
    assert!(!folder.path("gatewright.db-wal").exists(), "the log is in the file");
    let closed = s.commit(vec![Write::Audit(s.event("late"))]).await;
    assert!(matches!(closed, Err(StoreError::Unavailable(_))), "{closed:?}");
    assert!(matches!(s.store.person(&s.tenant, on.person.id).await, Err(StoreError::Unavailable(_))));
    s.store.close().await;

    let s = Sample { store: at(&path).await.expect("opens again"), ..s };
    assert_eq!(s.store.person(&s.tenant, on.person.id).await.expect("answers"), Some(on.person));
    assert_eq!(s.store.session(on.session.id).await.expect("answers").as_deref(), Some(&on.session));
    let token = s.store.token(&on.keep.hash).await.expect("answers").expect("is there");
    assert_eq!(token.spent, Some(s.now));
    assert_eq!(s.store.audit(&s.tenant, &Filter::before(None), 9).await.expect("answers").len(), 1);
    s.store.close().await;
}

#[tokio::test]
async fn one_host_at_a_time() {
    let folder = Folder::new();
    let path = folder.path("gatewright.db");
    let first = at(&path).await.expect("opens");
    let text = said(&path).await;
    assert!(
        text.contains("in use by another host") && text.contains(&std::process::id().to_string()),
        "{text}"
    );
    #[cfg(unix)]
    {
        let link = folder.path("link.db");
        std::os::unix::fs::symlink(&path, &link).expect("links");
        assert!(matches!(at(&link).await, Err(OpenError::InUse { .. })), "another name of the same file");
    }
    first.close().await;
    at(&path).await.expect("opens once the first has closed").close().await;
}

#[tokio::test]
async fn files_that_are_refused_stay_as_they_are() {
    let folder = Folder::new();
    let text = folder.path("notes.txt");
    std::fs::write(&text, "not a database, and longer than sixteen bytes").expect("writes");
    assert!(said(&text).await.contains("is not a SQLite database"));
    assert_eq!(std::fs::read(&text).expect("reads").len(), 45);
    let torn = folder.path("torn.db");
    std::fs::write(&torn, b"SQLite format 3\0 and then nothing of the kind").expect("writes");
    let text = said(&torn).await;
    assert!(text.contains("is not a SQLite database"), "{text}");

    let foreign = folder.path("browser.db");
    raw(&foreign, "CREATE TABLE schema_version (version INTEGER); INSERT INTO schema_version VALUES (1)")
        .await;
    let before = std::fs::read(&foreign).expect("reads");
    assert!(said(&foreign).await.contains("another program"));
    assert_eq!(std::fs::read(&foreign).expect("reads"), before);
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let folder = Folder::new();
    let path = folder.path("gatewright.db");
    at(&path).await.expect("opens").close().await;
    raw(&path, "INSERT INTO schema_version (version) VALUES (999)").await;
    let text = said(&path).await;
    assert!(text.contains("schema version 999") && text.contains("run the newer program"), "{text}");
    raw(&path, "DELETE FROM schema_version WHERE version = 999").await;
    at(&path).await.expect("opens").close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_open_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.path("new/data/gatewright.db");
    let s = Sample::new(at(&path).await.expect("makes the folder"));
    s.somebody().await;
    let mode = |name: &str| {
        let about = folder.path(name).metadata().unwrap_or_else(|error| panic!("{name}: {error}"));
        about.permissions().mode() & 0o777
    };
    assert_eq!((mode("new"), mode("new/data")), (0o700, 0o700));
    for name in ["", "-wal", "-shm", ".lock"] {
        assert_eq!(mode(&format!("new/data/gatewright.db{name}")), 0o600, "{name}");
    }
    s.store.close().await;
}

#[tokio::test]
async fn places_that_can_not_be() {
    let folder = Folder::new();
    std::fs::write(folder.path("file"), "").expect("writes");
    let below = folder.path("file/data/gatewright.db");
    let text = at(&below).await.err().expect("is refused").to_string();
    assert!(text.contains("can't be made") && text.contains("choose another place"), "{text}");
    let text = at(folder.as_ref()).await.err().expect("is refused").to_string();
    assert!(text.contains("can't be opened for writing"), "{text}");
    assert!(!folder.as_ref().with_extension("lock").exists(), "and nothing is left beside it");
}
