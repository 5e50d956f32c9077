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

#[cfg(test)]
mod tests {
    use super::*;
    use poem::endpoint::{ToDynEndpoint, make};
    use tokio::sync::Semaphore;

    /// Answers with this word once it is let.
    fn saying(word: &'static str, gate: &Arc<Semaphore>) -> Arc<dyn DynEndpoint<Output = Response>> {
        let gate = gate.clone();
        Arc::new(ToDynEndpoint(make(move |_: Request| {
            let gate = gate.clone();
            async move {
                let passed = gate.acquire().await;
                drop(passed);
                Response::builder().body(word)
            }
        })))
    }

    async fn said(live: &Live) -> String {
        let reply = live.call(Request::default()).await.expect("answers");
        reply.into_body().into_string().await.expect("is text")
    }

    #[tokio::test]
    async fn a_request_ends_on_what_it_began_on() {
        let (shut, open) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(1)));
        let live = Live::new(saying("old", &shut), RouteMap::default());
        let begun = said(&live);
        let replaced = async {
            live.replace(saying("new", &open), RouteMap::default());
            let new = said(&live).await;
            shut.add_permits(1);
            new
        };
        // Polled in this order: the first is under way when the second replaces what is served.
        let (old, new) = tokio::join!(biased; begun, replaced);
        assert_eq!((old.as_str(), new.as_str()), ("old", "new"));
    }
}
