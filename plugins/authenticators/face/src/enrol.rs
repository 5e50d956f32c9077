//! Setting up a face.

use crate::{
    Credential, Face, Prompt,
    look::{Seen, Sight, likeness, middle},
};
use gatewright_contract::{Call, Challenge, Enrol, Enrolment, Fault, Nothing, Violation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// What finishes the enrolment.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"frames": ["_9j_4AAQSkZJRgABAQ", "_9j_4AAQSkZJRgABAg"]}))]
pub struct Proof {
    /// As in an answer; all of the same person.
    #[schemars(length(min = 1, max = 5), inner(length(min = 4, max = 349_528)))]
    pub frames: Vec<String>,
}

impl Enrol for Face {
    type Invite = Nothing;
    type Invitation = Prompt;
    type Draft = Nothing;
    type Proof = Proof;
    type Reveal = Nothing;

    async fn invite(
        &self,
        _: Call<'_, Nothing, Credential>,
    ) -> Result<Challenge<Prompt, Nothing, Credential>, Fault> {
        Ok(Challenge::new(self.prompt(), Nothing {}))
    }

    async fn enrol(
        &self,
        call: Call<'_, (Nothing, Proof), Credential>,
    ) -> Result<Enrolment<Credential, Nothing>, Fault> {
        let (_, Proof { frames }) = call.body;
        let sights = self.look(&frames).await?;
        Ok(match self.known_from(&sights) {
            Ok(credential) => {
                Enrolment::Enrolled { credential, label: None, lookup: None, reveal: Nothing {} }
            }
            Err(violation) => Enrolment::Rejected(vec![violation]),
        })
    }
}

impl Face {
    fn known_from(&self, sights: &[Sight]) -> Result<Credential, Violation> {
        let one = |(place, sight)| self.usable(place, sight);
        let seen: Vec<&Seen> = sights.iter().enumerate().map(one).collect::<Result<_, _>>()?;
        let embeddings: Vec<&[f32]> = seen.iter().map(|one| &one.embedding[..]).collect();
        let embedding = middle(&embeddings)
            .ok_or_else(|| violation("not_alike", "Nothing can be made of these frames. Take new ones."))?;
        for (place, one) in embeddings.iter().enumerate() {
            for other in &embeddings[..place] {
                let alike = likeness(one, other);
                self.note(|| format!("two frames of an enrolment are alike by {alike:.2}"));
                if alike < self.config.least_similarity {
                    let message = "The frames do not show the same face. Take new ones, all of one person.";
                    return Err(violation("not_alike", message));
                }
            }
        }
        if self.config.log_only {
            let message = "Faces are on trial here: this one was looked at, and nothing was kept of it.";
            return Err(violation("on_trial", message));
        }
        Ok(Credential { model: self.eyes.model().to_owned(), embedding, frames: embeddings.len() as u8 })
    }

    fn usable<'a>(&self, place: usize, sight: &'a Sight) -> Result<&'a Seen, Violation> {
        let number = place + 1;
        match sight {
            Sight::Faces(found) => {
                self.note(|| format!("{found} faces"));
                let message = format!("Frame {number}: exactly one face must be in it, seen from the front.");
                Err(violation("not_one_face", &message))
            }
            Sight::One(seen) => {
                self.note(|| format!("one face, alive {:.2}", seen.live));
                let message =
                    format!("Frame {number} looks like a picture of a person. Take it of the person.");
                if self.is_alive(seen) { Ok(seen) } else { Err(violation("not_alive", &message)) }
            }
        }
    }
}

fn violation(code: &str, message: &str) -> Violation {
    Violation { code: code.to_owned(), message: message.to_owned() }
}
