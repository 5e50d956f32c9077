//! An endpoint: a path, its part of the document, and what answers. Endpoints of OAuth take forms in which nothing may be given
//! twice, and answer with redirects and pages; so they are not typed handlers.

use gatewright_openapi::Fragment;
use gatewright_plugin::{ApiArea, House, Mount, Reach, RouteTable};
use poem::{
    EndpointExt, Request, Response,
    endpoint::{BoxEndpoint, make},
    http::Method,
};
use serde_json::{Value, json};
use std::future::Future;

/// One operation.
pub(crate) struct Endpoint {
    method: Method,
    /// In OpenAPI's form, from the root: `/api/oidc/{tenant_id}/token`.
    path: String,
    /// Its Operation Object.
    operation: Value,
    /// Schemas that it names: an equal one may be given by several endpoints.
    schemas: Vec<(&'static str, Value)>,
    /// Security schemes that it names.
    schemes: Vec<(String, Value)>,
    reach: Reach,
    handler: BoxEndpoint<'static>,
}

impl Endpoint {
    /// One that is handled by this function. It writes its own errors: a poem error is only what the frame makes of it.
    pub(crate) fn new<F, R>(
        house: &House,
        (method, path): (Method, &str),
        operation: Value,
        handler: F,
    ) -> Self
    where
        F: Fn(House, Request) -> R + Send + Sync + 'static,
        R: Future<Output = poem::Result<Response>> + Send + 'static,
    {
        let house = house.clone();
        let handler = make(move |request: Request| handler(house.clone(), request));
        let (path, schemas, schemes) = (path.to_owned(), Vec::new(), Vec::new());
        let handler = handler.map_to_response().boxed();
        Self { method, path, operation, schemas, schemes, reach: Reach::OwnSite, handler }
    }

    /// Scripts of any site may call it, without cookies, and see the answer (CORS).
    #[must_use]
    pub(crate) fn shared(mut self) -> Self {
        self.reach = Reach::Shared;
        self
    }

    /// Forms of any site may be sent to it. It sees no cookie of theirs.
    #[must_use]
    pub(crate) fn taking_forms(mut self) -> Self {
        self.reach = Reach::OtherSites;
        self
    }

    /// With schemas that its operation names.
    #[must_use]
    pub(crate) fn with(mut self, schemas: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        self.schemas.extend(schemas);
        self
    }

    /// With security schemes that its operation names.
    #[must_use]
    pub(crate) fn guarded(mut self, schemes: Vec<(String, Value)>) -> Self {
        self.schemes = schemes;
        self
    }
}

/// All of them.
pub(crate) struct Endpoints(Vec<Endpoint>);

impl Endpoints {
    pub(crate) fn new(all: Vec<Endpoint>) -> Self {
        Self(all)
    }

    /// At their place.
    pub(crate) fn mount(self) -> Mount {
        let reach = self.0.iter().map(|one| (one.method.clone(), one.path.clone(), one.reach)).collect();
        Mount::new("", self).reached(reach)
    }
}

impl ApiArea for Endpoints {
    fn fragment(&self) -> Result<Fragment, String> {
        let mut fragment = Fragment::default();
        fragment.tags.push(tag());
        for one in &self.0 {
            for (name, schema) in &one.schemas {
                let known = fragment.schemas.insert((*name).to_owned(), schema.clone());
                if known.is_some_and(|known| known != *schema) {
                    return Err(format!("two endpoints give the schema `{name}` another shape"));
                }
            }
            fragment.security_schemes.extend(one.schemes.iter().cloned());
            let method = one.method.as_str().to_ascii_lowercase();
            fragment.operation(one.path.clone(), method, one.operation.clone());
        }
        Ok(fragment)
    }

    fn routes(self: Box<Self>) -> RouteTable {
        let mut table = RouteTable::new();
        for one in self.0 {
            let path = one.path.replace('{', ":").replace('}', "");
            table.entry(path).or_default().insert(one.method, one.handler);
        }
        table
    }
}

/// The tag of all of them; typed operations of this area say the same.
pub(crate) fn tag() -> Value {
    json!({
        "name": "oidc",
        "description": "The OpenID provider: how applications log people in, and what they get.",
    })
}
