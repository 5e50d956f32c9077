use super::{Server, database};
use sqlx::{Connection, Executor, PgConnection};
use std::time::{Duration, Instant};

async fn connected(url: &str) -> Result<PgConnection, sqlx::Error> {
    PgConnection::connect(url).await
}

#[tokio::test]
async fn each_test_has_a_database_of_its_own() {
    let (one, two) = (database(), database());
    for url in [one.url(), two.url()] {
        connected(&url).await.unwrap().execute("CREATE TABLE t (a INTEGER)").await.unwrap();
    }
    let gone = one.url();
    drop(one);
    // Dropped in the order of the queue, so before this one is made.
    drop(database());
    assert!(connected(&gone).await.is_err());
    let mut left = connected(&two.url()).await.unwrap();
    let (encoding, collation, most): (String, String, String) = sqlx::query_as(
        "SELECT current_setting('server_encoding'), datcollate, current_setting('max_connections')
         FROM pg_database WHERE datname = current_database()",
    )
    .fetch_one(&mut left)
    .await
    .unwrap();
    assert_eq!((encoding.as_str(), collation.as_str()), ("UTF8", "C.UTF-8"));
    assert!(most.parse::<u32>().unwrap() >= 300);
    assert!(connected(&two.tcp_url()).await.is_ok());
    assert!(connected(&two.tcp_url().replace(super::PASSWORD, "wrong")).await.is_err());
}

#[tokio::test]
async fn it_goes_away_comes_back_and_leaves_nothing() {
    let server = Server::start();
    let folder = server.folder.clone();
    {
        let database = server.database();
        connected(&database.url()).await.unwrap().execute("CREATE TABLE t (a INTEGER)").await.unwrap();
        for down in [Server::stop, Server::crash] {
            down(&server);
            assert!(connected(&database.url()).await.is_err());
            server.start_again();
            let mut connection = connected(&database.url()).await.unwrap();
            let rows: i64 =
                sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(&mut connection).await.unwrap();
            assert_eq!(rows, 0);
        }
    }
    drop(server);
    assert!(!folder.exists());
}

/// The process that holds the pipe is killed, with no chance to tidy up.
#[test]
fn it_dies_with_the_process_however_that_ends() {
    if let Ok(place) = std::env::var("GATEWRIGHT_TEST_POSTGRES_VICTIM") {
        let server = Server::start();
        std::fs::write(place, server.folder.display().to_string()).unwrap();
        std::process::abort();
    }
    let place = std::env::temp_dir().join(format!("gatewright-victim-{}", std::process::id()));
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::it_dies_with_the_process_however_that_ends"])
        .env("GATEWRIGHT_TEST_POSTGRES_VICTIM", &place)
        .output()
        .unwrap()
        .status;
    assert!(!status.success());
    let folder = std::path::PathBuf::from(std::fs::read_to_string(&place).unwrap());
    std::fs::remove_file(place).unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while folder.exists() {
        assert!(Instant::now() < until, "{} is still there", folder.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}
