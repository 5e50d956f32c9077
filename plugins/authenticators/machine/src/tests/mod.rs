#![allow(clippy::unwrap_used)]

mod remembering;
mod settings;
mod using;

use crate::{Answer, Config, Credential, Invite, Machine, Reveal};
use gatewright_contract::{
    Authenticator as _, Call, CredentialId, Enrol as _, Enrolment, Fault, Held, Nothing, Purpose, Scope,
    Secret, Timestamp, Verdict,
    testing::{self, Desk, ready},
};
use std::{sync::Arc, time::Duration};

const NOW: Timestamp = Timestamp::from_secs(1_772_366_400);
const DAY: Duration = Duration::from_secs(86_400);

fn made(config: Config) -> Machine {
    Machine::new(config, Arc::new(Desk::scattered(NOW))).unwrap()
}

/// After a password.
fn scope(now: Timestamp) -> Scope {
    Scope { first: false, ..testing::scope(now, Some("ada")) }
}

fn held(doc: Credential) -> Held<Credential> {
    Held { id: CredentialId::from_parts(NOW, [1; 10]), label: None, created: NOW, last_used: None, doc }
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn try_enrol(plugin: &Machine, invite: Invite) -> Result<(Credential, Option<String>, Reveal), Fault> {
    let scope = Scope { purpose: Purpose::Enrol, ..scope(NOW) };
    let draft = ready(plugin.invite(Call { scope: &scope, credentials: &[], body: invite }))?.state;
    // As it lies in the transaction in between.
    let draft = serde_json::from_value(serde_json::to_value(draft).unwrap()).unwrap();
    let call = Call { scope: &scope, credentials: &[], body: (draft, Nothing {}) };
    match ready(plugin.enrol(call))? {
        Enrolment::Enrolled { credential, label, reveal, .. } => Ok((credential, label, reveal)),
        Enrolment::Rejected(_) | Enrolment::Pending { .. } => panic!("not enrolled"),
    }
}

fn enrol(plugin: &Machine, fingerprint: Option<&str>) -> (Credential, Reveal) {
    let invite = Invite { label: None, fingerprint: fingerprint.map(secret) };
    let (credential, _, reveal) = try_enrol(plugin, invite).unwrap();
    (credential, reveal)
}

fn answer(reveal: &Reveal, fingerprint: Option<&str>) -> Answer {
    Answer {
        machine_nonce: secret(&reveal.machine_nonce),
        sequence_nonce: secret(&reveal.sequence_nonce),
        fingerprint: fingerprint.map(secret),
    }
}

type Judged = Verdict<Nothing, Nothing, Credential>;

fn judge_in(plugin: &Machine, scope: &Scope, docs: &[Credential], answer: Answer) -> Result<Judged, Fault> {
    let credentials: Vec<_> = docs.iter().cloned().map(held).collect();
    ready(plugin.verify(Call { scope, credentials: &credentials, body: (Nothing {}, answer) }))
}

fn judge(plugin: &Machine, now: Timestamp, doc: &Credential, answer: Answer) -> Judged {
    judge_in(plugin, &scope(now), std::slice::from_ref(doc), answer).unwrap()
}
