//! Noting that a block begins.

use super::{Engine, step::Loaded, tries::Counted};
use crate::{
    Origin,
    blocks::{BLOCKED_ADDRESS, BLOCKED_PERSON, Block, network},
    problem::Result,
    store::{Record, Write},
};

impl Engine {
    /// What a wrong answer (or a challenge, where asking is the try) writes besides, where its try has begun blocks.
    pub(super) fn begun_blocks(
        &self,
        loaded: &Loaded,
        counted: &Counted,
        origin: &Origin,
    ) -> Result<Vec<Write>> {
        let mut writes = Vec::with_capacity(counted.begun.len());
        for begun in &counted.begun {
            let (kind, person) = match begun.address {
                true => (BLOCKED_ADDRESS, None),
                false => (BLOCKED_PERSON, loaded.person.as_ref().map(|p| p.id)),
            };
            let address = origin.address.filter(|_| begun.address).map(network);
            let block = Block { person, address, since: loaded.now, until: begun.until };
            let id = self.transaction_id(loaded.now)?.0;
            let record = Record::new(&loaded.transaction.tenant, kind, id, loaded.now, &block)?;
            let record = Record { owner: person.map(|p| p.0), due: Some(begun.until), ..record };
            writes.push(Write::RecordInsert(record));
        }
        Ok(writes)
    }
}
