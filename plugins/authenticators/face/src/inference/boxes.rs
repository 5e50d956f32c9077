//! Where faces are: the boxes of the detector, each face once.

/// How sure the detector must be.
const SURE: f32 = 0.65;
/// Two boxes that share more than this part are one face.
const SAME: f32 = 0.4;
/// More candidates than this are not compared: nobody has so many faces.
const MOST: usize = 750;

/// A box, in parts of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

impl Found {
    fn area(self) -> f32 {
        (self.right - self.left).max(0.0) * (self.bottom - self.top).max(0.0)
    }

    fn shared(self, other: Self) -> f32 {
        let both = Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        };
        // Of the smaller one: a box inside another is the same face.
        both.area() / self.area().min(other.area())
    }
}

/// The faces, the surest first. `boxes` has four numbers for each candidate, `scores` two: none, face.
pub(crate) fn faces(boxes: &[f32], scores: &[f32]) -> Vec<Found> {
    let candidates = boxes.as_chunks::<4>().0.iter().zip(scores.as_chunks::<2>().0);
    let mut sure: Vec<(f32, Found)> = candidates
        .filter(|(_, [_, score])| *score >= SURE)
        .map(|(&[left, top, right, bottom], &[_, score])| (score, Found { left, top, right, bottom }))
        .filter(|(_, found)| found.area() > 0.0)
        .collect();
    sure.sort_by(|a, b| b.0.total_cmp(&a.0));
    sure.truncate(MOST);
    let mut faces: Vec<Found> = Vec::new();
    for (_, found) in sure {
        if faces.iter().all(|face| face.shared(found) < SAME) {
            faces.push(found);
        }
    }
    faces
}

/// A square in a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Square {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) side: u32,
}

/// The square around a face of `scale` times its height, moved into the picture and no larger than it.
pub(crate) fn around(face: Found, (width, height): (u32, u32), scale: f32) -> Square {
    let (w, h) = (width as f32, height as f32);
    let side = ((face.bottom - face.top) * h * scale).min(w).min(h).max(1.0);
    let into = |middle: f32, length: f32| (middle - side / 2.0).clamp(0.0, length - side);
    let (x, y) = (into((face.left + face.right) / 2.0 * w, w), into((face.top + face.bottom) / 2.0 * h, h));
    Square { x: x as u32, y: y as u32, side: side as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_face_is_found_once() {
        let one = [0.1, 0.1, 0.3, 0.4];
        let near = [0.11, 0.1, 0.31, 0.4];
        let inside = [0.15, 0.15, 0.25, 0.3];
        let other = [0.6, 0.1, 0.8, 0.4];
        let unsure = [0.4, 0.6, 0.5, 0.7];
        let boxes: Vec<f32> = [one, near, inside, other, unsure].concat();
        let scores = [0.0, 0.9, 0.0, 0.99, 0.0, 0.7, 0.0, 0.8, 0.5, 0.5];
        let found = faces(&boxes, &scores);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].left, 0.11, "the surest stands for its neighbours");
        assert!(faces(&[], &[]).is_empty());
        assert!(faces(&[0.5, 0.5, 0.4, 0.4], &[0.0, 1.0]).is_empty(), "inside out");
        assert!(faces(&[f32::NAN; 4], &[0.0, 1.0]).is_empty());
    }

    #[test]
    fn a_square_stays_in_the_picture() {
        let face = Found { left: 0.0, top: 0.0, right: 0.2, bottom: 0.5 };
        assert_eq!(around(face, (200, 100), 1.0), Square { x: 0, y: 0, side: 50 });
        assert_eq!(around(face, (200, 100), 9.0), Square { x: 0, y: 0, side: 100 });
        let corner = Found { left: 0.9, top: 0.8, right: 1.2, bottom: 1.3 };
        let square = around(corner, (200, 100), 1.0);
        assert!(square.x + square.side <= 200 && square.y + square.side <= 100, "{square:?}");
    }
}
