//! A backup of a SQLite file, also while a host serves from it, and the way back.

use super::OperatorError;
use crate::store::{PostgresAddress, StoreUrl, sqlite};
use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// What came of [`restore`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The database.
    pub database: PathBuf,
    /// Where the database from before lies now.
    pub aside: Option<PathBuf>,
    /// The version of the tables; a host brings older ones up to date.
    pub version: i64,
}

/// Writes the database into a file that is not there yet, for its owner only, and returns its bytes. Without the
/// keyring, which must not lie beside what it protects.
///
/// # Errors
/// Where it fails nothing is left behind.
pub async fn backup(url: &StoreUrl, file: &Path, keyring: &Path) -> Result<u64, OperatorError> {
    let database = match url {
        StoreUrl::Memory => return Err(OperatorError::Memory("back up")),
        StoreUrl::Sqlite(path) => path,
        StoreUrl::Postgres(address) => return Err(dump(address, file, keyring)),
    };
    // The name is taken first, so that no file of somebody else is written over; the content comes at once.
    let taken = match private(file) {
        Ok(_) => Unwanted(vec![file.to_owned()]),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(OperatorError::Exists { path: file.to_owned() });
        }
        Err(error) => return Err(OperatorError::io(file)(error)),
    };
    let partial = beside(file, ".partial");
    remove(&partial)?;
    let made = private(&partial).map_err(OperatorError::io(&partial))?;
    let half = Unwanted(vec![partial.clone()]);
    sqlite::operator::vacuum_into(database, &partial).await?;
    made.sync_all().map_err(OperatorError::io(&partial))?;
    let bytes = made.metadata().map_err(OperatorError::io(&partial))?.len();
    fs::rename(&partial, file).map_err(OperatorError::io(file))?;
    sync_folder(file)?;
    half.keep();
    taken.keep();
    Ok(bytes)
}

/// Puts a backup in the place of the database, which is kept beside it.
///
/// # Errors
/// While a host has the database open, and for a file that is not a whole database of ours: then the database is
/// as it was.
pub async fn restore(url: &StoreUrl, file: &Path, keyring: &Path) -> Result<Restored, OperatorError> {
    let database = match url {
        StoreUrl::Memory => return Err(OperatorError::Memory("restore")),
        StoreUrl::Sqlite(path) => path,
        StoreUrl::Postgres(address) => return Err(undump(address, file, keyring)),
    };
    if !file.is_file() {
        return Err(OperatorError::Absent { path: file.to_owned() });
    }
    let held = sqlite::operator::held(database)?;
    let database = held.path.clone();
    if file.canonicalize().is_ok_and(|file| file == database) {
        return Err(OperatorError::NoBackup {
            path: file.to_owned(),
            why: "it is the database itself".into(),
        });
    }
    // Checked is what will be used, not what may change meanwhile.
    let incoming = beside(&database, ".restore");
    remove(&incoming)?;
    let mut to = private(&incoming).map_err(OperatorError::io(&incoming))?;
    let half = Unwanted(vec![incoming.clone()]);
    let mut from = File::open(file).map_err(OperatorError::io(file))?;
    io::copy(&mut from, &mut to).and_then(|_| to.sync_all()).map_err(OperatorError::io(&incoming))?;
    let version = sqlite::operator::check_backup(&incoming)
        .await
        .map_err(|why| OperatorError::NoBackup { path: file.to_owned(), why })?;
    let aside = match database.exists() {
        true => Some(put_aside(&database).await?),
        false => None,
    };
    fs::rename(&incoming, &database).map_err(OperatorError::io(&database))?;
    sync_folder(&database)?;
    half.keep();
    drop(held);
    Ok(Restored { database, aside, version })
}

/// Gives the database a second name, and takes its log away, which must not meet the next one.
async fn put_aside(database: &Path) -> Result<PathBuf, OperatorError> {
    // Where this works there is no log afterwards. A damaged database may refuse: then its log goes with it.
    sqlite::operator::empty_log(database).await;
    let aside = (1..)
        .map(|n: u32| beside(database, &format!(".before-restore-{n}")))
        .find(|path| !path.exists())
        .unwrap_or_else(|| beside(database, ".before-restore"));
    if fs::hard_link(database, &aside).is_err() {
        // A file system without links.
        fs::rename(database, &aside).map_err(OperatorError::io(&aside))?;
    }
    let (log, log_aside) = (beside(database, "-wal"), beside(&aside, "-wal"));
    if log.exists() {
        fs::rename(&log, &log_aside).map_err(OperatorError::io(&log))?;
    }
    remove(&beside(database, "-shm"))?;
    Ok(aside)
}

fn dump(address: &PostgresAddress, file: &Path, keyring: &Path) -> OperatorError {
    let command = format!(
        "pg_dump --format=custom --no-owner --file={} --dbname={}",
        quoted(&file.display().to_string()),
        quoted(&address.to_string())
    );
    OperatorError::OwnProgram { what: "backed up", command, keyring: keyring.to_owned() }
}

fn undump(address: &PostgresAddress, file: &Path, keyring: &Path) -> OperatorError {
    let command = format!(
        "pg_restore --exit-on-error --single-transaction --no-owner --dbname={} {}",
        quoted(&address.to_string()),
        quoted(&file.display().to_string())
    );
    OperatorError::OwnProgram { what: "restored", command, keyring: keyring.to_owned() }
}

/// For a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Files that go unless everything went well.
struct Unwanted(Vec<PathBuf>);

impl Unwanted {
    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Unwanted {
    fn drop(&mut self) {
        for path in &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

/// A new file for its owner only.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn remove(path: &Path) -> Result<(), OperatorError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(OperatorError::io(path)(error)),
        _ => Ok(()),
    }
}

/// So that the name is as durable as the content.
fn sync_folder(file: &Path) -> Result<(), OperatorError> {
    let folder = std::path::absolute(file).map_err(OperatorError::io(file))?;
    let folder = folder.parent().unwrap_or(Path::new("/")).to_owned();
    File::open(&folder).and_then(|folder| folder.sync_all()).map_err(OperatorError::io(&folder))
}
