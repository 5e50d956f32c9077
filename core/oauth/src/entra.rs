//! An external authentication method of Microsoft Entra (`docs/decisions/0028-entra.md`): Entra has checked who somebody says
//! they are and sends the browser here for another factor. A closed profile of the authorization endpoint: an ID token that
//! says one method, for a hint that Entra has signed. No code, no access token.

mod answer;
mod hint;
mod link;
mod metadata;
mod read;

pub(crate) use answer::proven;
pub use link::LINK;
pub(crate) use metadata::Metadata;

use gatewright_contract::PersonId;
use serde::{Deserialize, Serialize};

/// What Entra asks for, as it is kept with the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// `sub` of the hint, which the answer repeats.
    pub subject: String,
    /// Who has that account here.
    pub person: PersonId,
    /// Sorts of proof, one of which the answer names.
    pub acr: Vec<String>,
    /// Methods, one of which the answer names.
    pub amr: Vec<String>,
}
