//! A command beside a host: what it revokes, the host no longer lets in.

use super::{CacheConfig, Cached, look_outside};
use crate::store::{
    Access, StoreUrl, open, sqlite,
    suite::{Folder, sample::Sample},
};
use gatewright_core::store::Write;
use std::sync::Arc;

#[tokio::test]
async fn what_a_command_revokes_beside_the_host_is_seen_at_the_next_look() {
    let folder = Folder::new();
    let path = folder.path("gatewright.db");
    let file = sqlite::open(&path, Access::Host).await.expect("opens");
    let host = Arc::new(Cached::new(file, &CacheConfig::default()));
    let sample = Sample::new(host.clone());
    let on = sample.logged_in().await;
    let is_good = async || {
        let token = sample.store.token(&on.access.hash).await.expect("answers");
        token.is_some() && sample.store.session(on.session.id).await.expect("answers").is_some()
    };
    let mut known = None;
    look_outside(&host.inner, &host.caches, &mut known).await;
    assert!(is_good().await && is_good().await);

    let command =
        open(&StoreUrl::Sqlite(path.clone()), Access::Command).await.expect("opens beside the host");
    command.commit(vec![Write::SessionDelete(on.session.id)]).await.expect("is written");
    command.close().await;
    look_outside(&host.inner, &host.caches, &mut known).await;
    assert!(!is_good().await, "the host still lets in who was thrown out");

    // What the host writes itself is no reason to forget.
    let other = sample.logged_in().await;
    let before = known;
    look_outside(&host.inner, &host.caches, &mut known).await;
    assert_eq!(known, before);
    assert!(sample.store.token(&other.access.hash).await.expect("answers").is_some());

    assert!(open(&StoreUrl::Sqlite(path), Access::Host).await.is_err(), "two hosts");
    sample.store.close().await;
}
