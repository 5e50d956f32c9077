//! The page and its files, as they lie in `assets`.

use crate::prebuilt::Prebuilt;
use poem::http::header;

/// What the page may load and do: see `assets/VENDOR.md`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// The page.
pub(crate) fn page() -> Prebuilt {
    Prebuilt::new("text/html; charset=utf-8", include_bytes!("../assets/index.html").as_slice())
        .with(header::CONTENT_SECURITY_POLICY, POLICY)
}

/// Its files, by name.
pub(crate) fn files() -> Vec<(&'static str, Prebuilt)> {
    let script = "text/javascript; charset=utf-8";
    let fixed = |media_type, bytes: &'static [u8]| Prebuilt::new(media_type, bytes);
    vec![
        ("docs.css", fixed("text/css; charset=utf-8", include_bytes!("../assets/docs.css"))),
        ("icon.svg", fixed("image/svg+xml", include_bytes!("../assets/icon.svg"))),
        // Sent as it lies here: who can run the page can unpack it.
        (
            "scalar.js",
            fixed(script, include_bytes!("../assets/scalar.js.gz")).with(header::CONTENT_ENCODING, "gzip"),
        ),
        ("start.js", fixed(script, include_bytes!("../assets/start.js"))),
    ]
}
