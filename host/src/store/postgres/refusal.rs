//! Why a PostgreSQL could not be opened, and what to do.

use super::driver;
use sqlx::postgres::PgConnectOptions;

/// Why a PostgreSQL could not be opened. None holds the password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Nobody answers there.
    #[error(
        "no server answers: {0}; check that it runs, that host and port in `store` are right, and what lies between"
    )]
    NoRoute(String),
    /// Wrong user or password, or a rule of the server.
    #[error(
        "the server does not let {user} in: {said}; check the user in `store`, the password (`database.password`), and the server's pg_hba.conf"
    )]
    NotLetIn {
        /// The user.
        user: String,
        /// What the server said.
        said: String,
    },
    /// The database is not there.
    #[error("the server has no such database; make it: CREATE DATABASE {database} OWNER {user}")]
    NoDatabase {
        /// The database.
        database: String,
        /// Who would own it.
        user: String,
    },
    /// The connection could not be protected as `sslmode` asks.
    #[error(
        "the connection could not be protected: {0}; check `sslmode` and `sslrootcert` in `store`, and the server's certificate"
    )]
    Tls(String),
    /// Too many connections, starting, shutting down.
    #[error(
        "the server takes no connection now: {0}; try again, and compare its max_connections with `database.connections` of all nodes"
    )]
    Busy(String),
    /// The user may not do what is needed.
    #[error("the user lacks rights: {0}; let it own the database, or GRANT CREATE, USAGE ON the schema")]
    NoRights(String),
    /// No schema to make tables in.
    #[error("there is no schema to make tables in; make one, or set the search_path of the user")]
    NoSchema,
    /// Another program's tables.
    #[error(
        "the schema `{schema}` holds tables of another program and was left as it is; name another database"
    )]
    Foreign {
        /// The schema.
        schema: String,
    },
    /// The tables were written by a newer version of this program.
    #[error(
        "the tables have schema version {found} and this program knows versions up to {known}; run the newer program, or go back to a backup from before the upgrade"
    )]
    Newer {
        /// Their version.
        found: i64,
        /// The newest one known here.
        known: i64,
    },
    /// A command may not take a step that running nodes have not taken.
    #[error(
        "the tables have schema version {found} and this program needs {known}; start a node of this version first, which brings them up to date"
    )]
    Older {
        /// Their version.
        found: i64,
        /// What is needed.
        known: i64,
    },
    /// A copy from another database that was begun and not ended.
    #[error(
        "it is an unfinished copy of another database, and no host starts on it; run `gatewright store copy` again, which begins anew, or name another database"
    )]
    Unfinished,
    /// A step failed and was undone.
    #[error(
        "the step to schema version {version} failed and was undone: {said}; the tables are as they were before"
    )]
    Step {
        /// The version that was to be reached.
        version: i64,
        /// What the server said.
        said: String,
    },
    /// Anything else that the server or the driver said.
    #[error("{0}")]
    Other(String),
}

impl Refusal {
    /// What the driver said while the database was opened.
    pub(super) fn of(error: &sqlx::Error, options: &PgConnectOptions) -> Self {
        let said = driver::said(error);
        let user = options.get_username().to_owned();
        match (error, driver::code(error).as_deref()) {
            (_, Some("28P01" | "28000")) => Self::NotLetIn { user, said },
            (_, Some("3D000")) => {
                let database = options.get_database().unwrap_or(options.get_username()).to_owned();
                Self::NoDatabase { database, user }
            }
            (_, Some("42501")) => Self::NoRights(said),
            (_, Some("3F000")) => Self::NoSchema,
            (_, Some(code)) if driver::is_passing_code(code) => Self::Busy(said),
            // What is wrong with a certificate comes as an error of reading.
            (sqlx::Error::Io(error), _) if error.get_ref().is_some_and(|e| e.is::<rustls::Error>()) => {
                Self::Tls(said)
            }
            (sqlx::Error::Io(_), _) => Self::NoRoute(said),
            (sqlx::Error::Tls(_), _) => Self::Tls(said),
            _ => Self::Other(said),
        }
    }
}
