mod from_one;

use super::{Step, Steps, prepare, version};
use crate::store::{OpenError, suite::Folder};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::path::Path;

const ONE: Step = Step { version: 1, name: "step", sql: "CREATE TABLE one (a INTEGER) STRICT;" };
const TWO: Step =
    Step { version: 2, name: "step", sql: "ALTER TABLE one ADD COLUMN b TEXT; UPDATE one SET b = 'b';" };
const BAD: Step =
    Step { version: 3, name: "step", sql: "CREATE TABLE three (c INTEGER); DROP TABLE nothing;" };

async fn prepared(path: &Path, steps: &[Step]) -> (SqliteConnection, Result<(), OpenError>) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("connects");
    let result = prepare(&mut connection, path, steps, Steps::All).await;
    (connection, result)
}

#[tokio::test]
async fn steps_are_taken_once_and_in_order() {
    let folder = Folder::new();
    let path = folder.path("db");
    let (mut connection, result) = prepared(&path, &[ONE]).await;
    result.expect("one step");
    sqlx::raw_sql("INSERT INTO one (a) VALUES (1)").execute(&mut connection).await.expect("inserts");
    for _ in 0..2 {
        let (mut connection, result) = prepared(&path, &[ONE, TWO]).await;
        result.expect("the other step, then none");
        assert_eq!(version(&mut connection).await.expect("answers"), Some(2));
        let b: String =
            sqlx::query_scalar("SELECT b FROM one").fetch_one(&mut connection).await.expect("answers");
        assert_eq!(b, "b");
    }
    let (_, result) = prepared(&path, &[ONE]).await;
    assert!(matches!(result, Err(OpenError::Newer { found: 2, known: 1, .. })), "{result:?}");
}

#[tokio::test]
async fn a_step_that_fails_is_undone() {
    let folder = Folder::new();
    let path = folder.path("db");
    let (mut connection, result) = prepared(&path, &[ONE, TWO, BAD]).await;
    assert!(matches!(result, Err(OpenError::Migration { version: 3, .. })), "{result:?}");
    assert_eq!(version(&mut connection).await.expect("answers"), Some(2), "those before it stay");
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'three'")
        .fetch_one(&mut connection)
        .await
        .expect("answers");
    assert_eq!(tables, 0);
}
