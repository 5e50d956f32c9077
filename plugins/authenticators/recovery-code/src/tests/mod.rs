#![allow(clippy::unwrap_used)]

mod codes;
mod list;
mod settings;

use crate::{Answer, Config, Credential, RecoveryCode, Reveal};
use gatewright_contract::{
    Authenticator as _, Call, CredentialId, Enrol as _, Enrolment, Held, Nothing, Scope, Secret, Timestamp,
    Verdict,
    testing::{self, Desk, ready},
};
use std::sync::Arc;

const NOW: Timestamp = Timestamp::from_secs(1_772_366_400);

fn made(config: Config) -> RecoveryCode {
    RecoveryCode::new(config, Arc::new(Desk::scattered(NOW))).unwrap()
}

fn scope() -> Scope {
    testing::scope(NOW, None)
}

fn held(doc: Credential) -> Held<Credential> {
    Held { id: CredentialId::from_parts(NOW, [1; 10]), label: None, created: NOW, last_used: None, doc }
}

fn enrol(plugin: &RecoveryCode) -> (Credential, Reveal) {
    let call = Call { scope: &scope(), credentials: &[], body: (Nothing {}, Nothing {}) };
    match ready(plugin.enrol(call)).unwrap() {
        Enrolment::Enrolled { credential, reveal, .. } => (credential, reveal),
        Enrolment::Rejected(violations) => panic!("{violations:?}"),
        Enrolment::Pending { .. } => panic!("waits"),
    }
}

fn judge(
    plugin: &RecoveryCode,
    doc: Option<&Credential>,
    code: &str,
) -> Verdict<Nothing, Nothing, Credential> {
    let credentials: Vec<_> = doc.into_iter().cloned().map(held).collect();
    let answer = Answer { code: Secret::new(code.to_owned()) };
    let call = Call { scope: &scope(), credentials: &credentials, body: (Nothing {}, answer) };
    ready(plugin.verify(call)).unwrap()
}
