//! The host's side.

use super::{Reload, Request, Told, folder::Folder};
use rustix::process::geteuid;
use std::{fs, io, os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixSocket, UnixStream},
    signal::unix::{Signal, SignalKind, signal},
    sync::{Mutex, Semaphore, watch},
    time::{sleep, timeout},
};

/// Who has connected says within this time what is wanted, and takes each line of the answer within it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest line that is asked.
const LONGEST: u64 = 4 * 1024;
/// Who is attended to at the same time.
const AT_ONCE: usize = 8;
const BACKLOG: u32 = 16;

/// What does the work, one thing at a time.
struct Desk {
    work: Arc<dyn Reload>,
    alone: Mutex<()>,
}

impl Desk {
    /// Reloads in a task of its own: whoever asked may go away, the work is not left half done.
    async fn reload(self: Arc<Self>, plugin: Option<String>) -> Result<Vec<String>, Vec<String>> {
        let task = tokio::spawn(async move {
            let _alone = self.alone.lock().await;
            self.work.reload(plugin.as_deref()).await
        });
        task.await.unwrap_or_else(|_| Err(vec!["the host broke down over it; its log has more".to_owned()]))
    }

    async fn answer(self: Arc<Self>, request: Request) -> Vec<Told> {
        let (mut told, well): (Vec<Told>, bool) = match request {
            Request::Plugins {} => (self.work.running().into_iter().map(Told::Plugin).collect(), true),
            Request::Reload { plugin } => match self.reload(plugin).await {
                Ok(lines) => (lines.into_iter().map(Told::Line).collect(), true),
                Err(reasons) => (reasons.into_iter().map(Told::Reason).collect(), false),
            },
        };
        told.push(Told::Done(well));
        told
    }
}

/// Listens on the socket of this data folder and for SIGHUP, which reloads all libraries, until the channel says stop.
///
/// # Errors
/// When the system has no signals to hear. A socket that can't be had is only logged.
pub fn start(data: &Path, work: Arc<dyn Reload>, stop: &watch::Receiver<bool>) -> io::Result<()> {
    let desk = Arc::new(Desk { work, alone: Mutex::new(()) });
    tokio::spawn(hear(signal(SignalKind::hangup())?, desk.clone(), stop.clone()));
    match listen(data) {
        Ok(Some((folder, listener))) => drop(tokio::spawn(attend_all(folder, listener, desk, stop.clone()))),
        Ok(None) => tracing::warn!(
            data = %data.display(),
            "another host listens on the control socket of this data folder; this one obeys SIGHUP only"
        ),
        Err(error) => tracing::warn!(
            data = %data.display(), %error,
            "the control socket can't be had; this host obeys SIGHUP only"
        ),
    }
    Ok(())
}

/// `None`: another host has the folder.
fn listen(data: &Path) -> io::Result<Option<(Folder, UnixListener)>> {
    let folder = Folder::open(data)?;
    if !folder.hold()? {
        return Ok(None);
    }
    folder.clear()?;
    let (socket, address) = (UnixSocket::new_stream()?, folder.address());
    socket.bind(&address)?;
    // Before anybody can connect.
    fs::set_permissions(&address, fs::Permissions::from_mode(0o600))?;
    Ok(Some((folder, socket.listen(BACKLOG)?)))
}

async fn hear(mut hangup: Signal, desk: Arc<Desk>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            heard = hangup.recv() => if heard.is_none() { return },
        }
        tracing::info!("SIGHUP: all libraries are reloaded");
        match desk.clone().reload(None).await {
            Ok(lines) => lines.iter().for_each(|line| tracing::info!("{line}")),
            Err(reasons) => reasons.iter().for_each(|reason| tracing::error!("not reloaded: {reason}")),
        }
    }
}

async fn attend_all(
    folder: Folder,
    listener: UnixListener,
    desk: Arc<Desk>,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let accepted = tokio::select! {
            _ = stop.changed() => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "nobody can be let in at the control socket");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Whoever comes too many is sent away.
        let Ok(place) = room.clone().try_acquire_owned() else { continue };
        let desk = desk.clone();
        tokio::spawn(async move {
            if let Err(error) = attend(stream, desk).await {
                tracing::debug!(%error, "the control socket was left early");
            }
            drop(place);
        });
    }
    // While the folder is still held.
    if let Err(error) = folder.clear() {
        tracing::warn!(%error, "the control socket can't be taken away");
    }
}

async fn attend(stream: UnixStream, desk: Arc<Desk>) -> io::Result<()> {
    let peer = stream.peer_cred()?;
    if peer.uid() != 0 && peer.uid() != geteuid().as_raw() {
        tracing::warn!(uid = peer.uid(), "another user's program was refused at the control socket");
        return Ok(());
    }
    let (reader, mut writer) = stream.into_split();
    let mut line = Vec::new();
    let mut reader = BufReader::new(reader.take(LONGEST));
    let read = reader.read_until(b'\n', &mut line);
    timeout(PATIENCE, read).await.map_err(|_| io::ErrorKind::TimedOut)??;
    let told = match serde_json::from_slice::<Request>(&line) {
        Ok(request) => {
            tracing::info!(uid = peer.uid(), pid = peer.pid(), ?request, "asked over the control socket");
            desk.answer(request).await
        }
        Err(error) => vec![Told::Reason(format!("not a request: {error}")), Told::Done(false)],
    };
    for one in told {
        let mut line = serde_json::to_vec(&one)?;
        line.push(b'\n');
        timeout(PATIENCE, writer.write_all(&line)).await.map_err(|_| io::ErrorKind::TimedOut)??;
    }
    timeout(PATIENCE, writer.shutdown()).await.map_err(|_| io::ErrorKind::TimedOut)?
}
