//! Setting up what a file holds: all of it, or nothing.

use super::{Mistake, Moves, Read, read};
use crate::app::App;
use gatewright_contract::TenantId;
use gatewright_core::{Origin, Problem, engine::Provided};
use serde_json::json;
use std::fmt;

/// What has been set up (or could be).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Tokens that go by time.
    pub totp: usize,
    /// Tokens that count.
    pub hotp: usize,
    /// The file is signed, and nobody has looked whether rightly.
    pub signed: bool,
}

/// Why nothing has been set up.
#[derive(Debug)]
pub enum ImportError {
    /// Something is wrong with these lines.
    Mistakes(Vec<Mistake>),
    /// It could not be told.
    Problem(Problem),
}

impl From<Problem> for ImportError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(problem) => problem.fmt(f),
            Self::Mistakes(mistakes) => {
                f.write_str("nothing has been imported")?;
                mistakes.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
            }
        }
    }
}

/// Reads a file (CSV or PSKC) and sets up what it holds for people of a tenant. `dry_run` writes nothing.
///
/// # Errors
/// Every mistake with its line; nothing is written then.
pub async fn import(
    app: &App,
    tenant: &TenantId,
    file: &[u8],
    dry_run: bool,
    origin: &Origin,
) -> Result<Imported, ImportError> {
    let Read { tokens, mut mistakes, signed } = read(file);
    let (mut list, mut lines) = (Vec::with_capacity(tokens.len()), Vec::with_capacity(tokens.len()));
    for token in &tokens {
        match app.engine.find_person(tenant, &token.username).await? {
            Some(person) => {
                let (authenticator, invite) = (token.authenticator().to_owned(), json!({}));
                lines.push(token.line);
                list.push(Provided { person, authenticator, invite, proof: token.proof() });
            }
            None => {
                let what = format!("there is no `{}` in tenant `{tenant}`", token.username.escape_debug());
                mistakes.push(Mistake::new(token.line, what));
            }
        }
    }
    let write = mistakes.is_empty() && !dry_run;
    for (place, problem) in app.engine.enrol_all(list, write, origin).await? {
        mistakes.push(Mistake::new(lines[place], told(&problem)));
    }
    if !mistakes.is_empty() {
        mistakes.sort();
        return Err(ImportError::Mistakes(mistakes));
    }
    let totp = tokens.iter().filter(|token| matches!(token.moves, Moves::Time(_))).count();
    Ok(Imported { totp, hotp: tokens.len() - totp, signed })
}

fn told(problem: &Problem) -> String {
    match problem.violations.is_empty() {
        true => problem.detail.clone(),
        false => problem.violations.iter().map(|v| v.message.as_str()).collect::<Vec<_>>().join("; "),
    }
}
