//! How a database is, and bringing its tables up to date.

use super::{OperatorError, link::Side};
use crate::store::{StoreUrl, postgres, sql::tables::TABLES, sqlite};

/// A step that brings the tables to a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The version after it.
    pub version: i64,
    /// Its name, which is that of its file.
    pub name: &'static str,
    /// What it does.
    pub sql: &'static str,
}

/// How a database is.
#[derive(Clone, Debug)]
pub struct Status {
    /// Its address, without a password.
    pub place: String,
    /// Kind and version of the database program.
    pub database: String,
    /// The version of its tables; 0: there are none.
    pub found: i64,
    /// The version that this program brings them to.
    pub known: i64,
    /// The steps between the two.
    pub pending: Vec<Step>,
    /// Bytes on the disk, where there is something.
    pub bytes: Option<u64>,
    /// Who has it open; none: nobody.
    pub in_use: Option<String>,
    /// What is wrong with it; none: it is whole.
    pub damage: Option<String>,
    /// Whether a copy to it was begun and not ended.
    pub unfinished: bool,
    /// Rows of each table. Empty where the tables are not those of this program.
    pub rows: Vec<Rows>,
}

/// Rows of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The table.
    pub table: &'static str,
    /// How many.
    pub rows: i64,
    /// Whether that is an estimate of the database.
    pub estimated: bool,
}

/// Looks at a database; changes nothing.
///
/// # Errors
/// When it can't be opened or is another program's.
pub async fn status(url: &StoreUrl) -> Result<Status, OperatorError> {
    match url {
        StoreUrl::Memory => Err(OperatorError::Memory("look at")),
        StoreUrl::Sqlite(path) => sqlite::operator::status(path).await,
        StoreUrl::Postgres(address) => postgres::operator::status(address).await,
    }
}

/// Brings the tables to the version of this program, as a host does when it starts; makes them where there
/// are none. Returns the version from before, and the one now.
///
/// # Errors
/// Those of a host that starts.
pub async fn migrate(url: &StoreUrl) -> Result<(i64, i64), OperatorError> {
    match url {
        StoreUrl::Memory => Err(OperatorError::Memory("migrate")),
        StoreUrl::Sqlite(path) => sqlite::operator::migrate(path).await,
        StoreUrl::Postgres(address) => postgres::operator::migrate(address).await,
    }
}

/// All rows of all tables, counted. A table that can't be read because it is damaged ends the counting.
pub(in crate::store) async fn count(side: &mut Side) -> Result<Vec<Rows>, OperatorError> {
    let mut counted = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        let rows = side.number(format!("SELECT count(*) FROM {}", table.name)).await?;
        counted.push(Rows { table: table.name, rows, estimated: false });
    }
    Ok(counted)
}
