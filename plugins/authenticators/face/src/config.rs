//! The table `[plugins.face]`.

use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The table `[plugins.face]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// ONNX model that finds faces (320×240; outputs `scores` and `boxes`). Default: none; the plugin does not start.
    pub detector: Option<PathBuf>,
    /// ONNX model that finds 68 points of a face (64×64, grey). Default: none; the plugin does not start.
    pub landmarks: Option<PathBuf>,
    /// ONNX model that tells faces apart (112×112). Another one makes everybody set up their face anew. Default: none; the
    /// plugin does not start.
    pub embedding: Option<PathBuf>,
    /// ONNX model that tells people from pictures of them (128×128, raw values). Default: none; the plugin does not start.
    pub liveness: Option<PathBuf>,
    /// How like the enrolled face each frame must be: cosine, more than 0 and less than 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub least_similarity: f32,
    /// How alive each frame must seem, more than 0 and less than 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub least_liveness: f32,
    /// Fewest frames of a login or an enrolment, 1 to 5.
    #[schemars(range(min = 1, max = 5))]
    pub least_frames: u8,
    /// Only look and log what was seen: nobody is enrolled and **nobody is let in**. Set it to `false` once the numbers in
    /// the log have told you which thresholds fit your people, cameras and models.
    pub log_only: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            detector: None,
            landmarks: None,
            embedding: None,
            liveness: None,
            least_similarity: 0.4,
            least_liveness: 0.5,
            least_frames: 2,
            log_only: true,
        }
    }
}

impl Config {
    /// What the schema can't say.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong = |key: &str, message: &str| {
            Err(Fault::Config { key: key.to_owned(), message: message.to_owned() })
        };
        let models = [
            ("detector", &self.detector),
            ("landmarks", &self.landmarks),
            ("embedding", &self.embedding),
            ("liveness", &self.liveness),
        ];
        if let Some((key, _)) = models.iter().find(|(_, path)| path.is_none()) {
            let message = "the face authenticator needs four model files: name `detector`, `landmarks`, `embedding` and \
                           `liveness` under [plugins.face], or set `enabled = false` there";
            return wrong(key, message);
        }
        for (key, value) in
            [("least_similarity", self.least_similarity), ("least_liveness", self.least_liveness)]
        {
            if !(value > 0.0 && value < 1.0) {
                return wrong(key, "more than 0 and less than 1");
            }
        }
        match (1..=crate::frames::MOST).contains(&usize::from(self.least_frames)) {
            true => Ok(()),
            false => wrong("least_frames", "1 to 5"),
        }
    }
}
