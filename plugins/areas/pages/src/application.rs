//! For which application somebody logs in.

use crate::visit::Visit;
use gatewright_core::Problem;

/// What a page says of it, and what its request asks for.
pub(crate) struct Application {
    pub(crate) name: String,
    pub(crate) logo: Option<String>,
    /// Where its answer goes in the end, as a policy names it.
    pub(crate) leads_to: Option<String>,
    /// The name that the request gives.
    pub(crate) hint: Option<String>,
    /// Whether who is logged in must prove it anew.
    pub(crate) elevate: bool,
}

impl Application {
    /// Of a request that waits.
    ///
    /// # Errors
    /// 404 where it is unknown, expired, or of another tenant.
    pub(crate) async fn of(visit: &Visit, request: &str) -> Result<Self, Problem> {
        let _ = (visit, request);
        Err(Problem::unknown_transaction())
    }
}
