//! The merged route table.

use super::{ComposeError, finish::join};
use gatewright_openapi::Fragment;
use gatewright_plugin::{Dialect, Mount, RouteTable, request::RouteName};
use poem::{
    Endpoint, EndpointExt, Request, Response, Route,
    endpoint::{BoxEndpoint, make_sync},
    http::Method,
};
use std::{collections::BTreeMap, sync::Arc};

/// Methods by path, for `Allow`.
#[derive(Clone, Default)]
pub struct AllowTable(Arc<Vec<(Vec<Segment>, String)>>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Fixed(String),
    Any,
    Rest,
}

impl AllowTable {
    /// The value of `Allow` (RFC 9110, section 10.2.1) for a path that is there.
    pub fn of(&self, path: &str) -> Option<String> {
        let wanted: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        self.0.iter().find(|(segments, _)| fits(segments, &wanted)).map(|(_, methods)| methods.clone())
    }
}

fn fits(segments: &[Segment], wanted: &[&str]) -> bool {
    match (segments, wanted) {
        ([], []) | ([Segment::Rest], _) => true,
        ([Segment::Any, rest @ ..], [word, words @ ..]) => !word.is_empty() && fits(rest, words),
        ([Segment::Fixed(name), rest @ ..], [word, words @ ..]) => name == word && fits(rest, words),
        _ => false,
    }
}

/// A route with its error dialect, as one endpoint.
struct Routed {
    inner: BoxEndpoint<'static>,
    dialect: Dialect,
    name: RouteName,
}

impl Endpoint for Routed {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let mut response = match self.inner.call(request).await {
            Ok(response) => response,
            Err(error) => self.dialect.reply(error),
        };
        response.extensions_mut().insert(self.name);
        Ok(response)
    }
}

/// All routes so far, with their owners.
#[derive(Default)]
pub(super) struct Routes {
    table: BTreeMap<String, BTreeMap<String, (Method, BoxEndpoint<'static>)>>,
    owners: BTreeMap<String, &'static str>,
}

impl Routes {
    pub(super) fn add(
        &mut self,
        plugin: &'static str,
        fragment: &Fragment,
        mount: Mount,
        errors: &mut Vec<ComposeError>,
    ) {
        let Mount { prefix, api, dialect, .. } = mount;
        for (path, methods) in api.routes() {
            let path = join(prefix, &path);
            let documented = fragment.paths.get(&in_document(&path));
            for (method, inner) in methods {
                let hidden = documented.is_none_or(|d| !d.contains_key(&method.as_str().to_lowercase()));
                if hidden && !path.contains('*') {
                    let (method, path) = (method.to_string(), path.clone());
                    let what = "served, but not in the document";
                    errors.push(ComposeError::Uneven { plugin: plugin.to_owned(), method, path, what });
                }
                // The names of routes live as long as the process; their number is bounded at start.
                let name: &'static str = Box::leak(in_document(&path).into_boxed_str());
                let routed = Routed { inner, dialect, name: RouteName(name) };
                let methods = self.table.entry(path.clone()).or_default();
                methods.insert(method.to_string(), (method, routed.boxed()));
            }
            self.owners.entry(path).or_insert(plugin);
        }
    }

    /// What poem would panic on.
    pub(super) fn probe(&self, errors: &mut Vec<ComposeError>) {
        let mut route = Route::new();
        for (path, plugin) in &self.owners {
            match route.try_at(path, make_sync(|_| ())) {
                Ok(next) => route = next,
                Err(error) => {
                    let (plugin, path) = ((*plugin).to_owned(), path.clone());
                    errors.push(ComposeError::Path { plugin, path, message: error.to_string() });
                    return;
                }
            }
        }
    }

    pub(super) fn finish(self) -> (RouteTable, AllowTable) {
        let mut allow: Vec<(Vec<Segment>, String)> = Vec::new();
        let mut table = RouteTable::new();
        for (path, methods) in self.table {
            let names: Vec<&str> = methods.keys().map(String::as_str).collect();
            allow.push((segments(&path), names.join(", ")));
            table.insert(path, methods.into_values().collect());
        }
        // Fixed words before placeholders, as the router has it.
        allow.sort_by_key(|(segments, _)| segments.iter().filter(|s| !matches!(s, Segment::Fixed(_))).count());
        (table, AllowTable(Arc::new(allow)))
    }
}

fn segments(path: &str) -> Vec<Segment> {
    let segment = |word: &str| match word.as_bytes().first() {
        Some(b':') => Segment::Any,
        Some(b'*') => Segment::Rest,
        _ => Segment::Fixed(word.to_owned()),
    };
    path.trim_start_matches('/').split('/').map(segment).collect()
}

/// `/a/:id` as `/a/{id}`.
fn in_document(path: &str) -> String {
    let word = |word: &str| match word.strip_prefix(':') {
        Some(name) => format!("{{{name}}}"),
        None => word.to_owned(),
    };
    path.split('/').map(word).collect::<Vec<_>>().join("/")
}
