#![doc = include_str!("../README.md")]

mod card;
mod cells;
mod config;
mod enrol;
mod print;
mod rhythm;

#[cfg(test)]
mod tests;

pub use card::Card;
pub use cells::Cell;
pub use config::Config;
pub use enrol::{Draft, Invite, Reveal};

use gatewright_contract::{
    Authenticator, Call, Challenge, CredentialId, Fault, Held, Host, Kind, Nothing, Refusal, Scope, Secret,
    Steps, Timestamp, Traits, Verdict,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The longest input that is looked at, in bytes: 24 characters with any sensible spacing.
const MAX_TYPED_BYTES: usize = 96;

/// Characters from the cells of a card.
pub struct Grid {
    config: Config,
    host: Host,
    /// What an answer is compared with when there is nothing else.
    decoy: Card,
}

/// What the person is shown: the cells to read, in the order of the answer.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Prompt::example())]
pub struct Prompt {
    /// The cells. They stay the same until they are answered.
    pub cells: Vec<Cell>,
    /// Characters in a cell, as it is set up today. A card keeps its own number.
    pub characters_per_cell: u8,
    /// What a cell may hold, as it is set up today.
    pub alphabet: String,
    /// The cards that may answer; empty as long as the person has proven nothing.
    pub cards: Vec<CardInfo>,
}

/// What tells cards apart.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardInfo {
    /// The number that is printed on it.
    pub serial: String,
    /// When it ends (RFC 3339); left out: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

impl Prompt {
    fn example() -> Self {
        let cell = |column, row| Cell { column, row };
        Self {
            cells: vec![cell(0, 1), cell(7, 4), cell(3, 0)],
            characters_per_cell: 2,
            alphabet: Config::default().alphabet,
            cards: vec![CardInfo { serial: "40718253".to_owned(), expires_at: None }],
        }
    }
}

/// What is kept of a challenge: the cells that were shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    cells: Vec<Cell>,
}

/// What the person answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"characters": "H4 KT 9A"}))]
pub struct Answer {
    /// The characters of the cells, in their order, in capital or small letters. White space in it does not count.
    #[schemars(length(max = 96))]
    pub characters: Secret<String>,
}

impl Authenticator for Grid {
    const ID: &'static str = "grid";
    const ABOUT: &'static str = include_str!("../README.md");

    type Config = Config;
    type Credential = Card;
    type Begin = Nothing;
    type Prompt = Prompt;
    type State = State;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        let decoy = Card::nobody(&config);
        Ok(Self { config, host, decoy })
    }

    fn traits(&self) -> Traits {
        Traits {
            amr: vec!["otp".to_owned()],
            // A look-up secret is something you have (NIST SP 800-63B-4, section 3.1.2).
            kind: Kind::Possession,
            phishing_resistant: false,
            many: true,
            single_use: true,
            self_service: true,
            steps: Steps { first: false, second: true, fallback: false },
        }
    }

    async fn challenge(
        &self,
        call: Call<'_, Nothing, Card>,
    ) -> Result<Challenge<Prompt, State, Card>, Fault> {
        let valid = valid(call.credentials, call.scope.now);
        let cells = match valid.first() {
            Some(held) => held.doc.asked.clone(),
            None => self.decoy_cells(call.scope),
        };
        // Before anything is proven, how many cards there are would tell that somebody is there.
        let told = if call.scope.first { &[] } else { &valid[..] };
        let prompt = Prompt {
            cells: cells.clone(),
            characters_per_cell: self.config.characters_per_cell,
            alphabet: self.config.alphabet.clone(),
            cards: told.iter().map(|held| info(&held.doc)).collect(),
        };
        Ok(Challenge::new(prompt, State { cells }))
    }

    async fn verify(
        &self,
        call: Call<'_, (State, Answer), Card>,
    ) -> Result<Verdict<Prompt, State, Card>, Fault> {
        let (State { cells }, Answer { characters }) = &call.body;
        let typed = read(characters.expose());
        let valid = valid(call.credentials, call.scope.now);
        let Some(asking) = valid.first() else {
            std::hint::black_box(self.decoy.fits(cells, typed.expose()));
            let why = if call.credentials.is_empty() { Refusal::NotEnrolled } else { Refusal::Expired };
            return Ok(Verdict::refused(why));
        };
        // All are compared, whichever fits.
        let fits = |found: Option<CredentialId>, held: &&Held<Card>| {
            held.doc.fits(cells, typed.expose()).then_some(held.id).or(found)
        };
        let found = valid.iter().fold(None, fits);
        if asking.doc.asked != *cells {
            // Answered in another login since they were shown, or the card that asked for them is gone.
            return Ok(Verdict::refused(Refusal::Replayed));
        }
        Ok(match found {
            Some(id) => {
                let next = asking.doc.answered(&self.config, &self.host)?;
                Verdict::accepted(id).replacing(asking.id, next)
            }
            None => Verdict::refused(Refusal::Wrong),
        })
    }

    fn describe(card: &Card) -> Value {
        json!({"serial": card.serial, "expires_at": card.expires.and_then(moment)})
    }
}

impl Grid {
    fn decoy_cells(&self, scope: &Scope) -> Vec<Cell> {
        let Config { columns, rows, challenge_cells, .. } = self.config;
        cells::decoy(&scope.pseudonym, scope.now, (columns, rows), challenge_cells)
    }
}

/// The cards that have not ended, oldest first. The first of them says what is asked for; all may answer.
fn valid(held: &[Held<Card>], now: Timestamp) -> Vec<&Held<Card>> {
    let mut valid: Vec<_> = held.iter().filter(|held| !held.doc.is_over(now)).collect();
    valid.sort_by_key(|held| (held.created, held.id));
    valid
}

fn info(card: &Card) -> CardInfo {
    CardInfo { serial: card.serial.clone(), expires_at: card.expires.and_then(moment) }
}

/// RFC 3339; none for a year that it can't write.
fn moment(at: Timestamp) -> Option<String> {
    let at = time::OffsetDateTime::from_unix_timestamp(at.as_secs()).ok()?;
    at.format(&time::format_description::well_known::Rfc3339).ok()
}

/// As it is compared: capital letters, no white space. Anything else that is on no card stays, and is wrong.
fn read(typed: &str) -> Secret<String> {
    if typed.len() > MAX_TYPED_BYTES {
        return Secret::new(String::new());
    }
    Secret::new(typed.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect())
}

gatewright_contract::register_authenticator!(Grid: enrol, rehearse);
