//! Who and which addresses are blocked now.

use super::Admin;
use crate::{
    Person,
    access::{Action, Resource},
    blocks::{BLOCKED_ADDRESS, BLOCKED_PERSON, Block},
    problem::Result,
};
use gatewright_contract::TenantId;

/// Records that are read at once.
const BATCH: u32 = 500;

/// Some of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<T> {
    /// These.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: usize,
}

/// Which of the blocks.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// How many are left out at the beginning.
    pub offset: usize,
    /// How many at most.
    pub limit: usize,
    /// The newest first.
    pub newest_first: bool,
}

impl Admin<'_> {
    /// The addresses that wrong answers in this tenant have blocked.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn blocked_addresses(&self, tenant: &TenantId, wanted: Wanted) -> Result<Part<Block>> {
        self.may(Action::TenantRead, &Resource::of(tenant)).await?;
        Ok(self.blocks(tenant, BLOCKED_ADDRESS).await?.cut(wanted))
    }

    /// The people who are blocked.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn blocked_people(&self, tenant: &TenantId, wanted: Wanted) -> Result<Part<(Person, Block)>> {
        self.may(Action::PeopleRead, &Resource::of(tenant)).await?;
        let mut all = self.blocks(tenant, BLOCKED_PERSON).await?;
        // Names that nobody has.
        all.0.retain(|block| block.person.is_some());
        let part = all.cut(wanted);
        let mut items = Vec::with_capacity(part.items.len());
        for block in part.items {
            let Some(id) = block.person else { continue };
            items.extend(self.engine.store.person(tenant, id).await?.map(|person| (person, block)));
        }
        Ok(Part { items, total: part.total })
    }

    /// All that hold, the oldest first.
    async fn blocks(&self, tenant: &TenantId, kind: &str) -> Result<Blocks> {
        let (mut all, mut after, now) = (Vec::new(), None, self.engine.now());
        loop {
            let page = self.engine.store.records(tenant, kind, after, BATCH).await?;
            after = page.last().map(|record| record.id);
            for record in &page {
                all.extend(Block::of(record, now)?);
            }
            if page.len() < BATCH as usize {
                return Ok(Blocks(all));
            }
        }
    }
}

struct Blocks(Vec<Block>);

impl Blocks {
    fn cut(mut self, wanted: Wanted) -> Part<Block> {
        self.0.sort_by_key(|block| block.since);
        if wanted.newest_first {
            self.0.reverse();
        }
        let total = self.0.len();
        Part { items: self.0.into_iter().skip(wanted.offset).take(wanted.limit).collect(), total }
    }
}
