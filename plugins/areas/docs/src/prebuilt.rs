//! Bytes that are the same for everybody, with what a cache needs to know of them.

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use gatewright_plugin::request::knows;
use poem::{
    Body, Request, Response,
    http::{HeaderName, HeaderValue, StatusCode, header},
};

/// How many bytes of the SHA-256 make the tag.
const TAG_BYTES: usize = 16;

/// Something ready to be sent.
#[derive(Debug)]
pub(crate) struct Prebuilt {
    /// Shared: however many read slowly, there is one copy.
    bytes: Bytes,
    tag: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Prebuilt {
    pub(crate) fn new(media_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let tag = format!("\"{}\"", HEXLOWER.encode(&digest(&SHA256, &bytes).as_ref()[..TAG_BYTES]));
        Self { bytes, tag, headers: vec![(header::CONTENT_TYPE, HeaderValue::from_static(media_type))] }
    }

    pub(crate) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    /// The bytes, or 304 where the client has them already.
    pub(crate) fn reply(&self, request: &Request) -> Response {
        // `no-cache` keeps a copy but asks each time: after an update of the server no page runs with old scripts.
        let reply =
            Response::builder().header(header::ETAG, &self.tag).header(header::CACHE_CONTROL, "no-cache");
        if knows(request.headers(), &self.tag) {
            return reply.status(StatusCode::NOT_MODIFIED).finish();
        }
        let reply = self.headers.iter().fold(reply, |reply, (name, value)| reply.header(name, value));
        reply.body(Body::from_bytes(self.bytes.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::Prebuilt;
    use futures_util::FutureExt;
    use poem::{Request, http::StatusCode};

    fn status(known: &str) -> StatusCode {
        let page = Prebuilt::new("text/plain", b"text".as_slice());
        let known = known.replace("TAG", &page.tag);
        page.reply(&Request::builder().header("if-none-match", known).finish()).status()
    }

    #[test]
    fn who_has_it_is_not_sent_it_again() {
        for known in ["TAG", "W/TAG", "*", "\"other\", TAG", "W/\"other\",W/TAG"] {
            assert_eq!(status(known), StatusCode::NOT_MODIFIED, "{known}");
        }
        for unknown in ["\"other\"", "", "TAGx", "x"] {
            assert_eq!(status(unknown), StatusCode::OK, "{unknown}");
        }
    }

    #[test]
    fn all_readers_share_one_copy() {
        let page = Prebuilt::new("text/plain", vec![b'x'; 1_000]);
        for _ in 0..3 {
            let body = page.reply(&Request::default()).into_body();
            let sent = body.into_bytes().now_or_never().expect("at once").expect("is whole");
            assert_eq!((sent.as_ptr(), sent.len()), (page.bytes.as_ptr(), 1_000));
        }
    }

    #[test]
    fn other_bytes_have_another_tag() {
        let tag = |bytes: &'static [u8]| Prebuilt::new("text/plain", bytes).tag;
        assert_eq!(tag(b"a"), tag(b"a"));
        assert_ne!(tag(b"a"), tag(b"b"));
    }
}
