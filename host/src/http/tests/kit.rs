//! A server with a few routes, and a client that writes what it is told.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use gatewright_plugin::{
    Reach,
    request::{ClientAddress, PeerCertificates, RequestId, RouteName, Secure},
};
use poem::{
    Body, Endpoint, Error, Request, Response, Route, RouteMethod,
    endpoint::make,
    error::{InternalServerError, ResponseError},
    http::{Method, StatusCode, header},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    task::JoinHandle,
    time::timeout,
};

use super::super::{Door, HttpConfig, Metrics, serve};

pub(super) struct Server {
    pub address: SocketAddr,
    pub metrics: Arc<Metrics>,
    pub stop: watch::Sender<bool>,
    pub task: JoinHandle<io::Result<()>>,
    /// `/wait` has begun.
    pub waiting: Arc<Notify>,
    /// Lets `/wait` answer.
    pub release: Arc<Notify>,
}

/// Length of the answer of `/large` in bytes: more than the kernel buffers on both sides.
pub(super) const LARGE: usize = 24 * 1024 * 1024;

pub(super) fn config() -> HttpConfig {
    HttpConfig::default()
}

pub(super) fn door(
    config: &HttpConfig,
    metrics: Arc<Metrics>,
    waiting: Arc<Notify>,
    release: Arc<Notify>,
) -> impl Endpoint<Output = Response> + 'static {
    let counter = AtomicU64::new(1);
    let random = Arc::new(move |bytes: &mut [u8]| {
        for part in bytes.chunks_exact_mut(8) {
            part.copy_from_slice(&counter.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        }
    });
    let allow = Arc::new(|path: &str| (path == "/echo").then(|| "POST, PUT".to_owned()));
    Door::new(routes(waiting, release), config, metrics, random, (allow, Arc::new(|_, _, _, _| None)))
        .map_err(|m| format!("{m:?}"))
        .unwrap()
        .reached(Arc::new(|method, path| match path {
            "/shared" if *method != Method::DELETE => Reach::Shared,
            "/form" if *method == Method::POST => Reach::OtherSites,
            _ => Reach::OwnSite,
        }))
}

fn routes(waiting: Arc<Notify>, release: Arc<Notify>) -> Route {
    let hello = make(|_| async { Response::builder().extension(RouteName("/hello")).body("hello") });
    let echo = make(|mut request: Request| async move {
        let bytes = request.take_body().into_bytes().await?;
        Ok::<_, Error>(
            Response::builder().content_type("application/octet-stream").body(Body::from_bytes(bytes)),
        )
    });
    let who = make(|request: Request| async move {
        let address = request.extensions().get::<ClientAddress>().unwrap().0;
        let secure = request.extensions().get::<Secure>().unwrap().0;
        let id = request.extensions().get::<RequestId>().unwrap().0.clone();
        let certificates = request.extensions().get::<PeerCertificates>().map_or(0, |chain| chain.0.len());
        format!("{address} secure={secure} id={id} certificates={certificates}")
    });
    let wait = make(move |_| {
        let (waiting, release) = (waiting.clone(), release.clone());
        async move {
            waiting.notify_one();
            release.notified().await;
            "waited"
        }
    });
    let own = make(|_| async {
        Response::builder()
            .header(header::CONTENT_SECURITY_POLICY, "default-src 'self'")
            .header(header::CACHE_CONTROL, "max-age=60")
            .body("<p>")
    });
    Route::new()
        .at("/hello", RouteMethod::new().get(hello))
        .at("/echo", RouteMethod::new().post(echo).put(make(|_| async { "put" })))
        .at("/who", who)
        .at("/shared", make(brought))
        .at("/form", make(brought))
        .at("/wait", wait)
        .at("/own", own)
        .at("/large", make(|_| async { vec![b'x'; LARGE] }))
        .at("/panic", make(|_| async { panic_now() }))
        .at("/fail", make(|_| async { Err::<(), _>(InternalServerError(io::Error::other("seed\n4711"))) }))
        .at("/teapot", make(|_| async { Err::<(), _>(teapot()) }))
        .at("/shaped", make(|_| async { Err::<(), _>(Error::from_response(shaped())) }))
        .at("/dialect", make(|_| async { Err::<(), Error>(Taken.into()) }))
}

/// Says what the request has brought of its browser.
async fn brought(request: Request) -> String {
    let has = |name| request.headers().contains_key(name);
    let certificates = request.extensions().get::<PeerCertificates>().map_or(0, |chain| chain.0.len());
    let (cookie, password) = (has(header::COOKIE), has(header::AUTHORIZATION));
    format!("cookie={cookie} password={password} certificates={certificates}")
}

fn teapot() -> Error {
    let mut error = Error::from_status(StatusCode::IM_A_TEAPOT);
    error.set_data(RouteName("/teapot"));
    error
}

fn shaped() -> Response {
    Response::builder().status(StatusCode::CONFLICT).content_type("text/plain").body("taken")
}

/// An error in the words of some dialect.
#[derive(Debug, thiserror::Error)]
#[error("taken")]
struct Taken;

impl ResponseError for Taken {
    fn status(&self) -> StatusCode {
        StatusCode::CONFLICT
    }

    fn as_response(&self) -> Response {
        Response::builder()
            .status(StatusCode::CONFLICT)
            .content_type("application/json")
            .body(r#"{"errorCode":7}"#)
    }
}

fn panic_now() -> String {
    panic!("on purpose")
}

pub(super) fn metrics() -> Arc<Metrics> {
    Arc::new(Metrics::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000)).unwrap())
}

pub(super) async fn start(config: HttpConfig) -> Server {
    start_with(config, None).await
}

pub(super) async fn start_with(config: HttpConfig, tls: Option<Arc<rustls::ServerConfig>>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (waiting, release, metrics) = (Arc::new(Notify::new()), Arc::new(Notify::new()), metrics());
    let door = Arc::new(door(&config, metrics.clone(), waiting.clone(), release.clone()));
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(serve(listener, tls, door, config.limits, metrics.clone(), stopped));
    Server { address, metrics, stop, task, waiting, release }
}

impl Server {
    pub(super) async fn connect(&self) -> Client<TcpStream> {
        Client::new(TcpStream::connect(self.address).await.unwrap())
    }

    /// One request on a connection of its own.
    pub(super) async fn ask(&self, request: &str) -> Answer {
        let mut client = self.connect().await;
        client.send(request).await;
        client.answer().await
    }

    /// `GET` with more header lines, each ended by CRLF.
    pub(super) async fn get(&self, path: &str, lines: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: id.example\r\n{lines}\r\n")).await
    }

    /// `POST /echo` with the body `hi` and more header lines.
    pub(super) async fn post(&self, lines: &str) -> Answer {
        self.ask(&format!("POST /echo HTTP/1.1\r\nHost: id.example\r\nContent-Length: 2\r\n{lines}\r\nhi"))
            .await
    }
}

#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// Status, type and code of a problem.
    pub(super) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(json["status"], self.status);
        let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        for key in ["type", "title", "status", "detail", "code"] {
            assert!(keys.contains(&key), "{key} in {json}");
        }
        (self.status, json["code"].as_str().unwrap().to_owned())
    }
}

pub(super) struct Client<S> {
    pub stream: S,
    read: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, read: Vec::new() }
    }

    pub(super) async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Reads one answer; its body by `Content-Length`.
    pub(super) async fn answer(&mut self) -> Answer {
        timeout(Duration::from_secs(5), self.read_answer()).await.expect("an answer within five seconds")
    }

    /// Reads an answer that has no body whatever its `Content-Length` says (RFC 9110 section 9.3.2).
    pub(super) async fn head(&mut self) -> Answer {
        timeout(Duration::from_secs(5), self.read_head()).await.expect("an answer within five seconds")
    }

    async fn read_head(&mut self) -> Answer {
        let end = loop {
            if let Some(at) = self.read.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(self.more().await, "closed after {:?}", String::from_utf8_lossy(&self.read));
        };
        let head = String::from_utf8(self.read.drain(..end).collect()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: String::new() }
    }

    async fn read_answer(&mut self) -> Answer {
        let mut answer = self.read_head().await;
        let length: usize = answer.header("content-length").map_or(0, |n| n.parse().unwrap());
        while self.read.len() < length {
            if !self.more().await {
                break;
            }
        }
        let length = length.min(self.read.len());
        answer.body = String::from_utf8(self.read.drain(..length).collect()).unwrap();
        answer
    }

    async fn more(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let n = self.stream.read(&mut buffer).await.unwrap_or(0);
        self.read.extend_from_slice(&buffer[..n]);
        n > 0
    }

    /// Waits until the server closes; true when it did within `limit` without sending anything more.
    pub(super) async fn closed_within(&mut self, limit: Duration) -> bool {
        let mut byte = [0];
        matches!(timeout(limit, self.stream.read(&mut byte)).await, Ok(Ok(0) | Err(_)))
    }
}
