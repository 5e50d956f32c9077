//! What is served now. It is replaced as a whole; a request that is under way ends on what it began on.

use super::RouteMap;
use poem::{Endpoint, Request, Response, endpoint::DynEndpoint};
use std::sync::{Arc, PoisonError, RwLock};

/// The endpoint and the map of the routes, as they are now.
#[derive(Clone)]
pub struct Live(Arc<RwLock<Arc<Now>>>);

struct Now {
    endpoint: Arc<dyn DynEndpoint<Output = Response>>,
    map: RouteMap,
}

impl Live {
    /// Begins with this.
    pub fn new(endpoint: Arc<dyn DynEndpoint<Output = Response>>, map: RouteMap) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(Now { endpoint, map }))))
    }

    /// What the front door knows of the paths.
    pub fn map(&self) -> RouteMap {
        self.now().map.clone()
    }

    pub(crate) fn replace(&self, endpoint: Arc<dyn DynEndpoint<Output = Response>>, map: RouteMap) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Now { endpoint, map });
    }

    fn now(&self) -> Arc<Now> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Endpoint for Live {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let now = self.now();
        now.endpoint.call(request).await
    }
}
