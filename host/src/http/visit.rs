//! One request, as metrics and log see it.

use std::{
    fmt::{self, Write},
    time::Instant,
};

use gatewright_plugin::request::{RequestId, RouteName};
use poem::{
    Error, Response,
    http::{Method, StatusCode},
};
use tracing::field;

use super::{
    caller::Caller,
    metrics::{MethodName, Metrics},
};

/// How a request is counted whose client went away before the answer (the convention of nginx).
const CLIENT_GONE: u16 = 499;

/// One request on its way; counted and logged exactly once, also when its client goes away.
pub(super) struct Visit<'a> {
    metrics: &'a Metrics,
    method: MethodName,
    /// When its header was there.
    pub started: Instant,
    pub id: RequestId,
    pub caller: Caller,
    closed: bool,
}

impl<'a> Visit<'a> {
    pub(super) fn new(metrics: &'a Metrics, method: &Method, id: RequestId, caller: Caller) -> Self {
        Self { metrics, method: MethodName::of(method), started: Instant::now(), id, caller, closed: false }
    }

    /// Says in the log what the client does not get to see.
    pub(super) fn note_error(&self, error: &Error) {
        if error.status().is_server_error() && !error.is_from_response() {
            let request_id = &*self.id.0;
            tracing::error!(request_id, error = %Chain(error), "a handler failed");
        }
    }

    /// A panic's message could hold anything, and the panic hook has already told where it was.
    pub(super) fn note_panic(&self) {
        tracing::error!(request_id = &*self.id.0, method = self.method.0, "a handler panicked");
    }

    /// The answer is ready.
    pub(super) fn close(mut self, response: &Response) {
        let route = response.extensions().get::<RouteName>().map_or("-", |name| name.0);
        self.closed = true;
        self.record(route, response.status());
    }

    fn record(&self, route: &'static str, status: StatusCode) {
        let elapsed = self.started.elapsed();
        self.metrics.count(self.method, route, status.as_u16(), elapsed);
        tracing::info!(
            target: "gatewright::request",
            method = self.method.0,
            route,
            status = status.as_u16(),
            duration_us = elapsed.as_micros() as u64,
            request_id = &*self.id.0,
            client = self.caller.address.map(field::display),
            "request"
        );
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        // The client went away and the future was dropped: somebody who guesses passwords and hangs up shows as well.
        if !self.closed {
            self.record("-", StatusCode::from_u16(CLIENT_GONE).unwrap_or_default());
        }
    }
}

/// An error with all its causes in one line: control characters, which somebody may have sent in, are escaped.
struct Chain<'a>(&'a Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.0.to_string();
        let mut cause = std::error::Error::source(self.0).and_then(|first| first.source());
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text.chars().try_for_each(|c| {
            if c.is_control() { write!(f, "{}", c.escape_default()) } else { f.write_char(c) }
        })
    }
}
