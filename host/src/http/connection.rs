//! One connection, from the handshake to its end.

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use gatewright_plugin::request::PeerCertificates;
use hyper::{Version, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use poem::{
    Addr, Endpoint,
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    activity::{Activity, Advice, Noted, Watchdog},
    check::LEAST_HEADER_BYTES,
    config::Limits,
};

/// Requests that one HTTP/2 connection may have open (RFC 9113 section 6.5.2 advises at least 100).
const MOST_STREAMS: u32 = 100;
/// Bytes that a client may send ahead on one stream and on one connection: bodies here are small, and what is sent
/// ahead is memory.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 512 * 1024;
/// How often an HTTP/2 client is asked whether it is still there, and how long it may take to answer.
const PING_EVERY: Duration = Duration::from_secs(20);
const PONG_WITHIN: Duration = Duration::from_secs(10);

/// What all connections of one listener share.
pub(super) struct Shared<E> {
    pub endpoint: Arc<E>,
    pub tls: Option<TlsAcceptor>,
    pub limits: Limits,
    pub local: SocketAddr,
    protocols: Protocols,
}

/// By what was agreed on in the handshake (RFC 7301); without TLS by the first bytes (RFC 9113 section 3.3).
struct Protocols {
    http1: Builder<TokioExecutor>,
    http2: Builder<TokioExecutor>,
    either: Builder<TokioExecutor>,
}

impl<E: Endpoint + 'static> Shared<E> {
    pub(super) fn new(endpoint: Arc<E>, tls: Option<TlsAcceptor>, limits: Limits, local: SocketAddr) -> Self {
        let either = builder(&limits);
        let protocols =
            Protocols { http1: either.clone().http1_only(), http2: either.clone().http2_only(), either };
        Self { endpoint, tls, limits, local, protocols }
    }

    /// Serves one connection until it ends.
    pub(super) async fn run(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        mut stop: watch::Receiver<bool>,
    ) {
        // Answers are small and complete: waiting to fill a packet only makes them late. Failing costs only that.
        let _ = stream.set_nodelay(true);
        let Some(acceptor) = &self.tls else {
            return self.speak(&self.protocols.either, stream, Scheme::HTTP, peer, None, stop).await;
        };
        let handshake = timeout(self.limits.tls_handshake_timeout(), acceptor.accept(stream));
        let tls = tokio::select! {
            result = handshake => match result {
                Ok(Ok(tls)) => tls,
                Ok(Err(error)) => return tracing::debug!(%peer, %error, "TLS handshake failed"),
                Err(_) => return tracing::debug!(%peer, "TLS handshake took too long"),
            },
            () = stopped(&mut stop) => return,
        };
        let protocol = match tls.get_ref().1.alpn_protocol() {
            Some(b"h2") => &self.protocols.http2,
            _ => &self.protocols.http1,
        };
        let certificates = peer_certificates(&tls);
        self.speak(protocol, tls, Scheme::HTTPS, peer, certificates, stop).await;
    }

    async fn speak<S>(
        &self,
        protocol: &Builder<TokioExecutor>,
        stream: S,
        scheme: Scheme,
        peer: SocketAddr,
        certificates: Option<PeerCertificates>,
        mut stop: watch::Receiver<bool>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let activity = Arc::new(Activity::default());
        let io = TokioIo::new(Noted::new(stream, activity.clone()));
        let (local, remote) = (LocalAddr(Addr::SocketAddr(self.local)), RemoteAddr(Addr::SocketAddr(peer)));
        let (endpoint, noted) = (self.endpoint.clone(), activity.clone());
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            let running = noted.begin(request.version() == Version::HTTP_2);
            if let Some(certificates) = &certificates {
                request.extensions_mut().insert(certificates.clone());
            }
            let endpoint = endpoint.clone();
            let request = (request, local.clone(), remote.clone(), scheme.clone()).into();
            async move {
                let response: hyper::Response<_> = endpoint.get_response(request).await.into();
                drop(running);
                Ok::<_, Infallible>(response)
            }
        });

        let mut connection = pin!(protocol.serve_connection(io, service));
        let mut watchdog = Watchdog::new(&self.limits);
        let mut ticks = interval(watchdog.tick);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.reset();
        let (mut stopping, mut farewell) = (false, false);
        loop {
            tokio::select! {
                biased;
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(%peer, %error, "connection ended");
                    }
                    return;
                }
                () = stopped(&mut stop), if !stopping => {
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
                _ = ticks.tick() => match watchdog.look(&activity) {
                    Advice::Stay => {}
                    Advice::Finish if !farewell => {
                        farewell = true;
                        connection.as_mut().graceful_shutdown();
                    }
                    // It did not take the farewell either.
                    Advice::Finish | Advice::HangUp => return tracing::debug!(%peer, "connection timed out"),
                },
            }
        }
    }
}

/// Ends when the server is to stop: the value is `true`, or nobody is left who could set it.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone.
    let _ = stop.wait_for(|stop| *stop).await;
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // This timer also runs between two requests; the shorter one for a header that has begun is the watchdog's.
        .header_read_timeout(limits.header_timeout().max(limits.idle_timeout()))
        .max_buf_size(limits.max_header_bytes.max(LEAST_HEADER_BYTES))
        .keep_alive(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(u32::try_from(limits.max_header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PONG_WITHIN);
    builder
}

/// The certificates that the client proved to own; none when it showed none.
fn peer_certificates(tls: &TlsStream<TcpStream>) -> Option<PeerCertificates> {
    let chain = tls.get_ref().1.peer_certificates().filter(|chain| !chain.is_empty())?;
    Some(PeerCertificates(Arc::new(chain.iter().map(|der| der.to_vec()).collect())))
}
