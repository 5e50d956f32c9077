//! A request as a client makes it.

use poem::{
    Addr, Body, Request,
    http::{Request as Plain, request::Builder, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use serde_json::Value;
use std::net::SocketAddr;

/// A request under construction. Comes from 192.0.2.1 to `id.example` unless it says otherwise.
pub struct Call {
    builder: Builder,
    body: Vec<u8>,
    from: SocketAddr,
    scheme: Scheme,
}

impl Call {
    pub fn new(method: &str, path: &str) -> Self {
        let builder = Plain::builder().method(method).uri(path).header("host", "id.example");
        let from = SocketAddr::from(([192, 0, 2, 1], 40_000));
        Self { builder, body: Vec::new(), from, scheme: Scheme::HTTP }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: &str) -> Self {
        Self::new("POST", path)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// With what need not be text.
    pub fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string().into_bytes())
    }

    pub fn raw(mut self, media_type: &str, body: Vec<u8>) -> Self {
        self = self.header("content-type", media_type).header("content-length", &body.len().to_string());
        self.body = body;
        self
    }

    /// From another address.
    pub fn from(mut self, address: &str) -> Self {
        self.from = SocketAddr::new(address.parse().expect("an address"), 40_000);
        self
    }

    /// Over TLS.
    pub fn secure(mut self) -> Self {
        self.scheme = Scheme::HTTPS;
        self
    }

    pub(crate) fn into_request(self) -> Request {
        let (parts, ()) = self.builder.body(()).expect("a request").into_parts();
        let remote = RemoteAddr(Addr::SocketAddr(self.from));
        let local = LocalAddr(Addr::SocketAddr(SocketAddr::from(([192, 0, 2, 254], 443))));
        Request::from_parts((parts, local, remote, self.scheme).into(), Body::from(self.body))
    }
}
