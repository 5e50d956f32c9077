//! The table `[plugins.kba]`.

use crate::normal::normal;
use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Characters of a question.
pub(crate) const QUESTION_CHARS: std::ops::RangeInclusive<usize> = 10..=200;

/// The table `[plugins.kba]`. What is changed here holds for what is set up from then on; how many questions are asked,
/// from the next ones that are drawn.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The questions to choose from: 10 to 100, each of 10 to 200 characters. Good ones have many possible answers that
    /// stand nowhere and don't change.
    #[schemars(length(min = 10, max = 100), inner(length(min = 10, max = 200)))]
    pub questions: Vec<String>,
    /// Whether people may write questions of their own. Where this authenticator may come first, such a question shows
    /// that somebody of this name exists.
    pub own_questions: bool,
    /// Fewest questions that a person answers.
    #[schemars(range(min = 3, max = 10))]
    pub enrol_questions: u8,
    /// How many of them a login asks; fewer than `enrol_questions`.
    #[schemars(range(min = 2, max = 5))]
    pub challenge_questions: u8,
    /// Fewest letters and digits of an answer.
    #[schemars(range(min = 2, max = 20))]
    pub min_characters: u8,
    /// Memory for one hash (Argon2id) in KiB.
    #[schemars(range(min = 1024, max = 262_144))]
    pub memory_kib: u32,
    /// Passes over that memory.
    #[schemars(range(min = 1, max = 10))]
    pub iterations: u32,
}

const QUESTIONS: [&str; 20] = [
    "What was the name of your first pet?",
    "What was the first dish that you learned to cook?",
    "What was the name of your first stuffed animal?",
    "Which book did you read more than twice as a child?",
    "In which street did your best friend from childhood live?",
    "What was the surname of your favourite teacher?",
    "Where did you go on your first journey by plane?",
    "What was the model of the first bicycle that you owned?",
    "What did you want to become when you were ten years old?",
    "Which concert was the first that you went to?",
    "What was the name of the first boat that you were on?",
    "Which game did you play most as a child?",
    "What was the nickname of your oldest cousin?",
    "What is the name of the hill or wood that you know best?",
    "Which song could your grandparents sing by heart?",
    "Where were you when you saw the sea for the first time?",
    "What was the name of the first shop that you worked for?",
    "Which meal did you refuse to eat as a child?",
    "What did the first key of your own open?",
    "Which present have you kept the longest?",
];

impl Default for Config {
    fn default() -> Self {
        Self {
            questions: QUESTIONS.map(str::to_owned).to_vec(),
            own_questions: false,
            enrol_questions: 5,
            challenge_questions: 3,
            min_characters: 4,
            memory_kib: 19 * 1024,
            iterations: 2,
        }
    }
}

impl Config {
    /// The schema says most of it; this holds for whoever makes the plugin without it, and for what no schema can say.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong =
            |key: &str, message: &str| Fault::Config { key: key.to_owned(), message: message.to_owned() };
        if !(10..=100).contains(&self.questions.len()) {
            return Err(wrong("questions", "10 to 100 questions"));
        }
        let fits =
            |q: &String| QUESTION_CHARS.contains(&q.chars().count()) && !q.chars().any(char::is_control);
        if !self.questions.iter().all(fits) {
            return Err(wrong(
                "questions",
                "each has 10 to 200 characters, none of them a control character",
            ));
        }
        let mut forms: Vec<_> = self.questions.iter().map(|q| normal(q).to_string()).collect();
        forms.sort_unstable();
        forms.dedup();
        if forms.len() != self.questions.len() {
            return Err(wrong("questions", "a question is listed twice"));
        }
        if !(3..=10).contains(&self.enrol_questions) {
            return Err(wrong("enrol_questions", "3 to 10"));
        }
        if !(2..=5).contains(&self.challenge_questions) || self.challenge_questions >= self.enrol_questions {
            return Err(wrong("challenge_questions", "2 to 5, and fewer than enrol_questions"));
        }
        if !(2..=20).contains(&self.min_characters) {
            return Err(wrong("min_characters", "2 to 20"));
        }
        if !(1024..=262_144).contains(&self.memory_kib) {
            return Err(wrong("memory_kib", "1024 to 262144"));
        }
        if !(1..=10).contains(&self.iterations) {
            return Err(wrong("iterations", "1 to 10"));
        }
        Ok(())
    }
}
