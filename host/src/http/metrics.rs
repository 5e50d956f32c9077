//! What is counted, and how it is shown: Prometheus text format 0.0.4.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use poem::http::Method;
use prometheus::{
    Gauge, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder, core::Collector,
};

/// The `Content-Type` of [`Metrics::render`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Upper bounds of the duration buckets in seconds: from a cached answer to the whole-request timeout.
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// The counters of one server, in a registry of their own: two servers in one process don't share them.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    /// Connections that are open now.
    pub(super) connections: IntGauge,
    /// Connections that were closed at once because there were too many.
    pub(super) refused: IntCounter,
    /// Resolved series by route: looking labels up in the vectors costs more than counting.
    routes: RwLock<HashMap<&'static str, Arc<Route>>>,
}

/// The resolved series of one route.
struct Route {
    seconds: Histogram,
    /// A route has a handful of methods and statuses: walking them is faster than hashing.
    requests: RwLock<Vec<(MethodName, u16, IntCounter)>>,
}

/// A method as a label: everything outside RFC 9110 and RFC 5789 is `OTHER`, since a caller can invent names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MethodName(pub &'static str);

impl MethodName {
    pub(super) fn of(method: &Method) -> Self {
        Self(match *method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::DELETE => "DELETE",
            Method::PATCH => "PATCH",
            Method::HEAD => "HEAD",
            Method::OPTIONS => "OPTIONS",
            Method::TRACE => "TRACE",
            Method::CONNECT => "CONNECT",
            _ => "OTHER",
        })
    }
}

impl Metrics {
    /// Counters at zero; `started` is when the process started.
    pub fn new(started: SystemTime) -> Result<Self, prometheus::Error> {
        let requests = IntCounterVec::new(
            Opts::new("gatewright_http_requests_total", "Requests that were answered."),
            &["method", "route", "status"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new(
                "gatewright_http_request_seconds",
                "Time from the header of a request to its answer.",
            )
            .buckets(SECONDS.to_vec()),
            &["route"],
        )?;
        let connections = IntGauge::new("gatewright_http_connections", "Connections that are open.")?;
        let refused = IntCounter::new(
            "gatewright_http_refused_connections_total",
            "Connections that were closed at once because http.limits.max_connections were open.",
        )?;
        let start = Gauge::new(
            "process_start_time_seconds",
            "Start of the process, in seconds since the Unix epoch.",
        )?;
        start.set(started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64());

        let registry = Registry::new();
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(connections.clone()))?;
        registry.register(Box::new(refused.clone()))?;
        registry.register(Box::new(start))?;
        Ok(Self { registry, requests, seconds, connections, refused, routes: RwLock::default() })
    }

    /// Adds counters of another part of the server to what [`Metrics::render`] shows.
    ///
    /// # Errors
    /// One of its names is taken with other labels or another help text.
    pub fn register(&self, collector: Box<dyn Collector>) -> Result<(), prometheus::Error> {
        self.registry.register(collector)
    }

    /// All counters as text, to be served with [`CONTENT_TYPE`].
    pub fn render(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_else(|error| {
            tracing::error!(%error, "metrics can't be shown");
            String::new()
        })
    }

    /// Counts one request.
    pub(super) fn count(&self, method: MethodName, route: &'static str, status: u16, elapsed: Duration) {
        let series = self.route(route);
        series.seconds.observe(elapsed.as_secs_f64());
        let known = series.requests.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., counter)) = known.iter().find(|(m, s, _)| *m == method && *s == status) {
            counter.inc();
            return;
        }
        drop(known);
        let counter = self.requests.with_label_values(&[method.0, route, status.to_string().as_str()]);
        counter.inc();
        let mut known = series.requests.write().unwrap_or_else(PoisonError::into_inner);
        if !known.iter().any(|(m, s, _)| *m == method && *s == status) {
            known.push((method, status, counter));
        }
    }

    fn route(&self, name: &'static str) -> Arc<Route> {
        if let Some(route) = self.routes.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return route.clone();
        }
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = || {
            let seconds = self.seconds.with_label_values(&[name]);
            Arc::new(Route { seconds, requests: RwLock::default() })
        };
        routes.entry(name).or_insert_with(fresh).clone()
    }
}

/// Counts one connection while it lives.
pub(super) struct OpenConnection(IntGauge);

impl OpenConnection {
    pub(super) fn new(metrics: &Metrics) -> Self {
        metrics.connections.inc();
        Self(metrics.connections.clone())
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}
