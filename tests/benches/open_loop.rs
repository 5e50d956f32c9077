//! Requests at a fixed pace, whether they are answered or not, as people send them: who waits for the answer before
//! sending the next request measures a server that is never asked too much. A latency counts from the moment when the
//! request was due.
#![allow(dead_code, reason = "each bench uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What came of one request.
#[derive(Clone)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// A client with as many kept connections as it needs.
#[derive(Clone)]
pub(crate) struct Client {
    address: Arc<str>,
    idle: Arc<Mutex<Vec<TcpStream>>>,
}

impl Client {
    pub(crate) fn new(address: &str) -> Self {
        Self { address: address.into(), idle: Arc::default() }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answered {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: id.example\r\nAuthorization: Bearer {token}\r\n\r\n"))
            .await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Answered {
        let length = body.len();
        self.send(format!(
            "POST {path} HTTP/1.1\r\nHost: id.example\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
        .await
    }

    async fn send(&self, text: String) -> Answered {
        let kept = self.idle.lock().unwrap().pop();
        let mut stream = match kept {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(&*self.address).await.expect("the server listens");
                stream.set_nodelay(true).expect("an option");
                stream
            }
        };
        stream.write_all(text.as_bytes()).await.expect("is sent");
        let answered = read(&mut stream).await;
        self.idle.lock().unwrap().push(stream);
        answered
    }
}

async fn read(stream: &mut TcpStream) -> Answered {
    let mut bytes = Vec::with_capacity(2048);
    let head = loop {
        assert!(stream.read_buf(&mut bytes).await.expect("an answer") > 0, "the server has hung up");
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    let end = head + length.map_or(0, |number| number.trim().parse::<usize>().expect("a length"));
    while bytes.len() < end {
        assert!(stream.read_buf(&mut bytes).await.expect("an answer") > 0, "the server has hung up");
    }
    Answered { status, body: String::from_utf8_lossy(&bytes[head..end]).into_owned() }
}

/// Starts `one` so many times a second for so long, gives it its number and when it was due, and waits for all of them.
pub(crate) async fn at_pace<F, O, T>(per_second: f64, time: Duration, one: F) -> Vec<T>
where
    F: Fn(usize, Instant) -> O,
    O: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let begun = Instant::now();
    let count = (per_second * time.as_secs_f64()) as usize;
    let mut tasks = Vec::with_capacity(count);
    for number in 0..count {
        let due = begun + Duration::from_secs_f64(number as f64 / per_second);
        tokio::time::sleep_until(due.into()).await;
        tasks.push(tokio::spawn(one(number, due)));
    }
    let mut all = Vec::with_capacity(count);
    for task in tasks {
        all.push(task.await.expect("no request fails"));
    }
    all
}

/// Milliseconds below which this share of them is; not a number of none.
pub(crate) fn quantile(mut milliseconds: Vec<f64>, share: f64) -> f64 {
    milliseconds.sort_by(f64::total_cmp);
    let at = (milliseconds.len() as f64 * share).ceil() as usize;
    milliseconds.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

pub(crate) fn milliseconds_since(due: Instant) -> f64 {
    due.elapsed().as_secs_f64() * 1e3
}
