//! Our own files: sent as they are, named by their content so that they can be kept for ever.

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use gatewright_core::{Problem, look::Look};
use gatewright_plugin::{House, request::knows};
use poem::{
    Body, Request, Response,
    http::{HeaderValue, StatusCode, header},
};
use std::{
    collections::BTreeMap,
    sync::{LazyLock, PoisonError, RwLock},
};

/// A file whose address has changed with its content never changes itself.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// One that is asked for by its plain name may.
const ASK: &str = "no-cache";

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
/// Where the scripts of ways are, below our own files.
const MODULES: &str = "modules/";

struct File {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
    tag: String,
}

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let all: [(&str, &str, &[u8]); 5] = [
        ("ui.css", STYLE, include_bytes!("../assets/ui.css")),
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

/// The address of what a way brings to its page.
pub(crate) fn of_module(way: &str, ending: &str, bytes: &'static [u8]) -> String {
    format!("/ui/assets/{MODULES}{way}.{ending}?{}", tag_of(bytes))
}

/// The tag of what a plugin holds, which is hashed once: there is one of each for as long as the process runs.
fn tag_of(bytes: &'static [u8]) -> String {
    static TAGS: RwLock<BTreeMap<(usize, usize), String>> = RwLock::new(BTreeMap::new());
    let place = (bytes.as_ptr().addr(), bytes.len());
    if let Some(known) = TAGS.read().unwrap_or_else(PoisonError::into_inner).get(&place) {
        return known.clone();
    }
    let made = tag(bytes);
    TAGS.write().unwrap_or_else(PoisonError::into_inner).insert(place, made.clone());
    made
}

/// The script or the style of a way. A worker goes by the policy of its own script, not by that of the page: only there may
/// anything be compiled.
fn module(house: &House, request: &Request, name: &str) -> Option<Response> {
    let (way, ending) = name.rsplit_once('.')?;
    let module = house.engine.catalogue().get(way).ok()?.module()?;
    let (bytes, media_type) = match ending {
        "js" => (module.script?, SCRIPT),
        "css" => (module.style?, STYLE),
        _ => return None,
    };
    let tag = tag_of(bytes);
    let keep = if request.uri().query() == Some(&tag) { FOR_EVER } else { ASK };
    let mut reply = tagged(request, media_type, Bytes::from_static(bytes), &tag, keep);
    if module.computes {
        let policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; frame-ancestors 'none'";
        reply.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    Some(reply)
}

/// Sends a file.
pub(crate) fn reply(house: &House, request: &Request) -> Result<Response, Problem> {
    let wanted = request.raw_path_param("file").unwrap_or_default();
    if let Some(name) = wanted.strip_prefix(MODULES) {
        return module(house, request, name).ok_or_else(|| Problem::not_found("file"));
    }
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
