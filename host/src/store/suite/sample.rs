//! Values to store, all of one tenant of their own, so that tests can share a database.

use gatewright_contract::{
    CredentialId, Kind, LookupKey, PersonId, Purpose, SessionId, TenantId, Timestamp, TransactionId,
};
use gatewright_core::{
    Origin, Person, Session, Settings, Tenant,
    audit::Event,
    credential::StoredCredential,
    session::{StoredToken, TokenKind},
    store::{Store, StoreError, Subject, WrappedKey, Write},
    token::HashedToken,
    transaction::{AskedTry, PendingStep, Proof, Transaction, TransactionBody},
};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// 32 bytes that no other call in any process gives.
pub(in crate::store) fn unique() -> [u8; 32] {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).expect("randomness");
    bytes
}

/// A folder of its own, gone with the value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let name = format!("gatewright-store-{}", uuid::Uuid::from_slice(&unique()[..16]).expect("16 bytes"));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("a folder for the test");
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A store and what a test puts into it.
#[derive(Clone)]
pub(in crate::store) struct Sample {
    pub(in crate::store) store: Arc<dyn Store>,
    pub(in crate::store) tenant: TenantId,
    /// A Tuesday in 2026.
    pub(in crate::store) now: Timestamp,
}

impl Sample {
    pub(in crate::store) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, tenant: Self::tenant_id(), now: Timestamp::from_secs(1_790_000_000) }
    }

    fn tenant_id() -> TenantId {
        let name = uuid::Uuid::from_slice(&unique()[..16]).expect("16 bytes").to_string();
        TenantId::parse(&name).expect("a tenant's name")
    }

    /// The same store, another tenant.
    pub(in crate::store) fn elsewhere(&self) -> Self {
        Self { tenant: Self::tenant_id(), ..self.clone() }
    }

    /// So many seconds later.
    pub(in crate::store) fn at(&self, secs: i64) -> Timestamp {
        Timestamp(self.now.0 + secs * 1_000_000)
    }

    pub(in crate::store) async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.store.commit(writes).await
    }

    /// Commits what must succeed.
    pub(in crate::store) async fn put(&self, writes: Vec<Write>) {
        self.store.commit(writes).await.expect("is written");
    }

    /// Commits what must fail, and says about what.
    pub(in crate::store) async fn conflict(&self, writes: Vec<Write>) -> Subject {
        match self.store.commit(writes).await {
            Err(StoreError::Conflict(subject)) => subject,
            other => panic!("a conflict was expected, not {other:?}"),
        }
    }

    fn random<T>(make: impl FnOnce(Timestamp, [u8; 10]) -> T, at: Timestamp) -> T {
        let mut random = [0; 10];
        random.copy_from_slice(&unique()[..10]);
        make(at, random)
    }

    pub(in crate::store) fn a_tenant(&self) -> Tenant {
        Tenant {
            id: self.tenant.clone(),
            display_name: "Ten & Ant".to_owned(),
            disabled: false,
            created: self.now,
            settings: None,
            rev: 1,
        }
    }

    pub(in crate::store) fn settings() -> Settings {
        let mut settings = Settings::default();
        settings.session.idle_seconds = 61;
        settings
    }

    pub(in crate::store) fn key(&self) -> WrappedKey {
        let id = uuid::Uuid::from_slice(&unique()[..16]).expect("16 bytes");
        WrappedKey {
            id,
            tenant: self.tenant.clone(),
            generation: 1,
            wrapped: vec![0, 1, 255],
            created: self.now,
        }
    }

    pub(in crate::store) fn person(&self, username: &str) -> Person {
        Person {
            id: Self::random(PersonId::from_parts, self.now),
            tenant: self.tenant.clone(),
            username: username.to_owned(),
            display_name: Some("Alice".to_owned()),
            email: None,
            administrator: true,
            disabled: false,
            service: false,
            email_verified: true,
            attributes: json!({"title": "Dr", "emails": [{"value": "a@b"}]}),
            created: self.now,
            changed: self.at(1),
            rev: 1,
        }
    }

    /// A person who is stored.
    pub(in crate::store) async fn somebody(&self) -> Person {
        let name = format!("somebody-{}", uuid::Uuid::from_slice(&unique()[..16]).expect("16 bytes"));
        let person = self.person(&name);
        self.put(vec![Write::PersonInsert(person.clone(), name.into())]).await;
        person
    }

    pub(in crate::store) fn credential(&self, person: &Person) -> StoredCredential {
        StoredCredential {
            id: Self::random(CredentialId::from_parts, self.now),
            tenant: self.tenant.clone(),
            person: person.id,
            authenticator: "passkey".to_owned(),
            lookup: None,
            label: Some("my key".to_owned()),
            sealed: vec![0, 159, 146, 150],
            document_version: 3,
            created: self.now,
            last_used: None,
            rev: 1,
        }
    }

    pub(in crate::store) fn transaction(&self) -> Transaction {
        Transaction {
            id: Self::random(TransactionId::from_parts, self.now),
            tenant: self.tenant.clone(),
            handle: HashedToken(unique()),
            wake: None,
            expires: self.at(600),
            rev: 1,
            body: self.body(),
        }
    }

    fn body(&self) -> TransactionBody {
        TransactionBody {
            device: None,
            purpose: Purpose::Login,
            reset: None,
            door: "login".to_owned(),
            client: Some("a program".to_owned()),
            browser: None,
            claimed: Some("alice".to_owned()),
            typed: Some("Alice".to_owned()),
            request: Some("a request".to_owned()),
            asked: Some(AskedTry {
                locked: false,
                from: "00".to_owned(),
                address: Some("01".to_owned()),
                began: Some(self.now),
            }),
            person: Some(Self::random(PersonId::from_parts, self.now)),
            session: None,
            proofs: vec![Proof {
                authenticator: "password".to_owned(),
                credential: None,
                at: self.now,
                kind: Kind::Knowledge,
                amr: vec!["pwd".to_owned()],
                phishing_resistant: false,
                user_verified: false,
                renew: false,
            }],
            pending: Some(PendingStep {
                generation: Some("9f2c".to_owned()),
                authenticator: "totp".to_owned(),
                enrolment: false,
                state: "c2VhbGVk".to_owned(),
                expires: self.at(60),
            }),
            attempts: 2,
            begun: self.now,
            context: json!({"amount": 12.5, "to": ["a", null]}),
            dialect: json!(null),
        }
    }

    /// With a name by which it is found from outside.
    pub(in crate::store) fn waiting(&self, key: &str) -> Transaction {
        Transaction { wake: Some(("push".to_owned(), self.lookup(key))), ..self.transaction() }
    }

    /// A lookup key that no other tenant's test has.
    pub(in crate::store) fn lookup(&self, key: &str) -> LookupKey {
        LookupKey(format!("{}|{key}", self.tenant))
    }

    pub(in crate::store) fn session(&self, person: &Person) -> Session {
        Session {
            id: Self::random(SessionId::from_parts, self.now),
            tenant: self.tenant.clone(),
            person: person.id,
            created: self.now,
            authenticated: self.now,
            last_seen: self.now,
            expires: self.at(3600),
            acr: "aal2".to_owned(),
            amr: vec!["pwd".to_owned(), "otp".to_owned()],
            second_factor: true,
            door: "login".to_owned(),
            client: None,
            address: Some("2001:db8::1".to_owned()),
            user_agent: Some("a browser".to_owned()),
            idle_seconds: 600,
            rev: 1,
        }
    }

    pub(in crate::store) fn token(&self, session: &Session, kind: TokenKind) -> StoredToken {
        StoredToken {
            hash: HashedToken(unique()),
            kind,
            session: session.id,
            tenant: self.tenant.clone(),
            expires: self.at(900),
            spent: None,
            binding: Some(HashedToken(unique())),
        }
    }

    /// A person with a session that has one token of each kind, all stored.
    pub(in crate::store) async fn logged_in(&self) -> LoggedIn {
        let person = self.somebody().await;
        let session = self.session(&person);
        let access = self.token(&session, TokenKind::Access);
        let keep = self.token(&session, TokenKind::Session);
        self.put(vec![
            Write::SessionInsert(session.clone()),
            Write::TokenInsert(access.clone()),
            Write::TokenInsert(keep.clone()),
        ])
        .await;
        LoggedIn { person, session, access, keep }
    }

    pub(in crate::store) fn event(&self, kind: &str) -> Event {
        let mut origin = Origin::local("login");
        origin.address = "192.0.2.1".parse().ok();
        Event::new(kind, &self.tenant, self.now, &origin)
    }

    /// Whether this token is stored.
    pub(in crate::store) async fn has_token(&self, token: &StoredToken) -> bool {
        self.store.token(&token.hash).await.expect("answers").is_some()
    }

    /// Whether this session is stored.
    pub(in crate::store) async fn has_session(&self, session: &Session) -> bool {
        self.store.session(session.id).await.expect("answers").is_some()
    }
}

/// What [`Sample::logged_in`] stored.
pub(in crate::store) struct LoggedIn {
    pub(in crate::store) person: Person,
    pub(in crate::store) session: Session,
    pub(in crate::store) access: StoredToken,
    pub(in crate::store) keep: StoredToken,
}
