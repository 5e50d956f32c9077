//! Which proofs are enough: data per tenant, no code per authenticator.

use crate::{catalogue::Catalogue, transaction::Proof};
use gatewright_contract::{Assurance, Kind, Manifest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Methods (RFC 8176) that only an authenticator may say that has looked itself: what a device, a library or a provider
/// says of a face is what it says.
const LOOKED_AT: &[&str] = &["face"];

/// What a tenant asks of a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Authenticators that may come first, best first. Left out: every one that says it can, the
    /// phishing-resistant ones first.
    pub first: Option<Vec<String>>,
    /// Authenticators that may come second, best first. Left out: every one that says it can.
    pub second: Option<Vec<String>>,
    /// When a second factor is asked for.
    pub second_factor: SecondFactor,
    /// What a person is asked to set up when a second factor is due and there is none. Left out: what
    /// may come second.
    pub enrol: Option<Vec<String>>,
    /// Authenticators by which somebody who has lost their password may set a new one, best first, such as `otp` (a code
    /// by mail). The login after it still asks for the second factor. Default: none, an administrator does it.
    pub reset: Vec<String>,
    /// Names of assurance levels, weakest first; a login gets the last one that it reaches.
    pub levels: Vec<Level>,
}

/// When a second factor is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecondFactor {
    /// Never.
    Never,
    /// From everybody who has one.
    #[default]
    WhenEnrolled,
    /// From everybody; who has none must set one up before the login ends.
    Always,
}

/// What a level takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The value of `acr`.
    pub name: String,
    /// How many kinds of proof (knowledge, possession, inherence) at least.
    #[schemars(range(min = 1, max = 3))]
    pub kinds: u8,
    /// One of the proofs must be bound to the origin that asked.
    #[serde(default)]
    pub phishing_resistant: bool,
}

impl Default for Policy {
    fn default() -> Self {
        let level =
            |name: &str, kinds, phishing_resistant| Level { name: name.into(), kinds, phishing_resistant };
        Self {
            first: None,
            second: None,
            second_factor: SecondFactor::WhenEnrolled,
            enrol: None,
            reset: Vec::new(),
            levels: vec![level("aal1", 1, false), level("aal2", 2, false), level("aal3", 2, true)],
        }
    }
}

/// Where a login stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Begin with one of these.
    First(Vec<String>),
    /// One of these as well.
    Second(Vec<String>),
    /// Set up one of these first.
    Enrol(Vec<String>),
    /// A second factor is due, and the plugin that it needs does not run.
    Unavailable,
    /// Done.
    Enough {
        /// Name of the level.
        acr: String,
        /// Authentication method references (RFC 8176).
        amr: Vec<String>,
    },
}

impl Policy {
    /// What may come first, whoever it is.
    pub fn first_steps(&self, catalogue: &Catalogue) -> Vec<String> {
        let mut list = steps(self.first.as_ref(), catalogue, |m| m.traits.steps.first);
        // Nothing was proven earlier in this login.
        list.retain(|id| !catalogue.is_remembered(id));
        list
    }

    /// What may come second, whoever it is; what is remembered after all that the person can do.
    pub fn second_steps(&self, catalogue: &Catalogue) -> Vec<String> {
        let mut list = steps(self.second.as_ref(), catalogue, |m| m.traits.steps.second);
        list.sort_by_key(|id| catalogue.is_remembered(id));
        list
    }

    /// With what devices are remembered, where they are.
    pub fn remembers(&self, catalogue: &Catalogue) -> Option<String> {
        self.second_steps(catalogue).into_iter().find(|id| catalogue.is_remembered(id))
    }

    /// What a person without a second factor is asked to set up.
    pub fn enrol_steps(&self, catalogue: &Catalogue) -> Vec<String> {
        let listed = self.enrol.clone().unwrap_or_else(|| self.second_steps(catalogue));
        let able = |id: &String| {
            let fits = |m: &Manifest| m.abilities.enrol && m.traits.self_service && !m.traits.steps.fallback;
            catalogue.manifest(id).is_some_and(fits)
        };
        listed.into_iter().filter(able).collect()
    }

    /// By what a lost password may be replaced.
    pub fn reset_steps(&self, catalogue: &Catalogue) -> Vec<String> {
        steps(Some(&self.reset), catalogue, |_| true)
    }

    /// What somebody who has lost it can replace, best first: what is known and comes first. What a login asks for after it must
    /// not be had the same way.
    pub fn replaceable(&self, catalogue: &Catalogue) -> Vec<String> {
        if self.reset_steps(catalogue).is_empty() {
            return Vec::new();
        }
        let seconds = self.second_steps(catalogue);
        let known = |m: &Manifest| m.abilities.enrol && m.traits.kind == Kind::Knowledge;
        let mut list = self.first_steps(catalogue);
        list.retain(|id| !seconds.contains(id) && catalogue.manifest(id).is_some_and(known));
        list
    }

    /// Judges the proofs. `enrolled`: the authenticators that the person has.
    pub fn decide(&self, catalogue: &Catalogue, proofs: &[Proof], enrolled: &BTreeSet<String>) -> Decision {
        if proofs.is_empty() {
            return Decision::First(self.first_steps(catalogue));
        }
        let seconds = self.second_steps(catalogue);
        let fallback = |id: &str| catalogue.manifest(id).is_some_and(|m| m.traits.steps.fallback);
        let used = |id: &str| proofs.iter().any(|p| p.authenticator == id);
        let open = |id: &&String| enrolled.contains(*id) && !used(id);
        let missing = enrolled.iter().any(|id| self.is_missing(catalogue, id));
        let has_second = missing || seconds.iter().filter(open).any(|id| !fallback(id));
        let due = match self.second_factor {
            SecondFactor::Never => false,
            SecondFactor::WhenEnrolled => has_second,
            SecondFactor::Always => true,
        };
        if !due || self.is_two(proofs, &seconds) {
            return self.enough(catalogue, proofs);
        }
        if has_second {
            let list: Vec<String> = seconds.iter().filter(open).cloned().collect();
            return if list.is_empty() { Decision::Unavailable } else { Decision::Second(list) };
        }
        let mut enrol = self.enrol_steps(catalogue);
        enrol.retain(|id| !used(id));
        Decision::Enrol(enrol)
    }

    /// Whether these proofs are two factors, both proven now.
    pub fn is_second_factor(&self, catalogue: &Catalogue, proofs: &[Proof]) -> bool {
        let now: Vec<Proof> = proofs.iter().filter(|p| p.kind != Kind::Remembered).cloned().collect();
        !now.is_empty() && self.is_two(&now, &self.second_steps(catalogue))
    }

    /// Whether somebody with these authenticators has a second factor that is asked for.
    pub fn has_second_factor(&self, catalogue: &Catalogue, enrolled: &BTreeSet<String>) -> bool {
        let seconds = self.second_steps(catalogue);
        let counts = |id: &String| {
            let fallback = catalogue.manifest(id).is_some_and(|m| m.traits.steps.fallback);
            (seconds.contains(id) && !fallback) || self.is_missing(catalogue, id)
        };
        self.second_factor != SecondFactor::Never && enrolled.iter().any(counts)
    }

    /// Somebody has set it up and it does not run now. It may be a second factor, so it counts as one: a plugin
    /// that is down must not open the door.
    fn is_missing(&self, catalogue: &Catalogue, id: &String) -> bool {
        let named = self.second.as_ref().is_none_or(|list| list.contains(id));
        named && catalogue.manifest(id).is_none()
    }

    /// Two kinds of proof, or a first and another that the policy names as second.
    fn is_two(&self, proofs: &[Proof], seconds: &[String]) -> bool {
        kinds(proofs) >= 2
            || proofs
                .iter()
                .skip(1)
                .any(|p| seconds.contains(&p.authenticator) && p.authenticator != proofs[0].authenticator)
    }

    fn enough(&self, catalogue: &Catalogue, proofs: &[Proof]) -> Decision {
        let resistant = proofs.iter().any(|p| p.phishing_resistant);
        let count = kinds(proofs);
        let reached = |l: &&Level| usize::from(l.kinds) <= count && (!l.phishing_resistant || resistant);
        let acr = self.levels.iter().rev().find(reached).map_or_else(|| "0".to_owned(), |l| l.name.clone());
        let mut amr: Vec<String> = Vec::new();
        for proof in proofs {
            let manifest = catalogue.manifest(&proof.authenticator);
            let has_looked = manifest.is_some_and(|m| m.assurance == Assurance::ServerVerified);
            for value in &proof.amr {
                if !amr.contains(value) && (has_looked || !LOOKED_AT.contains(&value.as_str())) {
                    amr.push(value.clone());
                }
            }
        }
        if count >= 2 && !amr.iter().any(|v| v == "mfa") {
            amr.push("mfa".to_owned());
        }
        Decision::Enough { acr, amr }
    }
}

/// Kinds of proof; a device that checked the person itself counts for two. What was proven earlier is none.
fn kinds(proofs: &[Proof]) -> usize {
    let now = proofs.iter().map(|p| p.kind).filter(|kind| *kind != Kind::Remembered);
    let distinct: BTreeSet<u8> = now.map(|kind| kind as u8).collect();
    distinct.len().max(if proofs.iter().any(|p| p.user_verified && p.kind == Kind::Possession) {
        2
    } else {
        0
    })
}

fn steps(
    listed: Option<&Vec<String>>,
    catalogue: &Catalogue,
    can: impl Fn(&Manifest) -> bool,
) -> Vec<String> {
    if let Some(list) = listed {
        return list.iter().filter(|id| catalogue.manifest(id).is_some()).cloned().collect();
    }
    let mut able: Vec<&Manifest> = catalogue.iter().map(|a| a.manifest()).filter(|m| can(m)).collect();
    able.sort_by_key(|m| (m.traits.steps.fallback, !m.traits.phishing_resistant, m.id.clone()));
    able.into_iter().map(|m| m.id.clone()).collect()
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
