//! The merged route table.

use super::{ComposeError, finish::join};
use crate::http::cross_site;
use gatewright_core::Problem;
use gatewright_openapi::Fragment;
use gatewright_plugin::{Dialect, Mount, Reach, RouteTable, request::RouteName};
use poem::{
    Endpoint, EndpointExt, Request, Response, Route,
    endpoint::{BoxEndpoint, make_sync},
    http::Method,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

/// What the front door knows of a path: the methods for `Allow`, the dialect of its errors, whose pages may call it.
#[derive(Clone, Default)]
pub struct RouteMap(Arc<Vec<Place>>);

struct Place {
    segments: Vec<Segment>,
    methods: String,
    dialect: Option<Dialect>,
    unlimited: bool,
    /// By method, where it is more than pages of this site.
    reach: Vec<(Method, Reach)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Fixed(String),
    Any,
    Rest,
}

impl RouteMap {
    fn find(&self, path: &str) -> Option<&Place> {
        let wanted: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        self.0.iter().find(|place| fits(&place.segments, &wanted))
    }

    /// The value of `Allow` (RFC 9110, section 10.2.1) for a path that is there.
    pub fn allow(&self, path: &str) -> Option<String> {
        self.find(path).map(|place| place.methods.clone())
    }

    /// Whether a path is answered however often an address asks.
    pub fn is_unlimited(&self, path: &str) -> bool {
        self.find(path).is_some_and(|place| place.unlimited)
    }

    /// Whose pages may call an operation. Who may `GET` may `HEAD`.
    pub fn reach(&self, method: &Method, path: &str) -> Reach {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        let known = self.find(path).into_iter().flat_map(|place| &place.reach);
        known.filter(|(of, _)| of == method).map(|(_, reach)| *reach).next().unwrap_or_default()
    }

    /// What the front door refuses, in the dialect of the route.
    pub fn reword(&self, path: &str, status: u16, code: &str, detail: &str) -> Option<Response> {
        let dialect = self.find(path)?.dialect?;
        Some(dialect.write(&Problem::of_the_door(status, code, detail)))
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
    shared: bool,
}

impl Endpoint for Routed {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let mut response = match self.inner.call(request).await {
            Ok(response) => response,
            Err(error) => self.dialect.reply(error),
        };
        response.extensions_mut().insert(self.name);
        if self.shared {
            cross_site::share(response.headers_mut());
        }
        Ok(response)
    }
}

/// All routes so far, with their owners.
#[derive(Default)]
pub(super) struct Routes {
    table: BTreeMap<String, BTreeMap<String, (Method, BoxEndpoint<'static>)>>,
    owners: BTreeMap<String, &'static str>,
    /// Dialect, and whether the path is unlimited.
    manners: BTreeMap<String, (Dialect, bool)>,
    reach: BTreeMap<String, Vec<(Method, Reach)>>,
}

impl Routes {
    pub(super) fn add(
        &mut self,
        plugin: &'static str,
        fragment: &Fragment,
        mount: Mount,
        errors: &mut Vec<ComposeError>,
    ) {
        let Mount { prefix, api, dialect, unlimited, reach, .. } = mount;
        let reach: HashMap<(Method, String), Reach> = reach
            .into_iter()
            .map(|(method, path, reach)| ((method, shape(&join(prefix, &path))), reach))
            .collect();
        // poem-openapi gives its placeholders other names than the document has.
        let by_shape: BTreeMap<String, &String> = fragment.paths.keys().map(|p| (shape(p), p)).collect();
        for (path, methods) in api.routes() {
            let path = join(prefix, &path);
            let in_document = by_shape.get(&shape(&path)).copied();
            let documented = in_document.and_then(|p| fragment.paths.get(p));
            for (method, inner) in methods {
                let hidden = documented.is_none_or(|d| !d.contains_key(&method.as_str().to_lowercase()));
                if hidden && !path.contains('*') {
                    let (method, path) = (method.to_string(), path.clone());
                    let what = "served, but not in the document";
                    errors.push(ComposeError::Uneven { plugin: plugin.to_owned(), method, path, what });
                }
                let name = RouteName(interned(in_document.unwrap_or(&path)));
                let reach = reach.get(&(method.clone(), shape(&path))).copied().unwrap_or_default();
                let routed = Routed { inner, dialect, name, shared: reach == Reach::Shared };
                if reach != Reach::OwnSite {
                    self.reach.entry(path.clone()).or_default().push((method.clone(), reach));
                }
                let methods = self.table.entry(path.clone()).or_default();
                methods.insert(method.to_string(), (method, routed.boxed()));
            }
            self.manners.insert(path.clone(), (dialect, unlimited));
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

    pub(super) fn finish(mut self) -> (RouteTable, RouteMap) {
        let mut places: Vec<Place> = Vec::new();
        let mut table = RouteTable::new();
        for (path, methods) in self.table {
            let names: Vec<&str> = methods.keys().map(String::as_str).collect();
            let (dialect, unlimited) = self.manners.get(&path).copied().unzip();
            places.push(Place {
                segments: segments(&path),
                methods: names.join(", "),
                dialect,
                unlimited: unlimited.unwrap_or(false),
                reach: self.reach.remove(&path).unwrap_or_default(),
            });
            table.insert(path, methods.into_values().collect());
        }
        // Fixed words before placeholders, as the router has it.
        places.sort_by_key(|p| p.segments.iter().filter(|s| !matches!(s, Segment::Fixed(_))).count());
        (table, RouteMap(Arc::new(places)))
    }
}

fn segment(word: &str) -> Segment {
    match word.as_bytes().first() {
        Some(b':') => Segment::Any,
        Some(b'*') => Segment::Rest,
        _ => Segment::Fixed(word.to_owned()),
    }
}

fn segments(path: &str) -> Vec<Segment> {
    path.trim_start_matches('/').split('/').map(segment).collect()
}

/// The names of routes live as long as the process. Each once: composing the same routes again adds none.
fn interned(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    let new: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(new);
    new
}

/// `/a/:id` and `/a/{id}` alike.
fn shape(path: &str) -> String {
    let word = |word| match segment(word) {
        Segment::Fixed(name) if name.starts_with('{') => "{}".to_owned(),
        Segment::Fixed(name) => name,
        Segment::Any => "{}".to_owned(),
        Segment::Rest => "*".to_owned(),
    };
    path.split('/').map(word).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::interned;

    #[test]
    fn a_name_is_kept_once() {
        let (one, again) = (interned("/a/{id}"), interned(&["/a", "{id}"].join("/")));
        assert!(std::ptr::eq(one, again));
        assert_eq!(interned("/a/{other}"), "/a/{other}");
    }
}
