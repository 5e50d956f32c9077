//! Every statement finds its rows by an index, in both databases.

use super::sample::{Folder, Sample};
use crate::store::{
    Access, StoreUrl,
    memory::Memory,
    open,
    sql::{
        Backend, SqlStore, counters,
        statement::{Arg, Statement},
        write::Changes,
    },
};
use async_trait::async_trait;
use gatewright_contract::{LookupKey, Timestamp};
use gatewright_core::{
    Session, Tenant,
    audit::Filter,
    credential::StoredCredential,
    store::{
        AuditLog, Commit, Credentials, Documents, People, Records, Reserved, Search, Sessions, SortBy,
        Stored, Tenants, Transactions, Tried, Write,
    },
    throttle::{CounterKey, Rule},
    token::HashedToken,
    transaction::Transaction,
};
use gatewright_test_postgres::database;
use sqlx::{
    Arguments, AssertSqlSafe, Connection, PgConnection, Row as _, SqliteConnection,
    postgres::{PgArguments, PgRow},
    sqlite::SqliteConnectOptions,
};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// Answers nothing and keeps what it was asked.
#[derive(Default)]
struct Recorder(Mutex<Vec<Statement>>);

#[async_trait]
impl Backend for Recorder {
    type Row = PgRow;

    async fn rows(&self, question: Statement) -> Stored<Vec<PgRow>> {
        self.0.lock().expect("is whole").push(question);
        Ok(Vec::new())
    }

    async fn run(&self, changes: Changes) -> Stored<u64> {
        self.0.lock().expect("is whole").extend(changes.statements);
        Ok(0)
    }

    async fn reserve(&self, counters: &[(CounterKey, Rule)], _: Timestamp) -> Stored<Tried> {
        let questions = counters.iter().map(|(key, _)| counters::by_key(*key));
        self.0.lock().expect("is whole").extend(questions);
        Ok(Tried { result: Reserved::Granted, begun: Vec::new() })
    }

    async fn ping(&self) -> Stored<()> {
        Ok(())
    }

    async fn close(&self) {}
}

fn writes(s: &Sample) -> Vec<Write> {
    let person = s.person("ada");
    let (credential, transaction, session) = (s.credential(&person), s.waiting("x"), s.session(&person));
    let hash = HashedToken([1; 32]);
    let key = CounterKey(hash);
    let whose = (s.tenant.clone(), Uuid::nil());
    let record = || (s.tenant.clone(), "group".to_owned(), Uuid::nil());
    let document = |expect| Write::DocumentPut {
        plugin: "totp".to_owned(),
        tenant: s.tenant.clone(),
        key: "k".to_owned(),
        expect,
        value: vec![1],
        expires: None,
        now: s.now,
    };
    let (t, k, id) = record();
    vec![
        Write::TenantReplace(Tenant { rev: 2, ..s.a_tenant() }),
        Write::PersonDelete(s.tenant.clone(), person.id, 1),
        Write::PersonUnchanged(s.tenant.clone(), person.id, 1),
        Write::CredentialReplace(StoredCredential { rev: 2, ..credential.clone() }),
        Write::CredentialDelete(credential.id, 1),
        Write::CredentialsOfDelete(s.tenant.clone(), person.id, "totp".to_owned()),
        Write::CredentialUnchanged(credential.id, 1),
        Write::CredentialTouch(credential.id, s.now),
        Write::TransactionReplace(Transaction { rev: 2, ..transaction.clone() }),
        Write::TransactionDelete(transaction.id, 1),
        Write::SessionReplace(Session { rev: 2, ..session.clone() }),
        Write::SessionSeen(session.id, s.now),
        Write::SessionThere(session.id),
        Write::SessionDelete(session.id),
        Write::SessionsOfPersonDelete { tenant: s.tenant.clone(), person: person.id, except: None },
        Write::SessionsOfPersonDelete {
            tenant: s.tenant.clone(),
            person: person.id,
            except: Some(session.id),
        },
        Write::TokenSpend(hash, s.now),
        Write::TokensSpendAll(session.id, s.now),
        Write::AccessTokensDelete(session.id),
        Write::CounterForgive(key, super::counters::RULE),
        Write::CounterRefund(super::counters::refund(key, key, None)),
        Write::CounterClear(key),
        document(None),
        document(Some(1)),
        Write::RecordUnchanged(t.clone(), k.clone(), id, 1),
        Write::RecordsOfKindDelete(whose.0.clone(), k.clone(), whose.1),
        Write::RecordDelete(t, k, id, 1),
        Write::RecordsOfDelete(whose.0.clone(), whose.1),
        Write::LinksOfDelete(whose.0.clone(), whose.1),
        Write::AuditPrune(whose.0, 1),
    ]
}

/// What the store says for each question and each change.
async fn statements() -> Vec<Statement> {
    let store = SqlStore(Recorder::default());
    let s = Sample::new(Arc::new(Memory::default()));
    let person = s.person("ada");
    let (tenant, nil, key) = (&s.tenant, Uuid::nil(), LookupKey("x".to_owned()));
    let asked = async {
        store.commit(writes(&s)).await?;
        store.expire(s.now, 10).await?;
        store.reserve(&[(CounterKey(HashedToken([1; 32])), super::counters::RULE)], s.now).await?;
        store.tenant(tenant).await?;
        store.tenants(Some(tenant), 10).await?;
        store.keys(tenant).await?;
        store.person(tenant, person.id).await?;
        store.person_by_username(tenant, "ada").await?;
        store.person_by_email(tenant, "ada").await?;
        store.people(tenant, None, 10).await?;
        store.people(tenant, Some(person.id), 10).await?;
        for sort in [SortBy::Created, SortBy::Username, SortBy::Email] {
            for descending in [false, true] {
                let search = Search { sort, descending, limit: 10, ..Search::of("ada", "example") };
                store.people_like(tenant, &search).await?;
            }
        }
        store.credentials(tenant, person.id).await?;
        store.credential_by_lookup(tenant, "passkey", &key).await?;
        store.credentials_not_at("passkey", 2, None, 10).await?;
        store.transaction(&HashedToken([1; 32])).await?;
        store.transaction_by_wake("push", &key, s.now).await?;
        store.token(&HashedToken([1; 32])).await?;
        store.session(s.session(&person).id).await?;
        store.sessions_of(tenant, person.id).await?;
        store.document("totp", tenant, "k", s.now).await?;
        store.record(tenant, "group", nil).await?;
        store.record_by_key(tenant, "group", "k").await?;
        store.records(tenant, "group", None, 10).await?;
        store.records_of(tenant, "group", nil, None, 10).await?;
        store.newest_records_of(tenant, "group", nil, None, 10).await?;
        store.more_records_than(tenant, "group", 10).await?;
        store.links_from(tenant, "member", nil, None, 10).await?;
        store.links_to(tenant, "member", nil, None, 10).await?;
        let filters = [
            Filter::default(),
            Filter { person: Some(person.id), ..Filter::default() },
            Filter { actor: Some(person.id), ..Filter::default() },
            Filter { kind: Some("session.ended".to_owned()), ..Filter::default() },
            Filter { kind: Some("session.*".to_owned()), ..Filter::default() },
        ];
        for filter in filters {
            store.audit(tenant, &filter, 10).await?;
        }
        store.audit_from(tenant, 1, 10).await?;
        store.audit_head(tenant).await
    };
    asked.await.expect("nothing can fail");
    let statements = std::mem::take(&mut *store.0.0.lock().expect("is whole"));
    assert!(statements.len() > 60, "{}", statements.len());
    statements
}

/// The one that has no index, to prove that it would be noticed.
fn is_control(statement: &Statement) -> bool {
    statement.sql.contains("display_name = $1")
}

#[tokio::test]
async fn sqlite_searches_and_never_scans() {
    let folder = Folder::new();
    let path = folder.path("gatewright.db");
    open(&StoreUrl::Sqlite(path.clone()), Access::Host).await.expect("opens").close().await;
    let options = SqliteConnectOptions::new().filename(&path);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("connects");
    let control = Statement::any(
        "SELECT id FROM people WHERE display_name = $1",
        vec![Arg::Text(Some("x".to_owned()))],
    );
    for statement in statements().await.into_iter().chain([control]) {
        // Parameters that are not given are null, which changes no plan.
        let question = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statement.sql)));
        let rows = question.fetch_all(&mut connection).await.expect("explains");
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let scans = steps.iter().any(|step| step.starts_with("SCAN") && step != "SCAN CONSTANT ROW");
        assert_eq!(scans, is_control(&statement), "{steps:?}\n{}", statement.sql);
    }
}

/// Without statistics and with the way of reading whole tables forbidden: what is left to read whole has no
/// index. An index that is read without a condition is as bad.
#[tokio::test]
async fn postgres_finds_by_an_index() {
    let database = database();
    let url: StoreUrl = database.url().parse().expect("an address");
    open(&url, Access::Host).await.expect("opens").close().await;
    let mut connection = PgConnection::connect(&database.url()).await.expect("connects");
    sqlx::raw_sql("SET enable_seqscan = off").execute(&mut connection).await.expect("sets");
    let control = Statement::any(
        "SELECT id FROM people WHERE display_name = $1",
        vec![Arg::Text(Some("x".to_owned()))],
    );
    for statement in statements().await.into_iter().chain([control]) {
        let mut args = PgArguments::default();
        for arg in &statement.args {
            match arg {
                Arg::Int(value) => args.add(*value),
                Arg::Text(value) => args.add(value.as_deref()),
                Arg::Blob(value) => args.add(value.as_deref()),
            }
            .expect("binds");
        }
        let question = sqlx::query_with(AssertSqlSafe(format!("EXPLAIN {}", statement.sql)), args);
        let rows = question.fetch_all(&mut connection).await.expect("explains");
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let text = plan.join("\n");
        assert_eq!(text.contains("Seq Scan"), is_control(&statement), "{}\n{text}", statement.sql);
        let scans =
            plan.iter().filter(|line| line.contains("Index Scan") || line.contains("Index Only Scan"));
        let conditions = plan.iter().filter(|line| line.contains("Index Cond")).count();
        assert_eq!(scans.count(), conditions, "{}\n{text}", statement.sql);
    }
}
