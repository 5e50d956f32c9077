//! The operator's side.

use super::{Request, Told, folder::Folder};
use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
    time::timeout,
};

/// Loading has deadlines of its own; a host that says nothing for longer than this is stuck.
const PATIENCE: Duration = Duration::from_secs(120);
/// All that is told.
const LONGEST: u64 = 1024 * 1024;

/// Why nobody answers.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// There is no host.
    #[error(
        "no server runs on the data folder {}: there is nothing to reload, a server reads everything when it starts \
         (`data` or GATEWRIGHT_DATA says which folder is meant)",
        .0.display()
    )]
    NotRunning(PathBuf),
    /// It is somebody else's.
    #[error("{} belongs to another user: run this as the user that the server runs as, or as root", .0.display())]
    Denied(PathBuf),
    /// It goes on for too long.
    #[error(
        "the server said nothing for {} seconds; it may still be at it, its log has more",
        PATIENCE.as_secs()
    )]
    TimedOut,
    /// It ended in between, or is none.
    #[error("the server broke off; its log has more")]
    BrokenOff,
    /// The system says no.
    #[error("{}: {source}", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Asks the host that runs on this data folder; `tell` gets each line as it comes. Returns whether it went well.
///
/// # Errors
/// When nobody answers, or not to the end.
pub async fn ask(
    data: &Path,
    request: &Request,
    tell: &mut (dyn FnMut(Told) + Send),
) -> Result<bool, ControlError> {
    let stream = connected(data).await?;
    let io = |source| ControlError::Io { path: data.to_owned(), source };
    let (reader, mut writer) = stream.into_split();
    let mut line = serde_json::to_vec(request).map_err(|e| io(e.into()))?;
    line.push(b'\n');
    writer.write_all(&line).await.map_err(|_| ControlError::BrokenOff)?;
    let mut lines = BufReader::new(reader.take(LONGEST)).lines();
    loop {
        let next = timeout(PATIENCE, lines.next_line()).await.map_err(|_| ControlError::TimedOut)?;
        let line = next.ok().flatten().ok_or(ControlError::BrokenOff)?;
        match serde_json::from_str(&line).map_err(|_| ControlError::BrokenOff)? {
            Told::Done(well) => return Ok(well),
            told => tell(told),
        }
    }
}

async fn connected(data: &Path) -> Result<UnixStream, ControlError> {
    let failed = |path: PathBuf, source: io::Error| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            ControlError::NotRunning(data.to_owned())
        }
        io::ErrorKind::PermissionDenied => ControlError::Denied(path),
        _ => ControlError::Io { path, source },
    };
    let folder = Folder::open(data).map_err(|e| failed(data.to_owned(), e))?;
    UnixStream::connect(folder.address()).await.map_err(|e| failed(folder.named(), e))
}
