//! What every store must do. The tests take any store; `over_every_store!` runs each over all of them.
//! What only a file or only the cache has stands in `sqlite_file` and `revocation`.

mod audit;
mod counters;
mod crash;
mod credentials;
mod cut_off;
mod documents;
mod expiry;
mod nodes;
mod operator;
mod parallel;
mod people;
mod plans;
mod postgres_server;
mod records;
mod revocation;
pub(super) mod sample;
mod sessions;
mod sqlite_file;
mod transactions;
mod values;
mod whole;

use super::{
    Access, DatabaseConfig, StoreUrl,
    cache::{CacheConfig, Cached},
    memory::Memory,
    postgres::Postgres,
    sql::SqlStore,
};
use gatewright_core::store::Store;
pub(crate) use sample::Folder;
use std::sync::Arc;

/// A store of a kind, and what goes with it.
type Opened = (Arc<dyn Store>, Option<Place>);

/// Where a store of a test lies; gone with the value.
enum Place {
    Folder(#[allow(dead_code, reason = "held")] Folder),
    Database(#[allow(dead_code, reason = "held")] gatewright_test_postgres::Database<'static>),
}

async fn in_memory() -> Opened {
    (Arc::new(Memory::default()), None)
}

async fn in_memory_cached() -> Opened {
    (Arc::new(Cached::new(Memory::default(), &CacheConfig::default())), None)
}

async fn in_sqlite() -> Opened {
    let folder = Folder::new();
    let store = super::sqlite::open(&folder.path("gatewright.db"), Access::Host).await.expect("opens");
    (Arc::new(store), Some(Place::Folder(folder)))
}

async fn in_sqlite_cached() -> Opened {
    let folder = Folder::new();
    let store = super::sqlite::open(&folder.path("gatewright.db"), Access::Host).await.expect("opens");
    (Arc::new(Cached::new(store, &CacheConfig::default())), Some(Place::Folder(folder)))
}

async fn on_postgres() -> (SqlStore<Postgres>, gatewright_test_postgres::Database<'static>) {
    let database = gatewright_test_postgres::database();
    let StoreUrl::Postgres(address) = database.url().parse().expect("an address") else {
        panic!("not a PostgreSQL")
    };
    // On a busy machine three hundred commits at once may wait a while for sixteen connections.
    let config = DatabaseConfig { acquire_timeout_ms: 30_000, ..DatabaseConfig::default() };
    let store = super::postgres::open(&address.with(config), Access::Host).await.expect("opens");
    (store, database)
}

async fn in_postgres() -> Opened {
    let (store, database) = on_postgres().await;
    (Arc::new(store), Some(Place::Database(database)))
}

async fn in_postgres_cached() -> Opened {
    let (store, database) = on_postgres().await;
    (Arc::new(Cached::new(store, &CacheConfig::default())), Some(Place::Database(database)))
}

/// The tests over one kind of store.
macro_rules! over {
    ($kind:ident: $($module:ident::$test:ident,)*) => {
        mod $kind {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let (store, place) = super::$kind().await;
                super::$module::$test(super::sample::Sample::new(store.clone())).await;
                store.close().await;
                drop(place);
            })*
        }
    };
}

/// All tests over all kinds of store.
macro_rules! over_every_store {
    ($($tests:tt)*) => {
        over!(in_memory: $($tests)*);
        over!(in_memory_cached: $($tests)*);
        over!(in_sqlite: $($tests)*);
        over!(in_sqlite_cached: $($tests)*);
        over!(in_postgres: $($tests)*);
        over!(in_postgres_cached: $($tests)*);
    };
}

over_every_store! {
    people::tenants_and_their_conditions,
    people::keys_are_made_once,
    people::keys_follow_each_other,
    people::pages_of_tenants,
    people::people_and_their_conditions,
    people::a_login_name_is_one_persons_in_one_tenant,
    people::an_address_is_one_persons_in_one_tenant,
    people::who_is_deleted_takes_everything_along,
    people::pages_of_people,
    people::people_are_searched_for,
    records::records_and_their_conditions,
    records::records_are_listed,
    records::links_go_both_ways,
    audit::each_line_follows_the_one_before,
    audit::parallel_lines_are_one_chain,
    audit::what_is_pruned_leaves_a_chain,
    audit::filters,
    credentials::credentials_and_their_conditions,
    credentials::all_of_one_authenticator_go_at_once,
    credentials::those_of_another_version_are_listed,
    credentials::a_lookup_key_is_one_credentials,
    credentials::a_credential_needs_its_person,
    transactions::transactions_and_their_conditions,
    transactions::a_handle_is_one_transactions,
    transactions::something_from_outside_finds_the_newest,
    transactions::what_has_expired_is_not_woken,
    sessions::sessions_and_their_conditions,
    sessions::tokens_and_their_conditions,
    sessions::a_token_with_its_session,
    sessions::tokens_go_with_their_session,
    sessions::all_sessions_but_one,
    sessions::sessions_of_a_person_newest_first,
    sessions::what_a_session_owns_is_due_when_it_has_ended,
    documents::documents_and_their_conditions,
    documents::an_expired_document_is_not_there,
    documents::a_revision_is_never_had_twice,
    counters::tries_are_counted_in_order,
    counters::forgiving_is_the_arithmetic_of_the_core,
    counters::refunding_is_the_arithmetic_of_the_core,
    counters::clearing,
    counters::a_try_says_what_it_blocks,
    expiry::what_is_over_goes,
    expiry::who_is_seen_stays,
    expiry::a_little_at_a_time,
    expiry::records_end_where_their_date_is_an_end,
    whole::all_or_nothing,
    whole::writes_see_those_before_them,
    whole::the_first_broken_condition_is_told,
    whole::a_long_commit,
    whole::audit_newest_first_by_page,
    whole::it_answers,
    values::large_values,
    values::unicode,
    values::what_not_every_database_can_store,
    values::extremes,
    parallel::one_of_twenty_wins,
    parallel::fifty_tries_are_fifty_counted,
    parallel::many_at_once,
}
