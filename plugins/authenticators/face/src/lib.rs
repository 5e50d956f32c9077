#![doc = include_str!("../README.md")]

mod config;
mod credential;
mod enrol;
mod frames;
#[cfg(feature = "inference")]
mod inference;
mod look;

#[cfg(test)]
mod tests;

pub use config::Config;
pub use credential::Credential;
pub use enrol::Proof;

use gatewright_contract::{
    Assurance, Authenticator, Call, Challenge, Fault, Host, HostExt, Kind, LogLevel, Nothing, Refusal, Steps,
    Traits, Verdict,
};
use look::{Look, Seen, Sight, likeness};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// How long an answer is taken: frames are of now.
const LASTS: Duration = Duration::from_secs(120);

/// A face that the server has looked at itself.
pub struct Face {
    config: Config,
    host: Host,
    eyes: Arc<dyn Look>,
}

/// What a camera is asked for: the same for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Prompt { least_frames: 2, most_frames: 5, most_bytes: 262_144 })]
pub struct Prompt {
    /// Fewest frames that are taken.
    pub least_frames: u8,
    /// Most frames that are taken.
    pub most_frames: u8,
    /// Largest JPEG, in bytes. The body as a whole has a limit of its own (`http.limits.max_body_bytes`).
    pub most_bytes: u32,
}

/// What the person answers.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"frames": ["_9j_4AAQSkZJRgABAQ", "_9j_4AAQSkZJRgABAg"]}))]
pub struct Answer {
    /// Frames of a camera, a moment apart, with one face in each: JPEG of at most 256 KiB and 4 million pixels, in base64url
    /// without padding. No two may be the same.
    #[schemars(length(min = 1, max = 5), inner(length(min = 4, max = 349_528)))]
    pub frames: Vec<String>,
}

impl Authenticator for Face {
    const ID: &'static str = "face";
    const ABOUT: &'static str = include_str!("../README.md");
    const ASSURANCE: Assurance = Assurance::ServerVerified;

    type Config = Config;
    type Credential = Credential;
    type Begin = Nothing;
    type Prompt = Prompt;
    type State = Nothing;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        let eyes = eyes(&host)?;
        if config.log_only {
            host.log(
                LogLevel::Warn,
                "log_only: faces are looked at and logged, nobody is enrolled or let in",
            );
        }
        Ok(Self { config, host, eyes })
    }

    fn traits(&self) -> Traits {
        Traits {
            amr: vec!["face".to_owned()],
            kind: Kind::Inherence,
            phishing_resistant: false,
            many: false,
            single_use: false,
            self_service: true,
            steps: Steps { first: false, second: true, fallback: false },
        }
    }

    async fn challenge(
        &self,
        _: Call<'_, Nothing, Credential>,
    ) -> Result<Challenge<Prompt, Nothing, Credential>, Fault> {
        Ok(Challenge { expires_in: Some(LASTS), ..Challenge::new(self.prompt(), Nothing {}) })
    }

    async fn verify(
        &self,
        call: Call<'_, (Nothing, Answer), Credential>,
    ) -> Result<Verdict<Prompt, Nothing, Credential>, Fault> {
        let (_, Answer { frames }) = call.body;
        let sights = self.look(&frames).await?;
        // One of another model says nothing here: as if there were none.
        let held = call.credentials.iter().find(|held| held.doc.model == self.eyes.model());
        let known = held.map_or(&[][..], |held| &held.doc.embedding);
        // Each is compared, whatever came of the others.
        let alike = sights.iter().filter(|sight| self.is_like(sight, known)).count();
        let all = !sights.is_empty() && alike == sights.len();
        Ok(match held {
            None => Verdict::refused(Refusal::NotEnrolled),
            Some(held) if all && !self.config.log_only => Verdict::accepted(held.id),
            Some(_) => Verdict::refused(Refusal::Wrong),
        })
    }

    fn describe(credential: &Credential) -> Value {
        json!({"frames": credential.frames})
    }
}

impl Face {
    fn prompt(&self) -> Prompt {
        Prompt {
            least_frames: self.config.least_frames,
            most_frames: frames::MOST as u8,
            most_bytes: frames::MOST_BYTES as u32,
        }
    }

    /// Looks at every frame, one after the other, so that others come in between.
    async fn look(&self, frames: &[String]) -> Result<Vec<Sight>, Fault> {
        let mut sights = Vec::new();
        for (place, jpeg) in frames::read(frames, self.config.least_frames)?.into_iter().enumerate() {
            let eyes = self.eyes.clone();
            let seen = self.host.cpu(move || eyes.look(&jpeg)).await??;
            sights.push(seen.map_err(|why| frames::wrong(place, why.0))?);
        }
        Ok(sights)
    }

    fn is_like(&self, sight: &Sight, known: &[f32]) -> bool {
        match sight {
            Sight::One(seen) => {
                let alike = likeness(&seen.embedding, known);
                self.note(|| format!("one face, alive {:.2}, like the enrolled one {alike:.2}", seen.live));
                self.is_alive(seen) && alike >= self.config.least_similarity
            }
            Sight::Faces(found) => {
                self.note(|| format!("{found} faces"));
                false
            }
        }
    }

    fn is_alive(&self, seen: &Seen) -> bool {
        seen.live >= self.config.least_liveness
    }

    /// The numbers go to the log only where they are asked for, and to nobody else: whoever knows how near a picture
    /// came can come nearer.
    fn note(&self, line: impl FnOnce() -> String) {
        if self.config.log_only {
            self.host.log(LogLevel::Info, &line());
        }
    }
}

#[cfg(feature = "inference")]
fn eyes(host: &Host) -> Result<Arc<dyn Look>, Fault> {
    Ok(Arc::new(inference::Eyes::open(host)?))
}

#[cfg(not(feature = "inference"))]
fn eyes(_: &Host) -> Result<Arc<dyn Look>, Fault> {
    let message =
        "this build can't look at frames: build it with the feature `face`, or set `enabled = false`";
    Err(Fault::Config { key: String::new(), message: message.to_owned() })
}

gatewright_contract::register_authenticator!(Face: enrol);
