//! From a JPEG to numbers. What it declares is looked at before anything of it is decoded.

use crate::look::Unreadable;
use image::{
    DynamicImage, ImageDecoder, Limits, RgbImage, codecs::jpeg::JpegDecoder, imageops::interpolate_bilinear,
};
use std::io::Cursor;

/// Most pixels of a picture.
const MOST_PIXELS: u64 = 4_000_000;
/// Longest side, so that no picture is a thread.
const LONGEST_SIDE: u32 = 4_000;
/// Shortest side: below it there is no face to look at.
const SHORTEST_SIDE: u32 = 96;

/// Opens a JPEG and turns it as its EXIF says.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn open(jpeg: &[u8]) -> Result<RgbImage, Unreadable> {
    let mut decoder = JpegDecoder::new(Cursor::new(jpeg)).map_err(|_| Unreadable("is no JPEG"))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || width.max(height) > LONGEST_SIDE {
        return Err(Unreadable("has more than 4 million pixels, or a side of more than 4000"));
    }
    if width.min(height) < SHORTEST_SIDE {
        return Err(Unreadable("has a side of less than 96 pixels"));
    }
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LONGEST_SIDE), Some(LONGEST_SIDE));
    limits.max_alloc = Some(MOST_PIXELS * 8);
    let broken = Unreadable("can't be decoded");
    decoder.set_limits(limits).map_err(|_| broken)?;
    let turned = decoder.orientation().map_err(|_| broken)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|_| broken)?;
    image.apply_orientation(turned);
    Ok(image.into_rgb8())
}

/// Three planes of numbers, red first, as models want them.
pub(crate) fn planes(image: &RgbImage, number: impl Fn(u8) -> f32) -> Vec<f32> {
    (0..3).flat_map(|channel| image.pixels().map(move |pixel| pixel.0[channel])).map(number).collect()
}

/// One plane of brightness (ITU-R BT.601), from 0 to 1.
pub(crate) fn brightness(image: &RgbImage) -> Vec<f32> {
    let light = |[r, g, b]: [u8; 3]| 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b);
    image.pixels().map(|pixel| light(pixel.0) / 256.0).collect()
}

/// Turned, scaled and moved, without a mirror: `x' = a·x - b·y + c`, `y' = b·x + a·y + d`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Similarity {
    a: f32,
    b: f32,
    c: f32,
    d: f32,
}

impl Similarity {
    /// The one that brings the first points nearest to the second (least squares); none where they are all one.
    pub(crate) fn between<const N: usize>(from: &[[f32; 2]; N], to: &[[f32; 2]; N]) -> Option<Self> {
        let middle = |points: &[[f32; 2]; N]| {
            let sum = points.iter().fold([0.0; 2], |s, p| [s[0] + p[0], s[1] + p[1]]);
            [sum[0] / N as f32, sum[1] / N as f32]
        };
        let (f, t) = (middle(from), middle(to));
        let (mut along, mut across, mut spread) = (0.0, 0.0, 0.0);
        for (p, q) in from.iter().zip(to) {
            let (x, y, u, v) = (p[0] - f[0], p[1] - f[1], q[0] - t[0], q[1] - t[1]);
            along += x * u + y * v;
            across += x * v - y * u;
            spread += x * x + y * y;
        }
        let (a, b) = (along / spread, across / spread);
        let found = Self { a, b, c: t[0] - a * f[0] + b * f[1], d: t[1] - b * f[0] - a * f[1] };
        (a.is_finite() && b.is_finite() && a.hypot(b) > 1e-3).then_some(found)
    }

    /// Where this point of the result comes from.
    fn back(self, x: f32, y: f32) -> (f32, f32) {
        let (u, v, size) = (x - self.c, y - self.d, self.a * self.a + self.b * self.b);
        ((self.a * u + self.b * v) / size, (self.a * v - self.b * u) / size)
    }
}

/// The square of this side into which the similarity brings a part of the picture; black where there is none.
pub(crate) fn warped(image: &RgbImage, by: Similarity, side: u32) -> RgbImage {
    RgbImage::from_fn(side, side, |x, y| {
        let (x, y) = by.back(x as f32, y as f32);
        interpolate_bilinear(image, x, y).unwrap_or(image::Rgb([0; 3]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::jpeg::JpegEncoder;

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let image = RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 9]));
        JpegEncoder::new(&mut bytes).encode_image(&image).expect("encoded");
        bytes
    }

    /// The same bytes with another size in its frame header (ITU-T T.81, B.2.2).
    fn declaring(mut bytes: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
        let at = bytes.windows(2).position(|w| w == [0xff, 0xc0]).expect("a frame header");
        bytes[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
        bytes[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
        bytes
    }

    fn why(bytes: &[u8]) -> &'static str {
        open(bytes).expect_err("refused").0
    }

    #[test]
    fn what_a_picture_declares_is_believed_before_it_is_decoded() {
        let small = jpeg(128, 96);
        assert_eq!(open(&small).expect("opened").dimensions(), (128, 96));
        for (width, height) in [(30_000, 30_000), (65_535, 65_535), (4_001, 96), (96, 4_001), (2_001, 2_000)]
        {
            let told = why(&declaring(small.clone(), width, height));
            assert!(told.contains("4 million"), "{width}x{height}: {told}");
        }
        assert!(why(&jpeg(128, 95)).contains("96"));
        open(&declaring(small, 0, 0)).expect_err("nothing in it");
    }

    #[test]
    fn what_is_cut_short_or_is_something_else_is_refused() {
        let whole = jpeg(256, 256);
        for keep in [0, 2, 3, 20, 200] {
            open(&whole[..keep]).expect_err("cut short");
        }
        assert!(why(b"\x89PNG\r\n\x1a\n").contains("JPEG"));
        let mut noise = whole.clone();
        noise[3..].iter_mut().for_each(|byte| *byte = byte.wrapping_mul(37));
        open(&noise).expect_err("noise");
    }

    #[test]
    fn planes_come_one_after_the_other() {
        let image = RgbImage::from_fn(2, 1, |x, _| image::Rgb([x as u8, 10, 20]));
        assert_eq!(planes(&image, f32::from), [0.0, 1.0, 10.0, 10.0, 20.0, 20.0]);
        assert!((brightness(&RgbImage::from_pixel(1, 1, image::Rgb([255; 3])))[0] - 0.996).abs() < 1e-3);
    }

    #[test]
    fn a_similarity_brings_points_where_they_belong() {
        let from = [[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]];
        // Turned by a quarter, twice as large, moved by (10, 20).
        let to = [[10.0, 20.0], [10.0, 24.0], [6.0, 20.0]];
        let found = Similarity::between(&from, &to).expect("found");
        for (p, q) in from.iter().zip(&to) {
            let (x, y) = found.back(q[0], q[1]);
            assert!((x - p[0]).abs() < 1e-4 && (y - p[1]).abs() < 1e-4, "{x} {y} {p:?}");
        }
        assert_eq!(Similarity::between(&[[1.0, 1.0]; 3], &to), None, "all one point");
    }
}
