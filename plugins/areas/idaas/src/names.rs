//! The dialect's names for authenticators: the one place where an IDaaS name meets an id of ours.

use crate::{
    adapters::{self, Adapter, OwnJson},
    wire::{Formed, Named},
};
use gatewright_core::{Catalogue, Problem};

/// A name of the contract.
struct Name {
    name: &'static str,
    /// Our ids: the first that is due answers. All but the first can be asked for by their own id as well.
    ids: &'static [&'static str],
    /// In which lists the ids are told under this name.
    told: Told,
    /// What is special about its fields.
    adapter: &'static dyn Adapter,
}

/// Where a name stands for its id; one id may have a name for each step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Always,
    First,
    Second,
}

/// A name whose fields one adapter knows.
const fn with(name: &'static str, ids: &'static [&'static str], adapter: &'static dyn Adapter) -> Name {
    Name { name, ids, told: Told::Always, adapter }
}

static NAMES: &[Name] = &[
    with("MACHINE", &["machine"], &adapters::machine::Machine),
    with("PASSWORD", &["password"], &adapters::password::Password),
    with("EXTERNAL", &["ldap"], &adapters::password::Password),
    with("KBA", &["kba"], &adapters::kba::Kba),
    with("TEMP_ACCESS_CODE", &["temp-access-code"], &adapters::temp_access_code::TempAccessCode),
    with("OTP", &["otp"], &adapters::otp::Otp),
    with("GRID", &["grid"], &adapters::grid::Grid),
    with("TOKEN", &["totp", "hotp"], &adapters::token::Token),
    with("TOKENPUSH", &["push"], &adapters::push::Push),
    // Clients look for FIDO among the second factors and for PASSKEY where no username is known.
    Name { told: Told::Second, ..with("FIDO", &["passkey"], &adapters::passkey::Passkey) },
    with("SMARTCREDENTIALPUSH", &["smart-credential"], &adapters::push::Push),
    with("SMART_LOGIN", &["smart-login"], &adapters::smart_login::SmartLogin),
    with("IDP", &["idp-oidc"], &adapters::idp::Idp),
    Name { told: Told::First, ..with("PASSKEY", &["passkey"], &adapters::passkey::Passkey) },
    with("USER_CERTIFICATE", &["certificate"], &adapters::user_certificate::UserCertificate),
    with("FACE", &["zkp"], &adapters::face::Face),
];

/// Names of two steps, and what the first of them is.
static SEQUENCES: &[(&str, &str)] =
    &[("PASSWORD_AND_SECONDFACTOR", "password"), ("IDP_AND_SECONDFACTOR", "idp-oidc")];

/// What a name in a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way<'a> {
    /// The first of these that is due.
    One(&'a [&'a str]),
    /// This one first, then one that the client names.
    Sequence(&'a str),
}

impl<'a> Way<'a> {
    /// Reads a name of the contract, or the id of an authenticator that has none.
    ///
    /// # Errors
    /// 400 for what is not there.
    pub(crate) fn parse(name: &'a &'a str, catalogue: &Catalogue) -> Result<Self, Problem> {
        let way = Self::read(name).ok_or_else(Problem::unknown_authenticator)?;
        match way {
            Self::One(ids) if ids.iter().all(|id| catalogue.get(id).is_err()) => {
                Err(Problem::unknown_authenticator())
            }
            Self::One(_) => Ok(way),
            Self::Sequence(id) => catalogue.get(id).map(|_| way),
        }
    }

    fn read(name: &'a &'a str) -> Option<Self> {
        if let Some((_, first)) = SEQUENCES.iter().find(|(known, _)| known == name) {
            return Some(Self::Sequence(first));
        }
        match NAMES.iter().find(|n| n.name == *name) {
            Some(known) => Some(Self::One(known.ids)),
            // One spelling for each: an id that has a name is not a second one.
            None => NAMES.iter().all(|n| n.ids[0] != *name).then_some(Self::One(std::slice::from_ref(name))),
        }
    }

    /// Which authenticator is asked, of those that are due: the first, or the one that is there at all.
    pub(crate) fn of(self, due: &[String], catalogue: &Catalogue) -> &'a str {
        match self {
            Self::Sequence(id) => id,
            Self::One(ids) => {
                let is_due = ids.iter().find(|id| due.iter().any(|d| d == **id));
                let is_there = ids.iter().find(|id| catalogue.get(id).is_ok());
                is_due.or(is_there).unwrap_or(&ids[0])
            }
        }
    }

    /// Whether it takes a look at what is due to know which one it is.
    pub(crate) fn is_many(self) -> bool {
        matches!(self, Self::One(ids) if ids.len() > 1)
    }

    /// A name that is not a sequence.
    ///
    /// # Errors
    /// 400 for a sequence.
    pub(crate) fn only(self) -> Result<Self, Problem> {
        match self {
            Self::One(_) => Ok(self),
            Self::Sequence(_) => Err(Problem::unknown_authenticator()),
        }
    }
}

/// What is special about the fields of an authenticator.
pub(crate) fn adapter(id: &str) -> &'static dyn Adapter {
    NAMES.iter().find(|n| n.ids.contains(&id)).map_or(&OwnJson, |n| n.adapter)
}

/// All names of the contract, for the document.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|n| n.name).chain(SEQUENCES.iter().map(|(name, _)| *name))
}

/// Whether a name is of two steps.
pub(crate) fn is_sequence(name: &str) -> bool {
    SEQUENCES.iter().any(|(known, _)| *known == name)
}

/// Authenticators as the contract names them, and those for which it has no name.
#[derive(Default)]
pub(crate) struct Listed {
    /// By name.
    pub(crate) named: Vec<Formed<Named>>,
    /// By id.
    pub(crate) others: Vec<String>,
}

/// First factors, with the sequences before all else where a second factor is ever asked for: a client that
/// takes the first of the list must be able to come to an end with it.
pub(crate) fn first(ids: &[String], asks_for_second: bool) -> Listed {
    let mut listed = list(ids, Told::First);
    if asks_for_second {
        let sequences = SEQUENCES.iter().filter(|(_, first)| ids.iter().any(|id| id == first));
        listed.named.splice(0..0, sequences.map(|(name, _)| Formed::new(*name)));
    }
    listed
}

/// Second factors.
pub(crate) fn second(ids: &[String]) -> Listed {
    list(ids, Told::Second)
}

fn list(ids: &[String], step: Told) -> Listed {
    let mut listed = Listed::default();
    for id in ids {
        let told = |n: &&Name| n.told == step || n.told == Told::Always;
        // Where several of one name are listed, the name is that of the one that it reaches.
        let reached =
            |n: &&Name| n.ids.iter().find(|of| ids.iter().any(|id| id == **of)) == Some(&id.as_str());
        match NAMES.iter().filter(told).find(reached) {
            Some(known) => listed.named.push(Formed::new(known.name)),
            None => listed.others.push(id.clone()),
        }
    }
    listed
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
