//! The models at work: where the face is, which way it looks, how alive it seems, and what tells it from others.

mod boxes;
mod model;
mod picture;

use crate::look::{Look, Seen, Sight, Unreadable};
use boxes::{Found, around, faces};
use gatewright_contract::{Fault, Host};
use image::{
    RgbImage,
    imageops::{FilterType, crop_imm, resize},
};
use model::Loaded;
use picture::{Similarity, brightness, open, planes, warped};

/// What the detector looks at.
const WIDTH: u32 = 320;
const HEIGHT: u32 = 240;
/// Sides of the squares that the others look at.
const LANDMARKS: u32 = 64;
const FACE: u32 = 112;
const LIVE: u32 = 128;
/// How much around a face the liveness model sees.
const AROUND: f32 = 2.7;
/// Where eyes, nose and corners of the mouth belong in the square of a face.
const PLACES: [[f32; 2]; 5] = [
    [38.294_6, 51.696_3],
    [73.531_8, 51.501_4],
    [56.025_2, 71.736_6],
    [41.549_3, 92.365_5],
    [70.729_9, 92.204_1],
];
/// Of which of the 68 points these are the middle.
const POINTS: [&[usize]; 5] = [&[37, 38, 40, 41], &[43, 44, 46, 47], &[30], &[48, 60], &[54, 64]];

/// The models.
pub(crate) struct Eyes {
    detector: Loaded,
    landmarks: Loaded,
    embedding: Loaded,
    liveness: Loaded,
}

impl Eyes {
    /// Reads and checks the four files that the configuration names.
    ///
    /// # Errors
    /// The key of one that can't be used.
    pub(crate) fn open(host: &Host) -> Result<Self, Fault> {
        let load = |key, channels: u32, height: u32, width: u32, outputs: &[&str]| {
            Loaded::read(host, key, [1, channels, height, width].map(|n| n as usize), outputs)
        };
        Ok(Self {
            detector: load("detector", 3, HEIGHT, WIDTH, &["scores", "boxes"])?,
            landmarks: load("landmarks", 1, LANDMARKS, LANDMARKS, &[])?,
            embedding: load("embedding", 3, FACE, FACE, &[])?,
            liveness: load("liveness", 3, LIVE, LIVE, &[])?,
        })
    }

    fn detect(&self, image: &RgbImage) -> Result<Vec<Found>, Fault> {
        let small = resize(image, WIDTH, HEIGHT, FilterType::Triangle);
        let [scores, boxes] = self.detector.run::<2>(planes(&small, centred))?;
        Ok(faces(&boxes, &scores))
    }

    /// Eyes, nose and mouth, in pixels.
    fn points(&self, image: &RgbImage, face: Found) -> Result<[[f32; 2]; 5], Fault> {
        let square = around(face, image.dimensions(), 1.0);
        let [all] = self.landmarks.run::<1>(brightness(&part(image, square, LANDMARKS)))?;
        let (all, _) = all.as_chunks::<2>();
        let side = square.side as f32;
        let mut points = [[0.0; 2]; 5];
        for (point, of) in points.iter_mut().zip(POINTS) {
            for place in of {
                let [x, y] =
                    all.get(*place).ok_or_else(|| Fault::internal("landmarks: fewer than 68 points"))?;
                point[0] += (x * side + square.x as f32) / of.len() as f32;
                point[1] += (y * side + square.y as f32) / of.len() as f32;
            }
        }
        Ok(points)
    }

    fn alive(&self, image: &RgbImage, face: Found) -> Result<f32, Fault> {
        let square = around(face, image.dimensions(), AROUND);
        let [said] = self.liveness.run::<1>(planes(&part(image, square, LIVE), f32::from))?;
        let most = said.iter().copied().fold(f32::MIN, f32::max);
        let all: f32 = said.iter().map(|n| (n - most).exp()).sum();
        let live = said.first().map(|n| (n - most).exp() / all);
        live.filter(|n| n.is_finite()).ok_or_else(|| Fault::internal("liveness: no number"))
    }
}

impl Look for Eyes {
    fn look(&self, jpeg: &[u8]) -> Result<Result<Sight, Unreadable>, Fault> {
        let image = match open(jpeg) {
            Ok(image) => image,
            Err(why) => return Ok(Err(why)),
        };
        let found = self.detect(&image)?;
        let &[face] = &found[..] else { return Ok(Ok(Sight::Faces(found.len()))) };
        let points = self.points(&image, face)?;
        let Some(by) = Similarity::between(&points, &PLACES) else { return Ok(Ok(Sight::Faces(0))) };
        let [embedding] = self.embedding.run::<1>(planes(&warped(&image, by, FACE), centred))?;
        Ok(Ok(Sight::One(Seen { embedding, live: self.alive(&image, face)? })))
    }

    fn model(&self) -> &str {
        &self.embedding.mark
    }
}

fn centred(byte: u8) -> f32 {
    (f32::from(byte) - 127.0) / 128.0
}

fn part(image: &RgbImage, square: boxes::Square, side: u32) -> RgbImage {
    let cut = crop_imm(image, square.x, square.y, square.side, square.side).to_image();
    resize(&cut, side, side, FilterType::Triangle)
}
