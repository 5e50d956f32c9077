//! One line a request, and nothing in it that is a secret.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use poem::{
    Body, Endpoint, Request, RequestParts,
    http::{Method, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::sync::Notify;
use tracing_subscriber::fmt::MakeWriter;

use super::kit::{config, door, metrics};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What is logged while one request goes through the door, without a socket.
async fn logged(method: Method, target: &str) -> String {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().with_writer(lines.clone()).with_ansi(false).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let door = door(&config(), metrics(), Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (head, ()) = hyper::Request::builder()
        .method(method)
        .uri(target)
        .header("host", "id.example")
        .header("cookie", "session=cookie-secret")
        .header("authorization", "Bearer header-secret")
        .body(())
        .unwrap()
        .into_parts();
    let peer = RemoteAddr("192.0.2.7:4711".parse::<SocketAddr>().unwrap().into());
    let head = RequestParts::from((head, LocalAddr::default(), peer, Scheme::HTTP));
    door.call(Request::from_parts(head, Body::from_string("body-secret".into()))).await.unwrap();
    drop(guard);
    String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
}

#[tokio::test]
async fn a_request_is_one_line_without_secrets() {
    let text = logged(Method::GET, "/hello?token=query-secret").await;
    assert_eq!(text.lines().count(), 1, "{text}");
    for part in [
        "method=\"GET\"",
        "route=\"/hello\"",
        "status=200",
        "duration_us=",
        "request_id=\"00000000000000010000000000000002\"",
        "client=192.0.2.7",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test]
async fn what_failed_stands_in_the_log_and_a_panic_without_its_words() {
    let text = logged(Method::GET, "/fail?token=query-secret").await;
    assert!(text.contains(r"seed\n4711") && text.contains("a handler failed"), "{text}");
    assert!(!text.contains("secret"), "{text}");
    let text = logged(Method::GET, "/panic").await;
    assert!(text.contains("a handler panicked") && !text.contains("on purpose"), "{text}");
}
