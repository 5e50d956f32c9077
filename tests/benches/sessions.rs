//! Many people who are logged in, put straight into the store: ten thousand logins would take longer than the bench.
#![allow(clippy::expect_used, reason = "a bench may stop")]

use gatewright::App;
use gatewright_contract::{PersonId, SessionId, TenantId};
use gatewright_core::{
    PlainToken, Session,
    person::Person,
    session::{StoredToken, TokenKind},
    store::Write,
    world::random_array,
};
use std::time::Duration;

/// Sessions, each of a person of its own.
pub(crate) const SESSIONS: usize = 10_000;
const A_MONTH: Duration = Duration::from_secs(30 * 86_400);

/// The access tokens of [`SESSIONS`] fresh sessions.
pub(crate) async fn fill(app: &App) -> Vec<String> {
    let mut tokens = Vec::with_capacity(SESSIONS);
    let mut writes = Vec::new();
    for number in 0..SESSIONS {
        tokens.push(one(app, number, &mut writes));
        if number % 100 == 99 {
            app.engine.store().commit(std::mem::take(&mut writes)).await.expect("is written");
        }
    }
    tokens
}

fn one(app: &App, number: usize, writes: &mut Vec<Write>) -> String {
    let world = app.engine.world();
    let (tenant, now) = (TenantId::default_tenant(), world.now());
    let random = || random_array(world).expect("randomness");
    let person = Person {
        id: PersonId::from_parts(now, random()),
        tenant: tenant.clone(),
        username: format!("somebody-{number}"),
        display_name: Some(format!("Somebody {number}")),
        email: None,
        administrator: false,
        disabled: false,
        service: false,
        email_verified: false,
        attributes: serde_json::Value::Null,
        created: now,
        changed: now,
        rev: 1,
    };
    let session = Session {
        id: SessionId::from_parts(now, random()),
        tenant: tenant.clone(),
        person: person.id,
        created: now,
        authenticated: now,
        last_seen: now,
        expires: now.plus(A_MONTH),
        acr: "aal1".to_owned(),
        amr: vec!["pwd".to_owned()],
        second_factor: false,
        door: "login".to_owned(),
        client: None,
        address: Some("192.0.2.1".to_owned()),
        user_agent: None,
        idle_seconds: 86_400,
        rev: 1,
    };
    let token = PlainToken::new(TokenKind::Access.prefix(), world).expect("a token");
    let stored = StoredToken {
        hash: token.hashed(),
        kind: TokenKind::Access,
        session: session.id,
        tenant,
        expires: now.plus(A_MONTH),
        spent: None,
        binding: None,
    };
    let keys = person.keys().expect("a name");
    writes.extend([
        Write::PersonInsert(person, keys),
        Write::SessionInsert(session),
        Write::TokenInsert(stored),
    ]);
    token.expose().to_owned()
}
