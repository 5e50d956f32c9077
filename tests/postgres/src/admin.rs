//! Makes and drops databases, in a thread of its own: tests come and go with their runtimes.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::{sync::mpsc, thread};

struct Job {
    sql: String,
    reply: Option<mpsc::Sender<Result<(), String>>>,
}

/// The way to the thread, which ends when this is dropped.
pub(crate) struct Admin(mpsc::Sender<Job>);

impl Admin {
    pub(crate) fn new(url: &str) -> Self {
        let (jobs, waiting) = mpsc::channel();
        let url = url.to_owned();
        thread::spawn(move || work(&url, &waiting));
        Self(jobs)
    }

    /// Runs it and waits.
    pub(crate) fn run(&self, sql: String) -> Result<(), String> {
        let (reply, answer) = mpsc::channel();
        self.0.send(Job { sql, reply: Some(reply) }).map_err(|error| error.to_string())?;
        answer.recv().map_err(|error| error.to_string())?
    }

    /// Runs it when there is time.
    pub(crate) fn later(&self, sql: String) {
        let _ = self.0.send(Job { sql, reply: None });
    }
}

fn work(url: &str, jobs: &mpsc::Receiver<Job>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut connection = None;
    for job in jobs {
        let result = runtime.block_on(run(&mut connection, url, &job.sql));
        if let Some(reply) = job.reply {
            let _ = reply.send(result.map_err(|error| error.to_string()));
        }
    }
}

/// On the connection that is there, or a new one: the server may have been stopped meanwhile.
async fn run(connection: &mut Option<PgConnection>, url: &str, sql: &str) -> Result<(), sqlx::Error> {
    if let Some(known) = connection
        && known.ping().await.is_err()
    {
        *connection = None;
    }
    let known = match connection {
        Some(known) => known,
        None => connection.insert(PgConnection::connect(url).await?),
    };
    known.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.map(|_| ())
}
