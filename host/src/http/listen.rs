//! Accepts connections, as many as there may be, until told to stop.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use poem::Endpoint;
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::{JoinError, JoinSet},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::{
    config::Limits,
    connection::{Shared, stopped},
    metrics::{Metrics, OpenConnection},
};

/// How long to wait after an error that will not be gone at once (EMFILE: no file descriptor is free), at first and
/// at most; it doubles in between.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often at most the log says that connections are refused.
const SAY_EVERY: Duration = Duration::from_secs(10);

/// Serves `endpoint` on `listener` until `stop` becomes `true` or its sender is dropped.
///
/// A connection past `max_connections` is accepted and closed at once. Left in the kernel's queue it would hang
/// until its client gives up, and a queue of ours would hold the file descriptors that the limit is there to save; a
/// closed connection tells a client or a load balancer right now to go elsewhere.
///
/// On stop nothing is accepted any more, idle connections are closed, requests under way get `shutdown_grace_ms` to
/// finish, and what is left then is dropped.
///
/// # Errors
/// The listener has no address. Errors of single connections never end the loop.
pub async fn serve<E>(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    endpoint: Arc<E>,
    limits: Limits,
    metrics: Arc<Metrics>,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()>
where
    E: Endpoint + 'static,
{
    let local = listener.local_addr()?;
    let grace = limits.shutdown_grace();
    let room = Arc::new(Semaphore::new(limits.max_connections.min(Semaphore::MAX_PERMITS)));
    let shared = Arc::new(Shared::new(endpoint, tls.map(TlsAcceptor::from), limits, local));
    let mut connections = JoinSet::new();
    let mut said: Option<Instant> = None;
    let mut pause = FIRST_PAUSE;
    loop {
        let accepted = tokio::select! {
            biased;
            () = stopped(&mut stop) => break,
            Some(ended) = connections.join_next(), if !connections.is_empty() => {
                report(ended);
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::select! {
                    () = stopped(&mut stop) => break,
                    () = sleep(pause) => {}
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
                continue;
            }
        };
        pause = FIRST_PAUSE;
        let Ok(permit) = room.clone().try_acquire_owned() else {
            refuse(stream, peer, &metrics, &mut said);
            continue;
        };
        let open = OpenConnection::new(&metrics);
        let serving = shared.clone().run(stream, peer, stop.clone());
        connections.spawn(async move {
            serving.await;
            drop((open, permit));
        });
    }
    drop(listener);
    let finish = async { while connections.join_next().await.is_some() {} };
    if timeout(grace, finish).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "dropped at shutdown: not finished within shutdown_grace_ms"
        );
        connections.shutdown().await;
    }
    Ok(())
}

fn refuse(stream: TcpStream, peer: SocketAddr, metrics: &Metrics, said: &mut Option<Instant>) {
    drop(stream);
    metrics.refused.inc();
    if said.is_none_or(|at| at.elapsed() >= SAY_EVERY) {
        *said = Some(Instant::now());
        tracing::warn!(%peer, "connections are refused: http.limits.max_connections are open");
    }
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("a connection panicked");
    }
}

/// Errors that `accept` hands on from a connection that is already gone (accept(2)): the next one may well be good.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}
