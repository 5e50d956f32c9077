//! What is due in a request: a function of what is asked and of who is there.

use super::{Somebody, consent::Remembered};
use crate::{
    Client, ErrorCode, OAuthError,
    client::Consent,
    entra::{Asked, proven},
    request::{AuthorizationRequest, OPENID},
};
use gatewright_contract::Timestamp;
use gatewright_core::{
    oidc::OidcRules,
    person::{email_key, username_key},
    policy::Level,
};
use std::time::Duration;

/// Everything that it depends on.
pub(super) struct Stands<'a> {
    pub(super) request: &'a AuthorizationRequest,
    pub(super) client: &'a Client,
    /// Levels of assurance, weakest first.
    pub(super) levels: &'a [Level],
    pub(super) somebody: Option<&'a Somebody>,
    /// What the person has agreed to earlier.
    pub(super) remembered: Option<&'a Remembered>,
    pub(super) rules: &'a OidcRules,
    pub(super) now: Timestamp,
}

/// What is due.
#[derive(Debug)]
pub(super) enum Step {
    Login {
        username: Option<String>,
        elevate: bool,
    },
    Consent {
        scopes: Vec<String>,
    },
    Refuse(OAuthError),
    Grant(Granted),
    /// Entra is told this method.
    Proven {
        acr: String,
        amr: String,
    },
}

/// What the client gets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) scopes: Vec<String>,
    pub(super) acr: String,
    /// Whether it was asked for now, and is to be remembered.
    pub(super) asked: bool,
}

impl Stands<'_> {
    pub(super) fn step(&self) -> Step {
        if self.request.denied {
            return refuse(ErrorCode::AccessDenied, "The person has not agreed.");
        }
        let Some(somebody) = self.somebody else { return self.login(false) };
        if let Some(asked) = &self.request.entra {
            return self.another_factor(somebody, asked);
        }
        if let Some(step) = self.other_person(somebody) {
            return step;
        }
        let within = somebody.session.authenticated >= self.request.created;
        if !within && (self.must_log_in() || self.is_too_old(somebody)) {
            return self.login(!self.request.prompt.select_account);
        }
        let acr = match self.acr(&somebody.session.acr, within) {
            Ok(acr) => acr,
            Err(step) => return step,
        };
        self.consent(somebody, acr)
    }

    /// Entra is told what was proven for this request, by the person that it means.
    fn another_factor(&self, somebody: &Somebody, asked: &Asked) -> Step {
        let within = somebody.session.authenticated >= self.request.created;
        match (somebody.person.id == asked.person, within) {
            (true, true) => match proven(asked, &somebody.session, self.rules) {
                Some((acr, amr)) => Step::Proven { acr, amr },
                None => refuse(ErrorCode::AccessDenied, "Nothing that was asked for was proven."),
            },
            (false, true) => {
                refuse(ErrorCode::AccessDenied, "Somebody else has logged in than was asked for.")
            }
            (same, false) => self.login(same),
        }
    }

    /// The login page, unless the client wants no page.
    fn login(&self, elevate: bool) -> Step {
        match self.request.prompt.none {
            true => refuse(ErrorCode::LoginRequired, "The person must log in."),
            false => Step::Login { username: self.request.login_hint.clone(), elevate },
        }
    }

    /// Whoever is there is not who was asked for.
    fn other_person(&self, somebody: &Somebody) -> Option<Step> {
        let within = somebody.session.authenticated >= self.request.created;
        if let Some(subject) = &self.request.subject
            && *subject != somebody.subject
        {
            return Some(match within {
                // They have been asked to log in as that one, and came as another.
                true => refuse(ErrorCode::LoginRequired, "Somebody else has logged in than was asked for."),
                false => self.login(false),
            });
        }
        let hinted = self.request.login_hint.as_deref().is_none_or(|hint| is_called(somebody, hint));
        // A hint is no more than that: who logs in now as another means it.
        (!hinted && !within).then(|| self.login(false))
    }

    fn must_log_in(&self) -> bool {
        self.request.prompt.login || self.request.prompt.select_account
    }

    fn is_too_old(&self, somebody: &Somebody) -> bool {
        self.request.max_age.is_some_and(|age| is_older(somebody.session.authenticated, age, self.now))
    }

    /// The level to tell: one that was asked for and is reached, else that of the session.
    fn acr(&self, reached: &str, within: bool) -> Result<String, Step> {
        if let Some(least) = &self.client.default_acr
            && !reaches(self.levels, reached, least)
        {
            self.raise(within, true)?;
        }
        let Some(asked) = &self.request.acr else { return Ok(reached.to_owned()) };
        let good = |value: &&String| reaches(self.levels, reached, value);
        let best = asked.values.iter().filter(good).max_by_key(|value| self.place(value));
        match best {
            Some(best) => Ok(best.clone()),
            None => self.raise(within, asked.essential).map(|()| reached.to_owned()),
        }
    }

    /// The session is too weak. Who has just logged in can't do more; what is not essential then goes without.
    fn raise(&self, within: bool, essential: bool) -> Result<(), Step> {
        if self.request.prompt.none {
            let why = "The assurance that is asked for takes another login.";
            return Err(refuse(ErrorCode::InteractionRequired, why));
        }
        match (within, essential) {
            (false, _) => Err(self.login(true)),
            (true, true) => {
                let why = "The assurance that is asked for was not reached.";
                Err(refuse(ErrorCode::UnmetAuthenticationRequirements, why))
            }
            (true, false) => Ok(()),
        }
    }

    fn place(&self, level: &str) -> Option<usize> {
        self.levels.iter().position(|known| known.name == level)
    }

    /// Whether it is this client that gets the answer. Any program on a device can say that it is one that has no secret, and
    /// listen at an address of the device itself: then the person is asked each time (RFC 8252, section 8.6). `localhost` with the
    /// one port that is registered is what pages are developed at, and native apps don't use it (section 8.3).
    fn is_known(&self) -> bool {
        self.client.is_confidential()
            || ["https://", "http://localhost:", "http://localhost/"]
                .iter()
                .any(|own| self.request.redirect_uri.starts_with(own))
    }

    fn consent(&self, somebody: &Somebody, acr: String) -> Step {
        let scopes = self.request.scopes.clone();
        let silent = !self.request.prompt.consent && self.is_known();
        if self.client.consent == Consent::Skip && silent {
            return Step::Grant(Granted { scopes, acr, asked: false });
        }
        let session = &somebody.session;
        if let Some(agreed) = self.request.agreed.as_ref()
            && (agreed.person, agreed.session) == (session.person, session.id)
        {
            let within = |scope: &String| scope == OPENID || agreed.scopes.contains(scope);
            let scopes: Vec<String> = scopes.into_iter().filter(within).collect();
            if scopes.is_empty() {
                return refuse(ErrorCode::AccessDenied, "The person has agreed to nothing.");
            }
            return Step::Grant(Granted { scopes, acr, asked: true });
        }
        let resources = &self.request.resources;
        let within = |all: &[String], known: &[String]| all.iter().all(|one| known.contains(one));
        let covers =
            |known: &Remembered| within(&scopes, &known.scopes) && within(resources, &known.resources);
        if silent && self.remembered.is_some_and(covers) {
            return Step::Grant(Granted { scopes, acr, asked: false });
        }
        match self.request.prompt.none {
            true => refuse(ErrorCode::ConsentRequired, "The person must agree."),
            false => Step::Consent { scopes },
        }
    }
}

/// Whether a level is at least another: later in the list, and with nothing less.
pub(crate) fn reaches(levels: &[Level], reached: &str, wanted: &str) -> bool {
    let level = |name: &str| levels.iter().enumerate().find(|(_, level)| level.name == name);
    let (Some((has, reached)), Some((wants, wanted))) = (level(reached), level(wanted)) else {
        return false;
    };
    has >= wants
        && reached.kinds >= wanted.kinds
        && (reached.phishing_resistant || !wanted.phishing_resistant)
}

/// Whether what was proven then was proven longer ago than this.
pub(crate) fn is_older(proven: Timestamp, seconds: u64, now: Timestamp) -> bool {
    // Whichever was first: a clock that was put back makes nobody fresh.
    now.since(proven).max(proven.since(now)) > Duration::from_secs(seconds)
}

fn refuse(code: ErrorCode, why: &str) -> Step {
    Step::Refuse(OAuthError::new(code, why))
}

/// Whether somebody has this login name or e-mail address.
fn is_called(somebody: &Somebody, name: &str) -> bool {
    let person = &somebody.person;
    let username = username_key(name).is_some_and(|key| username_key(&person.username) == Some(key));
    let email =
        || email_key(name).is_some_and(|key| person.email.as_deref().and_then(email_key) == Some(key));
    username || email()
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
