//! Making a card: it is shown once.

use crate::{Card, Cell, Config, Grid, moment, print};
use gatewright_contract::{
    Call, Challenge, Enrol, Enrolment, Fault, Nothing, Rehearse, Timestamp, Violation,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longest name that a person may give a card, in characters.
const MAX_LABEL_CHARS: usize = 64;

/// What a client may say when it asks for a card.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = Invite { label: Some("In my wallet".to_owned()) })]
pub struct Invite {
    /// A name for this card, for the person's own list: at most 64 characters.
    #[schemars(length(max = 64))]
    pub label: Option<String>,
}

/// What is kept between the two steps.
#[derive(Debug, Serialize, Deserialize)]
pub struct Draft {
    pub(crate) label: Option<String>,
}

/// What is shown exactly once. Never stored by a client.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Reveal::example())]
pub struct Reveal {
    /// The number that is printed on the card.
    pub serial: String,
    /// When the card ends (RFC 3339); left out: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// The cells, row by row.
    pub rows: Vec<Vec<String>>,
    /// The card as text, with letters above the columns and numbers before the rows, for a font of one width.
    pub text: String,
    /// The card as a PDF of one page, in base64 (RFC 4648, section 4).
    pub pdf_base64: String,
}

impl Reveal {
    fn of(card: &Card) -> Self {
        Self {
            serial: card.serial.clone(),
            expires_at: card.expires.and_then(moment),
            rows: print::rows(card),
            text: print::text(card),
            pdf_base64: print::pdf_base64(card),
        }
    }

    /// For the document; cut short.
    fn example() -> Self {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        Self {
            serial: "40718253".to_owned(),
            expires_at: None,
            rows: vec![row(["QX", "7A", "KT", "9M"]), row(["H4", "RP", "3C", "WY"])],
            text: "     A   B   C   D\n 1  QX  7A  KT  9M\n 2  H4  RP  3C  WY\n".to_owned(),
            pdf_base64: "JVBERi0xLjcK…".to_owned(),
        }
    }
}

impl Enrol for Grid {
    type Invite = Invite;
    type Invitation = Nothing;
    type Draft = Draft;
    type Proof = Nothing;
    type Reveal = Reveal;

    async fn invite(&self, call: Call<'_, Invite, Card>) -> Result<Challenge<Nothing, Draft, Card>, Fault> {
        if let Some(full) = self.full(call.credentials.len()) {
            return Err(Fault::bad_request("", full.message));
        }
        Ok(Challenge::new(Nothing {}, Draft { label: read_label(call.body.label)? }))
    }

    async fn enrol(&self, call: Call<'_, (Draft, Nothing), Card>) -> Result<Enrolment<Card, Reveal>, Fault> {
        // Asked again: two invitations may have been open at the same time.
        if let Some(full) = self.full(call.credentials.len()) {
            return Ok(Enrolment::Rejected(vec![full]));
        }
        let card = Card::new(&self.config, &self.host, call.scope.now)?;
        let reveal = Reveal::of(&card);
        Ok(Enrolment::Enrolled { credential: card, label: call.body.0.label, lookup: None, reveal })
    }
}

impl Grid {
    fn full(&self, held: usize) -> Option<Violation> {
        let Config { max_cards, .. } = self.config;
        (held >= usize::from(max_cards)).then(|| Violation {
            code: "too_many".to_owned(),
            message: format!("At most {max_cards} cards. Remove one first."),
        })
    }
}

fn read_label(label: Option<String>) -> Result<Option<String>, Fault> {
    let label = label.map(|l| l.trim().to_owned()).filter(|l| !l.is_empty());
    match &label {
        Some(l) if l.chars().count() > MAX_LABEL_CHARS || l.chars().any(char::is_control) => {
            Err(Fault::bad_request("label", "at most 64 characters, none of them a control character"))
        }
        _ => Ok(label),
    }
}

/// What somebody does who has the card before them.
impl Rehearse for Grid {
    fn prove(_: &Nothing, _: Timestamp) -> Value {
        json!({})
    }

    fn answer(_: &Nothing, shown: &Reveal, prompt: &Value, _: Timestamp, _: usize) -> Option<Value> {
        let cells: Vec<Cell> = serde_json::from_value(prompt["cells"].clone()).ok()?;
        let at = |cell: &Cell| shown.rows.get(usize::from(cell.row))?.get(usize::from(cell.column)).cloned();
        let read: Option<Vec<String>> = cells.iter().map(at).collect();
        read.map(|read| json!({"characters": read.join(" ")}))
    }
}
