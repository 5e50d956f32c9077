use super::{Step, prepare, take_missing, version};
use crate::store::{Access, postgres::Refusal};
use gatewright_test_postgres::{Database, database};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

const ONE: Step = Step { version: 1, name: "step", sql: "CREATE TABLE one (a BIGINT);" };
const TWO: Step =
    Step { version: 2, name: "step", sql: "ALTER TABLE one ADD COLUMN b TEXT; UPDATE one SET b = 'b';" };
const BAD: Step =
    Step { version: 3, name: "step", sql: "CREATE TABLE three (c BIGINT); DROP TABLE nothing;" };

fn options(database: &Database<'_>) -> PgConnectOptions {
    database.url().parse().expect("an address")
}

async fn connected(database: &Database<'_>) -> PgConnection {
    PgConnection::connect_with(&options(database)).await.expect("connects")
}

async fn prepared(database: &Database<'_>, steps: &[Step], access: Access) -> Result<(), Refusal> {
    prepare(&mut connected(database).await, &options(database), steps, access).await
}

#[tokio::test]
async fn steps_are_taken_once_and_in_order() {
    let database = database();
    prepared(&database, &[ONE], Access::Command).await.expect("a command may begin");
    let mut connection = connected(&database).await;
    sqlx::raw_sql("INSERT INTO one (a) VALUES (1)").execute(&mut connection).await.expect("inserts");
    let refused = prepared(&database, &[ONE, TWO], Access::Command).await;
    assert!(matches!(refused, Err(Refusal::Older { found: 1, known: 2 })), "{refused:?}");
    for _ in 0..2 {
        prepared(&database, &[ONE, TWO], Access::Host).await.expect("the other step, then none");
        assert_eq!(version(&mut connection, &options(&database)).await.expect("answers"), 2);
        let b: String =
            sqlx::query_scalar("SELECT b FROM one").fetch_one(&mut connection).await.expect("answers");
        assert_eq!(b, "b");
    }
    let refused = prepared(&database, &[ONE], Access::Host).await;
    assert!(matches!(refused, Err(Refusal::Newer { found: 2, known: 1 })), "{refused:?}");
    let refused = prepared(&database, &[ONE, TWO, BAD], Access::Host).await;
    assert!(matches!(refused, Err(Refusal::Step { version: 3, .. })), "{refused:?}");
    assert_eq!(version(&mut connection, &options(&database)).await.expect("answers"), 2, "and is undone");
    let three: Option<String> = sqlx::query_scalar("SELECT to_regclass('three')::text")
        .fetch_one(&mut connection)
        .await
        .expect("answers");
    assert_eq!(three, None);
}

#[tokio::test]
async fn another_programs_tables_are_left_alone() {
    let database = database();
    let mut connection = connected(&database).await;
    sqlx::raw_sql("CREATE TABLE invoices (a INTEGER)").execute(&mut connection).await.expect("makes");
    let refused = prepared(&database, &[ONE], Access::Host).await;
    assert!(matches!(refused, Err(Refusal::Foreign { .. })), "{refused:?}");
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
            .fetch_one(&mut connection)
            .await
            .expect("answers");
    assert_eq!(tables, 1);
}

/// Many nodes start at once: with the lock, and where it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_many_takes_each_step() {
    for locked in [true, false] {
        let database = database();
        let mut nodes = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let options = options(&database);
            nodes.spawn(async move {
                let mut connection = PgConnection::connect_with(&options).await.expect("connects");
                let steps = [ONE, TWO];
                match locked {
                    true => prepare(&mut connection, &options, &steps, Access::Host).await,
                    false => take_missing(&mut connection, &options, &steps, Access::Host).await,
                }
            });
        }
        for result in nodes.join_all().await {
            result.unwrap_or_else(|error| panic!("{locked}: {error}"));
        }
        let mut connection = connected(&database).await;
        assert_eq!(version(&mut connection, &options(&database)).await.expect("answers"), 2);
    }
}
