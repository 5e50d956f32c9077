//! What goes in and out.

use gatewright_device::{Ask, Told};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What the login page shows. Nobody is named in it.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Prompt::example())]
pub struct Prompt {
    /// For the app on another device, or on this one.
    pub link: String,
    /// `link` as a QR code, an SVG document.
    pub qr_svg: String,
    /// `link` as a QR code, a PNG file in base64: put `data:image/png;base64,` before it.
    pub qr_png_base64: String,
    /// The number that the person types on the device. Not in the picture.
    pub number: u8,
    /// How long it is good.
    pub expires_in_seconds: u16,
}

impl Prompt {
    /// For the document; the pictures are cut short.
    fn example() -> Self {
        Self {
            link: "gatewright:login?server=https%3A%2F%2Fid.example.com&tenant=default&for=smart-login&wake=AAECAwQFBgcICQoLDA0ODw"
                .to_owned(),
            qr_svg: "<svg viewBox=\"0 0 57 57\" xmlns=\"http://www.w3.org/2000/svg\">…</svg>".to_owned(),
            qr_png_base64: "iVBORw0KGgo…".to_owned(),
            number: 42,
            expires_in_seconds: 90,
        }
    }
}

/// What a device asks about the login whose picture it has seen.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({
    "device": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "at_ms": 1_767_225_600_000_i64,
    "wake": "AAECAwQFBgcICQoLDA0ODw", "signature": "x".repeat(86),
}))]
pub struct AskAbout {
    /// The device: the thumbprint of its key (RFC 7638, SHA-256, base64url).
    #[schemars(length(max = 64))]
    pub device: String,
    /// The device's time, in milliseconds since 1970: at most a minute off, and later than in its ask before.
    pub at_ms: i64,
    /// From the link.
    #[schemars(length(max = 64))]
    pub wake: String,
    /// Over the statement `ask`: 64 bytes in base64url.
    #[schemars(length(max = 128))]
    pub signature: String,
}

impl AskAbout {
    /// The ask, and what it is about.
    pub(crate) fn parts(self) -> (Ask, String) {
        let Self { device, at_ms, wake, signature } = self;
        (Ask { device, at_ms, signature }, wake)
    }
}

/// What a device is told.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The server's time, in seconds since 1970: for a device whose clock is off.
    pub now: i64,
    /// The login; `null` when it is no longer waiting.
    pub prompt: Option<Told>,
}
