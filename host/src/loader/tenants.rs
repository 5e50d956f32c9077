//! For whom a plugin works at the moment.

use gatewright_contract::TenantId;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The tenants of the calls that are under way.
#[derive(Clone, Default)]
pub struct Tenants(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    next: u64,
    calls: BTreeMap<u64, TenantId>,
}

/// One call. Dropped when somebody has its end or nobody waits for it any more: from then on it permits nothing.
pub struct Within {
    tenants: Tenants,
    number: u64,
}

impl Tenants {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call begins. One without a tenant permits none.
    pub fn enter(&self, tenant: Option<&TenantId>) -> Within {
        let mut inside = self.lock();
        let number = inside.next;
        inside.next += 1;
        if let Some(tenant) = tenant {
            inside.calls.insert(number, tenant.clone());
        }
        drop(inside);
        Within { tenants: self.clone(), number }
    }

    /// Each once.
    pub fn now(&self) -> Vec<TenantId> {
        let mut tenants: Vec<_> = self.lock().calls.values().cloned().collect();
        tenants.sort();
        tenants.dedup();
        tenants
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        self.tenants.lock().calls.remove(&self.number);
    }
}
