//! Deleting what is old, so that the rest stays a chain.

use super::{CHECKPOINT, Checkpoint, Event};
use crate::{Engine, Origin, problem::Result, store::Write};
use gatewright_contract::{TenantId, Timestamp};

/// The line that says that the log was pruned, and up to where.
pub const PRUNED: &str = "audit.pruned";

/// Lines that go in one commit.
const AT_ONCE: u32 = 5_000;
const CHECKPOINTS: u32 = 500;

impl Engine {
    /// Deletes the lines of a tenant from before this time, oldest first, and the checkpoints that go with them.
    /// Each step is noted in the log. Returns the number of the last line that has gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn prune_audit(
        &self,
        tenant: &TenantId,
        before: Timestamp,
        origin: &Origin,
    ) -> Result<Option<i64>> {
        let start = self.store.audit_head(tenant).await?;
        let (mut after, mut gone) = (start.anchor, None);
        loop {
            // One line is enough to see that nothing is due, which is nearly always so.
            let oldest = self.store.audit_from(tenant, after, 1).await?;
            if oldest.first().is_none_or(|line| line.event.at >= before) {
                return Ok(gone);
            }
            let page = self.store.audit_from(tenant, after, AT_ONCE).await?;
            let due = page.iter().take_while(|line| line.event.at < before && line.number <= start.number);
            let Some(last) = due.last().map(|line| line.number) else { return Ok(gone) };
            let event = Event::new(PRUNED, tenant, self.now(), origin).on(pruned_to(last));
            let mut writes = vec![Write::AuditPrune(tenant.clone(), last), Write::Audit(event)];
            writes.extend(self.old_checkpoints(tenant, last).await?);
            self.store.commit(writes).await?;
            (after, gone) = (last, Some(last));
        }
    }

    async fn old_checkpoints(&self, tenant: &TenantId, number: i64) -> Result<Vec<Write>> {
        let (mut writes, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.records(tenant, CHECKPOINT, after, CHECKPOINTS).await?;
            for record in &page {
                if record.value::<Checkpoint>().is_ok_and(|checkpoint| checkpoint.number <= number) {
                    let kind = CHECKPOINT.to_owned();
                    writes.push(Write::RecordDelete(tenant.clone(), kind, record.id, record.rev));
                }
            }
            match page.last() {
                Some(last) => after = Some(last.id),
                None => return Ok(writes),
            }
        }
    }
}

/// The target of the line that tells of it.
pub(super) fn pruned_to(number: i64) -> String {
    format!("line:{number}")
}
