//! What is seen in a frame. Who looks is behind a trait: in a build without inference nobody does, and in tests a list.

use gatewright_contract::Fault;

/// The one face of a frame.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// What tells it from other faces.
    pub(crate) embedding: Vec<f32>,
    /// How much it looks like a living person and not like a picture of one, 0 to 1.
    pub(crate) live: f32,
}

/// What is in a frame.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(not(any(feature = "inference", test)), allow(dead_code, reason = "nobody looks in this build"))]
pub(crate) enum Sight {
    /// One face.
    One(Seen),
    /// None, or several.
    Faces(usize),
}

/// Why a frame can't be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) &'static str);

/// Who looks.
pub(crate) trait Look: Send + Sync {
    /// Looks at a JPEG. Heavy: for the host's pool.
    ///
    /// # Errors
    /// [`Fault::Internal`] where a model breaks down.
    fn look(&self, jpeg: &[u8]) -> Result<Result<Sight, Unreadable>, Fault>;

    /// Which model its embeddings are of: those of two can't be compared.
    fn model(&self) -> &str;
}

/// How much two embeddings are of the same face: the cosine of the angle between them; -1 for what can't be compared.
pub(crate) fn likeness(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    let cosine = dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
    // Whatever is no number is like nothing.
    if a.len() == b.len() && cosine.is_finite() { cosine } else { -1.0 }
}

/// The middle of several embeddings, each of length 1; none where they are of several lengths, or nothing.
pub(crate) fn middle(of: &[&[f32]]) -> Option<Vec<f32>> {
    let mut sum = vec![0.0; of.first()?.len()];
    for one in of {
        let length = one.iter().map(|n| n * n).sum::<f32>().sqrt();
        if one.len() != sum.len() || !length.is_normal() {
            return None;
        }
        for (all, n) in sum.iter_mut().zip(*one) {
            *all += n / length;
        }
    }
    let length = sum.iter().map(|n| n * n).sum::<f32>().sqrt();
    length.is_normal().then(|| sum.iter().map(|n| n / length).collect())
}
