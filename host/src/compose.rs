//! Many plugins, one document and one route table. Every clash is an error at start, all in one list.

mod finish;
mod live;
mod route;

pub use live::Live;
pub use route::RouteMap;

use gatewright_openapi::{Conflict, Fragment, Info};
use gatewright_plugin::{Mount, RouteTable};
use poem::{
    Endpoint, EndpointExt, Response,
    endpoint::{DynEndpoint, ToDynEndpoint},
};
use poem_openapi::{
    OpenApi, OpenApiService,
    registry::{MetaApi, Registry},
};
use serde_json::Value;
use std::sync::Arc;

/// Why the parts don't make a whole.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// Two parts of the document clash.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// One plugin's part contradicts itself.
    #[error("plugin `{plugin}` contradicts itself: {message}")]
    Within {
        /// Which.
        plugin: String,
        /// What poem-openapi says.
        message: String,
    },
    /// A path that can't be routed.
    #[error("plugin `{plugin}`: the path `{path}` can't be routed: {message}")]
    Path {
        /// Which.
        plugin: String,
        /// The path.
        path: String,
        /// What poem says.
        message: String,
    },
    /// A route that the document does not have, or the other way round.
    #[error("plugin `{plugin}`: {method} {path} is {what}")]
    Uneven {
        /// Which.
        plugin: String,
        /// The method.
        method: String,
        /// The path.
        path: String,
        /// Where it is missing.
        what: &'static str,
    },
}

/// The whole.
pub struct Composed {
    /// Everything that is served.
    pub endpoint: Arc<dyn DynEndpoint<Output = Response>>,
    /// The document.
    pub document: Value,
    /// What the front door knows of the paths.
    pub map: RouteMap,
}

/// The composite that poem-openapi serves: it installs what its extractors need, and knows nothing else.
struct Composite(RouteTable);

impl OpenApi for Composite {
    fn meta() -> Vec<MetaApi> {
        Vec::new()
    }
    fn register(_: &mut Registry) {}
    fn add_routes(self, table: &mut RouteTable) {
        table.extend(self.0);
    }
}

/// Puts all mounts together.
///
/// # Errors
/// Every clash at once.
pub fn compose(mounts: Vec<(&'static str, Mount)>) -> Result<Composed, Vec<ComposeError>> {
    let mut errors = Vec::new();
    let mut fragments: Vec<Fragment> = Vec::new();
    let mut routes = route::Routes::default();
    for (plugin, mount) in mounts {
        match mount.api.fragment() {
            Err(message) => errors.push(ComposeError::Within { plugin: plugin.to_owned(), message }),
            Ok(fragment) => {
                let fragment = finish::fragment(plugin, &mount, fragment);
                routes.add(plugin, &fragment, mount, &mut errors);
                fragments.push(fragment);
            }
        }
    }
    let document = gatewright_openapi::compose(&info(), &fragments);
    let document = document.map_err(|conflicts| errors.extend(conflicts.into_iter().map(ComposeError::from)));
    routes.probe(&mut errors);
    match document {
        Ok(document) if errors.is_empty() => {
            let (table, map) = routes.finish();
            let service = OpenApiService::new(Composite(table), "Gatewright", crate::VERSION);
            let endpoint = poem::IntoEndpoint::into_endpoint(service);
            Ok(Composed { endpoint: erase(endpoint), document, map })
        }
        _ => Err(errors),
    }
}

fn erase(endpoint: impl Endpoint + 'static) -> Arc<dyn DynEndpoint<Output = Response>> {
    Arc::new(ToDynEndpoint(endpoint.map_to_response()))
}

fn info() -> Info {
    Info {
        title: "Gatewright".to_owned(),
        version: crate::VERSION.to_owned(),
        description: include_str!("compose/about.md").to_owned(),
        license_name: "Apache-2.0 OR MIT".to_owned(),
        ..Info::default()
    }
}
