//! `cells`: a card with letters in cells; three cells are asked for. The challenge is kept with the credential,
//! so that asking again does not bring cells that somebody has seen.

use super::prelude::*;

const COLUMNS: u8 = 10;
const ROWS: u8 = 5;

pub fn registration() -> Registration {
    gatewright_contract::registration!(Grid: enrol, rehearse)
}

pub struct Grid(Host);

/// Three cells, in order.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Cells {
    /// Column and row: `A1` to `J5`.
    pub cells: [String; 3],
}

#[derive(Deserialize, JsonSchema)]
#[schemars(example = json!({"letters": "QTX"}))]
pub struct Answer {
    /// One letter a cell.
    pub letters: Secret<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Card {
    #[serde(with = "in_sealed_document")]
    letters: Secret<String>,
    /// What is asked until it is answered.
    asked: Option<Cells>,
}

/// Shown once, to be printed.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Printed {
    /// All letters, row by row.
    pub letters: String,
}

impl Authenticator for Grid {
    const ID: &'static str = "cells";
    const ABOUT: &'static str = "# cells\n\nA card with letters in cells. For tests.";
    type Config = Nothing;
    type Credential = Card;
    type Begin = Nothing;
    type Prompt = Cells;
    type State = Cells;
    type Answer = Answer;

    fn new(_: Nothing, host: Host) -> Result<Self, Fault> {
        Ok(Self(host))
    }

    fn traits(&self) -> Traits {
        Traits { single_use: false, ..second(&["otp"], Kind::Possession) }
    }

    async fn challenge(&self, call: Call<'_, Nothing, Card>) -> Result<Challenge<Cells, Cells, Card>, Fault> {
        let drawn = Cells { cells: self.0.random_array::<3>()?.map(cell) };
        let held = call.credentials.first();
        let asked = held.and_then(|h| h.doc.asked.clone()).unwrap_or(drawn);
        let keep = held.map(|h| CredentialChange::Replace {
            id: h.id,
            doc: Card { asked: Some(asked.clone()), ..h.doc.clone() },
        });
        let effects = Effects { credentials: keep.into_iter().collect(), ..Effects::none() };
        Ok(Challenge { effects, ..Challenge::new(asked.clone(), asked) })
    }

    async fn verify(
        &self,
        call: Call<'_, (Cells, Answer), Card>,
    ) -> Result<Verdict<Cells, Cells, Card>, Fault> {
        let (asked, Answer { letters }) = call.body;
        let Some(held) = call.credentials.first() else { return Ok(Verdict::refused(Refusal::NotEnrolled)) };
        let right = letter_of(held.doc.letters.expose(), &asked);
        Ok(match right.as_deref() == Some(letters.expose()) {
            true => Verdict::accepted(held.id).replacing(held.id, Card { asked: None, ..held.doc.clone() }),
            false => Verdict::refused(Refusal::Wrong),
        })
    }
}

impl Enrol for Grid {
    type Invite = Nothing;
    type Invitation = Nothing;
    type Draft = Nothing;
    type Proof = Nothing;
    type Reveal = Printed;

    async fn invite(&self, _: Call<'_, Nothing, Card>) -> Result<Challenge<Nothing, Nothing, Card>, Fault> {
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    async fn enrol(&self, _: Call<'_, (Nothing, Nothing), Card>) -> Result<Enrolment<Card, Printed>, Fault> {
        let drawn: [u8; (COLUMNS * ROWS) as usize] = self.0.random_array()?;
        let letters: String = drawn.iter().map(|b| char::from(b'A' + b % 26)).collect();
        let credential = Card { letters: Secret::new(letters.clone()), asked: None };
        Ok(Enrolment::Enrolled { credential, label: None, lookup: None, reveal: Printed { letters } })
    }
}

impl Rehearse for Grid {
    fn prove(_: &Nothing, _: Timestamp) -> Value {
        json!({})
    }

    fn answer(_: &Nothing, printed: &Printed, prompt: &Value, _: Timestamp, _: usize) -> Option<Value> {
        let asked = serde_json::from_value(prompt.clone()).ok()?;
        letter_of(&printed.letters, &asked).map(|letters| json!({"letters": letters}))
    }
}

fn cell(drawn: u8) -> String {
    let at = drawn % (COLUMNS * ROWS);
    format!("{}{}", char::from(b'A' + at % COLUMNS), 1 + at / COLUMNS)
}

fn letter_of(card: &str, asked: &Cells) -> Option<String> {
    let place = |cell: &String| match cell.as_bytes() {
        [column, row] => Some(usize::from(row.checked_sub(b'1')? * COLUMNS + column.checked_sub(b'A')?)),
        _ => None,
    };
    asked.cells.iter().map(|c| card.chars().nth(place(c)?)).collect()
}
