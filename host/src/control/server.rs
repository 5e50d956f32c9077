//! The host's side.

use super::{By, Reload, Reloaded, Request, Told, Wanted, folder::Folder};
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
    async fn reload(self: Arc<Self>, wanted: Wanted) -> Reloaded {
        let task = tokio::spawn(async move {
            let _alone = self.alone.lock().await;
            self.work.reload(&wanted).await
        });
        task.await.unwrap_or_else(|_| Reloaded {
            failed: vec!["the host broke down over it; its log has more".to_owned()],
            ..Reloaded::default()
        })
    }

    async fn answer(self: Arc<Self>, request: Request, uid: u32) -> Vec<Told> {
        let (mut told, well): (Vec<Told>, bool) = match request {
            Request::Plugins {} => (self.work.running().into_iter().map(Told::Plugin).collect(), true),
            Request::Reload { plugin, changed_traits } => {
                let Reloaded { swapped, notes, failed } =
                    self.reload(Wanted { plugin, changed_traits, by: By::User(uid) }).await;
                let well = failed.is_empty();
                let told = swapped.into_iter().map(Told::Swapped);
                let told = told.chain(notes.into_iter().map(Told::Line));
                (told.chain(failed.into_iter().map(Told::Reason)).collect(), well)
            }
        };
        told.push(Told::Done(well));
        told
    }
}

/// Hears SIGHUP from now on: one that comes before [`start`] is obeyed then, and does not end the process.
///
/// # Errors
/// When the system has no signals to hear.
pub fn hangup() -> io::Result<Signal> {
    signal(SignalKind::hangup())
}

/// Listens on the socket of this data folder and for SIGHUP, which reloads all libraries, until the channel says stop.
/// A socket that can't be had is only logged.
pub fn start(data: &Path, work: Arc<dyn Reload>, hangup: Signal, stop: &watch::Receiver<bool>) {
    let desk = Arc::new(Desk { work, alone: Mutex::new(()) });
    tokio::spawn(hear(hangup, desk.clone(), stop.clone()));
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
        let wanted = Wanted { plugin: None, changed_traits: false, by: By::Signal };
        let Reloaded { swapped, notes, failed } = desk.clone().reload(wanted).await;
        swapped.iter().chain(&notes).for_each(|line| tracing::info!("{line}"));
        failed.iter().for_each(|reason| tracing::error!("not reloaded: {reason}"));
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
            desk.answer(request, peer.uid()).await
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
