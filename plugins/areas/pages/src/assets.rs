//! Our own files: sent as they are, named by their content so that they can be kept for ever.

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use gatewright_core::{Problem, look::Look};
use gatewright_plugin::request::knows;
use poem::{
    Body, Request, Response,
    http::{StatusCode, header},
};
use std::sync::LazyLock;

/// A file whose address has changed with its content never changes itself.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// One that is asked for by its plain name may.
const ASK: &str = "no-cache";

struct File {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
    tag: String,
}

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    const SCRIPT: &str = "text/javascript; charset=utf-8";
    let all: [(&str, &str, &[u8]); 5] = [
        ("ui.css", "text/css; charset=utf-8", include_bytes!("../assets/ui.css")),
        ("icon.svg", "image/svg+xml", include_bytes!("../assets/icon.svg")),
        ("passkey.js", SCRIPT, include_bytes!("../assets/passkey.js")),
        ("wait.js", SCRIPT, include_bytes!("../assets/wait.js")),
        ("strength.js", SCRIPT, include_bytes!("../assets/strength.js")),
    ];
    let file = |(name, media_type, bytes)| File { name, media_type, bytes, tag: tag(bytes) };
    all.map(file).into()
});

fn tag(bytes: &[u8]) -> String {
    HEXLOWER.encode(&digest(&SHA256, bytes).as_ref()[..12])
}

/// The address of a file, for a page.
pub(crate) fn path(name: &str) -> String {
    let file = FILES.iter().find(|file| file.name == name);
    format!("/ui/assets/{name}?{}", file.map_or("", |file| &file.tag))
}

/// Sends a file.
pub(crate) fn reply(request: &Request) -> Result<Response, Problem> {
    let wanted = request.raw_path_param("file").unwrap_or_default();
    let file = FILES.iter().find(|file| file.name == wanted).ok_or_else(|| Problem::not_found("file"))?;
    let keep = if request.uri().query() == Some(&file.tag) { FOR_EVER } else { ASK };
    Ok(tagged(request, file.media_type, Bytes::from_static(file.bytes), &file.tag, keep))
}

fn tagged(request: &Request, media_type: &str, bytes: Bytes, tag: &str, keep: &str) -> Response {
    let tag = format!("\"{tag}\"");
    let reply = Response::builder().header(header::ETAG, &tag).header(header::CACHE_CONTROL, keep);
    match knows(request.headers(), &tag) {
        true => reply.status(StatusCode::NOT_MODIFIED).finish(),
        false => reply.content_type(media_type).body(Body::from_bytes(bytes)),
    }
}

/// The colours of a tenant.
pub(crate) fn colours(request: &Request, look: &Look) -> Response {
    let mut css = String::new();
    let is_colour = |text: &&String| {
        text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|b| b.is_ascii_hexdigit())
    };
    if let Some(accent) = look.accent.as_ref().filter(is_colour) {
        css.push_str(&format!(":root{{--accent:{accent}}}\n"));
    }
    // Where a tenant has chosen nothing for the dark, ours stays: a light page's colour can't be read there.
    let dark =
        look.accent_dark.as_deref().filter(|text| is_colour(&&(*text).to_owned())).unwrap_or("#8ab4f8");
    css.push_str(&format!("@media (prefers-color-scheme:dark){{:root{{--accent:{dark}}}}}\n"));
    let tag = tag(css.as_bytes());
    tagged(request, "text/css; charset=utf-8", Bytes::from(css), &tag, ASK)
}
