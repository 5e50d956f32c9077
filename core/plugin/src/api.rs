//! What the host composes: a fragment of the document, and routes.

use gatewright_openapi::Fragment;
use poem::{endpoint::BoxEndpoint, http::Method};
use poem_openapi::{OpenApi, registry::Registry};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Path in poem's form (`/a/:id`) → method → endpoint.
pub type RouteTable = HashMap<String, HashMap<Method, BoxEndpoint<'static>>>;

/// A part of the API that is not known at compile time of the host.
pub trait ApiArea: Send {
    /// Its part of the document; paths without the mount's prefix, in OpenAPI's form (`/a/{id}`).
    ///
    /// # Errors
    /// A text for the one who starts the host, when the part contradicts itself.
    fn fragment(&self) -> Result<Fragment, String>;

    /// Its routes; paths without the mount's prefix.
    fn routes(self: Box<Self>) -> RouteTable;
}

impl<T: OpenApi + Send + 'static> ApiArea for T {
    fn fragment(&self) -> Result<Fragment, String> {
        // A fresh registry for each: a shared one panics, or lets the first win silently, when two
        // plugins use one name. poem-openapi panics for a clash inside one plugin; that becomes an error.
        let registry = catch_unwind(AssertUnwindSafe(|| {
            let mut registry = Registry::new();
            T::register(&mut registry);
            registry
        }))
        .map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default()
        })?;
        let mut fragment = Fragment::default();
        for api in T::meta() {
            for path in api.paths {
                let Value::Object(operations) = json(&path)? else { continue };
                let known: &mut Map<String, Value> = fragment.paths.entry(path.path.clone()).or_default();
                known.extend(operations);
            }
        }
        for (name, schema) in &registry.schemas {
            fragment.schemas.insert(name.clone(), json(schema)?);
        }
        for (name, scheme) in &registry.security_schemes {
            fragment.security_schemes.insert((*name).to_owned(), json(scheme)?);
        }
        for tag in &registry.tags {
            fragment.tags.push(json(tag)?);
        }
        Ok(fragment)
    }

    fn routes(self: Box<Self>) -> RouteTable {
        let mut table = RouteTable::new();
        T::add_routes(*self, &mut table);
        table
    }
}

fn json(value: &impl serde::Serialize) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|e| e.to_string())
}
