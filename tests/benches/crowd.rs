//! A database with so many people, some of whom can log in.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

use crate::{
    cheap,
    fill::{self, made, session_token},
    inside::{Inside, Place},
};
use gatewright::Plugins;
use gatewright_contract::TenantId;
use gatewright_core::PlainToken;
use serde_json::json;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, atomic::AtomicUsize},
};
use tokio::task::JoinSet;

/// Who can log in; scattered, so that each lies between others who can't.
const ENROLLED: usize = 2_000;
/// Sessions that rotate.
const ROTATING: usize = 2_000;
const PARTS: usize = 20;
/// So few that no check is answered from memory, however few people there are.
const NO_CACHE: &str = "[cache]\ntokens = 16\nsessions = 16\n[database]\nconnections = 32\n";

pub(crate) struct Crowd {
    pub(crate) house: Arc<Inside>,
    pub(crate) size: usize,
    /// Of them, who were put into the tables, and who were enrolled.
    pub(crate) filled: usize,
    pub(crate) enrolled: usize,
    pub(crate) next: AtomicUsize,
    pub(crate) rotating: Mutex<VecDeque<PlainToken>>,
    apart: usize,
}

impl Crowd {
    pub(crate) async fn gather(place: Place, size: usize) -> Self {
        let plugins = Plugins::linked().with_authenticator(cheap::registration());
        let house = Arc::new(Inside::start(place, NO_CACHE, plugins).await);
        let enrolled = ENROLLED.min(size / 2);
        let filled = size - enrolled;
        for part in 0..PARTS {
            let of = |whole: usize| whole * part / PARTS..whole * (part + 1) / PARTS;
            let numbers = of(filled);
            // Made when those were made who are put in before them: ids are in the order of time.
            house.world.hold(made(numbers.end));
            enrol(&house, of(enrolled)).await;
            fill::fill(&house, numbers, |_| TenantId::default_tenant()).await;
        }
        house.world.hold(fill::THEN);
        let apart = (filled / ROTATING.min(filled / 2)).max(2);
        let rotating = (0..filled).step_by(apart).map(session_token).collect();
        let next = AtomicUsize::new(0);
        Self { house, size, filled, enrolled, next, rotating: Mutex::new(rotating), apart }
    }

    /// This one, or the next whose session does not rotate: access tokens go with a rotation.
    pub(crate) fn stays(&self, number: usize) -> usize {
        match number {
            0 => 1,
            number => number - usize::from(number.is_multiple_of(self.apart)),
        }
    }
}

/// The login name of somebody who can log in.
pub(crate) fn enrolled(number: usize) -> String {
    format!("enrolled-{number}")
}

async fn enrol(house: &Arc<Inside>, numbers: std::ops::Range<usize>) {
    let mut under_way = JoinSet::new();
    for number in numbers {
        let house = house.clone();
        under_way.spawn(async move {
            house.person(&enrolled(number), "cheap", json!({"word": cheap::WORD})).await;
        });
    }
    under_way.join_all().await;
}
