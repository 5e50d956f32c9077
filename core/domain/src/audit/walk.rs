//! Walking a whole chain, page by page.

use super::{AuditHead, Flaw, Hash, Logged, PRUNED, checkpoint::Opened, diagnose, retention::pruned_to};
use crate::{Engine, problem::Result};
use gatewright_contract::TenantId;

const PAGE: u32 = 1_000;

/// What came of verifying the log of a tenant.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Lines from before there was a chain: nothing vouches for them.
    pub before: u64,
    /// Lines of the chain that were looked at.
    pub checked: u64,
    /// Where the chain was when it was read.
    pub head: AuditHead,
    /// The last line that a sealed checkpoint vouches for; those after it only the chain does.
    pub sealed: Option<i64>,
    /// The first thing that is wrong.
    pub flaw: Option<Flaw>,
}

/// A place in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) number: i64,
    pub(super) hash: Hash,
}

impl Chain {
    pub(super) fn from_anchor(head: &AuditHead) -> Self {
        Self { number: head.anchor, hash: head.anchor_hash }
    }

    /// Goes on to this line, if it follows.
    fn follow(&mut self, line: &Logged) -> bool {
        let hash = line.event.link(&self.hash, line.number);
        let follows = line.number == self.number + 1 && line.hash == Some(hash);
        if follows {
            *self = Self { number: line.number, hash };
        }
        follows
    }
}

/// What a walk has seen.
struct Walk {
    chain: Chain,
    checked: u64,
    /// What is still to be compared, by number, the last first.
    checkpoints: Vec<Opened>,
    /// The last line that a checkpoint has vouched for.
    sound: Option<i64>,
    /// Whether a line says that the log was pruned up to the anchor.
    pruned: bool,
}

impl Engine {
    /// Holds the log of a tenant against its chain, its end and its checkpoints. `progress` is told the line and the
    /// last line now and then. It may run beside a host that writes and prunes.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn verify_audit(
        &self,
        tenant: &TenantId,
        progress: &mut (dyn FnMut(i64, i64) + Send),
    ) -> Result<Verified> {
        loop {
            let verified = self.verify_once(tenant, progress).await?;
            // What was pruned while we walked is not missing.
            let moved = self.store.audit_head(tenant).await?.anchor != verified.head.anchor;
            if verified.flaw.is_none() || !moved {
                return Ok(verified);
            }
        }
    }

    async fn verify_once(
        &self,
        tenant: &TenantId,
        progress: &mut (dyn FnMut(i64, i64) + Send),
    ) -> Result<Verified> {
        // Before the head: a checkpoint never knows more than the head does.
        let mut checkpoints = self.checkpoints(tenant).await?;
        checkpoints.reverse();
        let mut head = self.store.audit_head(tenant).await?;
        let (before, stray) = self.before_anchor(tenant, &head).await?;
        let chain = Chain::from_anchor(&head);
        let mut walk = Walk { chain, checked: 0, checkpoints, sound: None, pruned: false };
        let mut flaw = stray.or_else(|| walk.compare(&head));
        while flaw.is_none() {
            flaw = self.walk_to(tenant, &mut walk, &head, progress).await?;
            if flaw.is_some() || self.store.audit_from(tenant, head.number, 1).await?.is_empty() {
                break;
            }
            // Somebody writes, or there are lines that the head does not know.
            let now = self.store.audit_head(tenant).await?;
            if now.number == head.number {
                flaw = Some(Flaw::Beyond(head.number + 1));
            }
            head = now;
        }
        let flaw = flaw.or_else(|| walk.end(&head));
        Ok(Verified { before, checked: walk.checked, head, sealed: walk.sound, flaw })
    }

    /// How many lines are older than the chain, and a line that can't be.
    async fn before_anchor(&self, tenant: &TenantId, head: &AuditHead) -> Result<(u64, Option<Flaw>)> {
        let (mut count, mut after) = (0, i64::MIN);
        loop {
            let page = self.store.audit_from(tenant, after, PAGE).await?;
            for line in &page {
                match (line.number <= head.anchor, line.hash) {
                    (false, _) => return Ok((count, None)),
                    (true, Some(_)) => return Ok((count, Some(Flaw::Stray(line.number)))),
                    (true, None) if head.anchor_hash != Hash::default() => {
                        return Ok((count, Some(Flaw::Stray(line.number))));
                    }
                    (true, None) => count += 1,
                }
                after = line.number;
            }
            if page.is_empty() {
                return Ok((count, None));
            }
        }
    }

    /// Walks up to the head.
    async fn walk_to(
        &self,
        tenant: &TenantId,
        walk: &mut Walk,
        head: &AuditHead,
        progress: &mut (dyn FnMut(i64, i64) + Send),
    ) -> Result<Option<Flaw>> {
        while walk.chain.number < head.number {
            let page = self.page(tenant, &walk.chain, head).await?;
            for line in &page {
                if !walk.chain.follow(line) {
                    return self.told(tenant, &walk.chain).await.map(Some);
                }
                walk.checked += 1;
                walk.note(line, head);
                if let Some(flaw) = walk.compare(head) {
                    return Ok(Some(flaw));
                }
            }
            if page.is_empty() {
                return Ok(Some(Flaw::Cut { last: walk.chain.number, end: head.number }));
            }
            progress(walk.chain.number, head.number);
        }
        Ok((walk.chain.hash != head.hash).then_some(Flaw::Head(head.number)))
    }

    /// Follows the chain up to the head, without comparing anything else.
    pub(super) async fn follow_to(
        &self,
        tenant: &TenantId,
        chain: &mut Chain,
        head: &AuditHead,
    ) -> Result<Option<Flaw>> {
        while chain.number < head.number {
            let page = self.page(tenant, chain, head).await?;
            if page.is_empty() {
                return Ok(Some(Flaw::Cut { last: chain.number, end: head.number }));
            }
            for line in &page {
                if !chain.follow(line) {
                    return self.told(tenant, chain).await.map(Some);
                }
            }
        }
        Ok((chain.hash != head.hash).then_some(Flaw::Head(head.number)))
    }

    /// The next lines, up to the head.
    async fn page(&self, tenant: &TenantId, chain: &Chain, head: &AuditHead) -> Result<Vec<Logged>> {
        let mut page = self.store.audit_from(tenant, chain.number, PAGE).await?;
        page.retain(|line| line.number <= head.number);
        Ok(page)
    }

    /// Says what is wrong after this place.
    async fn told(&self, tenant: &TenantId, chain: &Chain) -> Result<Flaw> {
        let window = self.store.audit_from(tenant, chain.number, PAGE).await?;
        Ok(diagnose(chain.number, &chain.hash, &window))
    }
}

impl Walk {
    fn note(&mut self, line: &Logged, head: &AuditHead) {
        let event = &line.event;
        self.pruned |= event.kind == PRUNED && event.target == Some(pruned_to(head.anchor));
    }

    /// Holds the checkpoints of this place against it; those from before the anchor tell nothing any more.
    fn compare(&mut self, head: &AuditHead) -> Option<Flaw> {
        while let Some(next) = self.checkpoints.pop_if(|next| next.number <= self.chain.number) {
            let Some(hash) = next.hash else { return Some(Flaw::Checkpoint(next.number)) };
            if next.number < self.chain.number {
                continue;
            }
            if hash != self.chain.hash {
                let sound = self.sound.unwrap_or(head.anchor);
                return Some(Flaw::Rewritten { number: next.number, sound, sealed: next.at });
            }
            self.sound = Some(next.number);
        }
        None
    }

    /// What only the end shows.
    fn end(&self, head: &AuditHead) -> Option<Flaw> {
        if let Some(next) = self.checkpoints.last() {
            let cut = Flaw::Cut { last: self.chain.number, end: next.number };
            return Some(if next.hash.is_some() { cut } else { Flaw::Checkpoint(next.number) });
        }
        let was_pruned = head.anchor_hash != Hash::default();
        (was_pruned && !self.pruned).then_some(Flaw::Begun(head.anchor))
    }
}
