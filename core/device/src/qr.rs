//! A link, or the key URI of an app, as a picture, for the page (SVG) and for what can't show SVG (PNG).

use data_encoding::BASE64;
use fast_qr::{ECL, QRBuilder, QRCode, convert::svg::SvgBuilder};
use gatewright_contract::Fault;

/// Light modules around the symbol, as ISO/IEC 18004 asks for.
const QUIET_ZONE: usize = 4;
/// Pixels per module of the PNG.
const SCALE: usize = 6;

/// A link as a QR code.
pub struct Picture(QRCode);

impl Picture {
    /// Level M (15 % may be damaged): the symbol is read from a screen, and smaller is easier to read.
    ///
    /// # Errors
    /// [`Fault::Internal`] for more than a QR code holds, 2331 bytes.
    pub fn of(uri: &str) -> Result<Self, Fault> {
        let built = QRBuilder::new(uri).ecl(ECL::M).build();
        built.map(Self).map_err(|e| Fault::caused("a link does not fit into a QR code", e))
    }

    /// As an SVG document without scripts or references.
    pub fn svg(&self) -> String {
        SvgBuilder::default().to_str(&self.0)
    }

    /// As a PNG of one bit a pixel, in base64 (RFC 4648, section 4).
    pub fn png_base64(&self) -> Result<String, Fault> {
        let cannot = |e: png::EncodingError| Fault::caused("a QR code can't be written as PNG", e);
        let side = (self.0.size + 2 * QUIET_ZONE) * SCALE;
        let width = u32::try_from(side).map_err(|e| Fault::caused("a QR code is too large", e))?;
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, width);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let mut writer = encoder.write_header().map_err(cannot)?;
        writer.write_image_data(&self.pixels(side)).map_err(cannot)?;
        writer.finish().map_err(cannot)?;
        Ok(BASE64.encode(&file))
    }

    /// Rows of whole bytes, the leftmost pixel in the highest bit, one is white (PNG, section 7.2).
    fn pixels(&self, side: usize) -> Vec<u8> {
        let stride = side.div_ceil(8);
        let mut pixels = vec![0xff; stride * side];
        for (y, row) in pixels.chunks_exact_mut(stride).enumerate() {
            for x in (0..side).filter(|x| self.is_dark(x / SCALE, y / SCALE)) {
                row[x / 8] &= !(0x80 >> (x % 8));
            }
        }
        pixels
    }

    /// Whether a module is dark, counted from the corner of the quiet zone.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = QUIET_ZONE..QUIET_ZONE + self.0.size;
        inside.contains(&x) && inside.contains(&y) && self.0[y - QUIET_ZONE][x - QUIET_ZONE].value()
    }
}
