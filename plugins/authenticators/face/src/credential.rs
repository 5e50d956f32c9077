//! What is kept of an enrolled person. It is biometric data: sealed by the host, and never printed.

use serde::{Deserialize, Serialize};

/// What is kept of an enrolled person.
#[derive(Serialize, Deserialize)]
pub struct Credential {
    /// SHA-256 of the model that the embedding is of: those of two models can't be compared.
    pub model: String,
    /// The middle of the embeddings of all frames, of length 1.
    pub embedding: Vec<f32>,
    /// How many frames it was made of.
    pub frames: u8,
}
