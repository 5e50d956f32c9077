//! Moving an instance from one database to another.

use super::{
    OperatorError, UNFINISHED,
    digest::{Content, Digest},
    link::Side,
};
use crate::store::{
    StoreUrl, postgres,
    sql::tables::{TABLES, Table},
    sqlite,
};

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The table.
    pub table: &'static str,
    /// Whether the copy is being read again and compared.
    pub comparing: bool,
    /// Rows of the table that are done.
    pub done: u64,
    /// Rows of the table.
    pub rows: u64,
}

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Rows of each table.
    pub tables: Vec<(&'static str, u64)>,
    /// Chains of the audit log whose head is that of their last line.
    pub chains: i64,
}

/// Tenants whose audit log does not end where its head says. Lines from before there was a chain have no hash.
const BROKEN_CHAINS: &str = "SELECT count(*) FROM audit_heads h
    LEFT JOIN audit a ON a.tenant = h.tenant AND a.number = h.number
    WHERE h.number > h.anchor AND (a.hash IS NULL OR a.hash <> h.hash)";

/// Copies everything, compares both sides, and says how far it is meanwhile. The source is held so that nobody
/// writes to it; the destination must be empty, or an unfinished copy, which is begun anew.
///
/// # Errors
/// Where it fails the destination is marked as unfinished, and no host starts on it.
pub async fn copy(
    from: &StoreUrl,
    to: &StoreUrl,
    mut say: impl FnMut(Progress) + Send,
) -> Result<Copied, OperatorError> {
    if from == to {
        return Err(OperatorError::Same { place: from.to_string() });
    }
    let mut source = match from {
        StoreUrl::Memory => return Err(OperatorError::Memory("copy")),
        StoreUrl::Sqlite(path) => sqlite::operator::source(path).await?,
        StoreUrl::Postgres(address) => postgres::operator::source(address).await?,
    };
    let mut destination = match to {
        StoreUrl::Memory => return Err(OperatorError::Memory("copy to")),
        StoreUrl::Sqlite(path) => sqlite::operator::destination(path).await?,
        StoreUrl::Postgres(address) => postgres::operator::destination(address).await?,
    };
    clear(&mut destination, &source.place).await?;
    let mut copied = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        copied.push(fill(table, &mut source, &mut destination, &mut say).await?);
    }
    for (table, content) in TABLES.iter().zip(&copied) {
        compare(table, content, &mut destination, &mut say).await?;
    }
    let chains = destination.number("SELECT count(*) FROM audit_heads".to_owned()).await?;
    match destination.number(BROKEN_CHAINS.to_owned()).await? {
        0 => {}
        chains => return Err(OperatorError::Chains { chains }),
    }
    destination.run(format!("DROP TABLE {UNFINISHED}")).await?;
    destination.close().await;
    source.close().await;
    Ok(Copied { tables: TABLES.iter().map(|t| t.name).zip(copied.iter().map(|c| c.rows)).collect(), chains })
}

/// Marks the destination as unfinished. What an unfinished copy left behind goes; anything else is left alone.
async fn clear(destination: &mut Side, source: &str) -> Result<(), OperatorError> {
    if destination.is_unfinished().await? {
        for table in TABLES.iter().rev() {
            destination.run(format!("DELETE FROM {}", table.name)).await?;
        }
        return Ok(());
    }
    for table in TABLES {
        let rows = destination.number(format!("SELECT count(*) FROM {}", table.name)).await?;
        if rows > 0 {
            return Err(OperatorError::NotEmpty { place: destination.place.clone(), table: table.name });
        }
    }
    tracing::debug!(source, "a copy begins");
    destination.run(format!("CREATE TABLE {UNFINISHED} (version BIGINT)")).await
}

async fn fill(
    table: &'static Table,
    source: &mut Side,
    destination: &mut Side,
    say: &mut (impl FnMut(Progress) + Send),
) -> Result<Content, OperatorError> {
    let rows = source.number(format!("SELECT count(*) FROM {}", table.name)).await?.unsigned_abs();
    let (mut digest, mut done, mut last) = (Digest::new(), 0, None);
    loop {
        say(Progress { table: table.name, comparing: false, done, rows });
        let mut page = source.page(table, last.as_ref()).await?;
        if page.is_empty() {
            return Ok(digest.finish());
        }
        destination.put(table, &page).await?;
        page.iter().for_each(|row| digest.add(row));
        done += page.len() as u64;
        last = page.pop();
    }
}

/// Reads the copy again.
async fn compare(
    table: &'static Table,
    expected: &Content,
    destination: &mut Side,
    say: &mut (impl FnMut(Progress) + Send),
) -> Result<(), OperatorError> {
    let (mut digest, mut done, mut last) = (Digest::new(), 0, None);
    loop {
        say(Progress { table: table.name, comparing: true, done, rows: expected.rows });
        let mut page = destination.page(table, last.as_ref()).await?;
        if page.is_empty() {
            break;
        }
        page.iter().for_each(|row| digest.add(row));
        done += page.len() as u64;
        last = page.pop();
    }
    let found = digest.finish();
    if found != *expected {
        let (source_rows, rows) = (expected.rows, found.rows);
        return Err(OperatorError::Differs { table: table.name, source_rows, rows });
    }
    Ok(())
}
