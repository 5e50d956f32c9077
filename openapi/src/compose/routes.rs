//! Paths and operations: whose they are, and that no two are one.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{media, rank};
use crate::walk::{METHODS, join};
use crate::{Conflict, Fragment};

/// All operations of one shape of path.
struct Shape<'a> {
    /// How the path was first written, and by whom.
    path: &'a str,
    plugin: &'a str,
    /// Method → who answers it, under what path, and the operation.
    operations: BTreeMap<&'a str, (&'a str, &'a str, Value)>,
}

pub(super) fn paths(fragments: &[&Fragment], conflicts: &mut Vec<Conflict>) -> Map<String, Value> {
    let mut shapes: BTreeMap<String, Shape<'_>> = BTreeMap::new();
    let mut ids = BTreeMap::new();
    for fragment in fragments {
        for (path, methods) in &fragment.paths {
            let Some(shape) = shape(path) else {
                conflicts.push(malformed(
                    fragment,
                    path,
                    "a path begins with `/`, and each `{` in it has its `}`",
                ));
                continue;
            };
            let plugin = fragment.plugin.as_str();
            let entry =
                shapes.entry(shape).or_insert_with(|| Shape { path, plugin, operations: BTreeMap::new() });
            add(entry, fragment, path, methods, conflicts);
            for (method, operation) in methods {
                claim_id(&mut ids, plugin, format!("{} {path}", method.to_uppercase()), operation, conflicts);
            }
        }
    }
    // By path, not by shape: that is what the reader sees sorted.
    let by_path: BTreeMap<&str, Shape<'_>> = shapes.into_values().map(|shape| (shape.path, shape)).collect();
    by_path.into_iter().map(|(path, shape)| (path.to_owned(), item(shape))).collect()
}

fn add<'a>(
    shape: &mut Shape<'a>,
    fragment: &'a Fragment,
    path: &'a str,
    methods: &'a Map<String, Value>,
    conflicts: &mut Vec<Conflict>,
) {
    let plugin = fragment.plugin.as_str();
    let mut clashed = false;
    for (method, operation) in methods {
        let Some(object) = operation.as_object().filter(|_| METHODS.contains(&method.as_str())) else {
            let problem = "not an operation: a lower-case HTTP method and an object are expected";
            conflicts.push(malformed(fragment, &format!("{path}, {method}"), problem));
            continue;
        };
        if let Some((first, first_path, _)) = shape.operations.get(method.as_str()) {
            clashed = true;
            conflicts.push(Conflict::Route {
                method: method.to_uppercase(),
                first: (*first).to_owned(),
                first_path: (*first_path).to_owned(),
                second: plugin.to_owned(),
                second_path: path.to_owned(),
            });
            continue;
        }
        let operation = finish(object.clone(), plugin, &join(&join("/paths", path), method), conflicts);
        shape.operations.insert(method, (plugin, path, operation));
    }
    // A route that clashes is told as that, and once.
    if shape.path != path && !clashed {
        conflicts.push(Conflict::ParameterNames {
            first: shape.plugin.to_owned(),
            first_path: shape.path.to_owned(),
            second: plugin.to_owned(),
            second_path: path.to_owned(),
        });
    }
}

/// The operation as it stands in the document.
fn finish(mut operation: Map<String, Value>, plugin: &str, at: &str, conflicts: &mut Vec<Conflict>) -> Value {
    if operation.get("x-plugin").is_some_and(|claimed| claimed != plugin) {
        conflicts.push(Conflict::ReservedWord {
            plugin: plugin.into(),
            word: "x-plugin".into(),
            at: at.into(),
        });
    }
    for (media_type, at) in media::without_charset(&mut operation, at) {
        conflicts.push(Conflict::MediaType { plugin: plugin.into(), media_type, at });
    }
    for requirement in operation.get_mut("security").and_then(Value::as_array_mut).into_iter().flatten() {
        // Schemes that are asked for together have no order, and their source is often a hash map.
        requirement.sort_all_objects();
    }
    operation.insert("x-plugin".into(), plugin.into());
    operation.into()
}

fn claim_id(
    ids: &mut BTreeMap<String, (String, String)>,
    plugin: &str,
    route: String,
    operation: &Value,
    conflicts: &mut Vec<Conflict>,
) {
    let Some(id) = operation.get("operationId").and_then(Value::as_str) else { return };
    match ids.get(id) {
        None => {
            ids.insert(id.to_owned(), (plugin.to_owned(), route));
        }
        Some((first, first_route)) => conflicts.push(Conflict::OperationId {
            id: id.to_owned(),
            first: first.clone(),
            first_route: first_route.clone(),
            second: plugin.to_owned(),
            second_route: route,
        }),
    }
}

/// A path as a router sees it: `/users/{id}` and `/users/{name}` are both `/users/{}`.
fn shape(path: &str) -> Option<String> {
    let mut shape = String::new();
    let mut rest = path.strip_prefix('/').map(|_| path)?;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        if before.contains('}') || name.is_empty() || name.contains(['{', '/']) {
            return None;
        }
        shape.push_str(before);
        shape.push_str("{}");
        rest = after;
    }
    shape.push_str(rest);
    (!rest.contains('}')).then_some(shape)
}

fn item(shape: Shape<'_>) -> Value {
    let mut operations: Vec<_> = shape.operations.into_iter().collect();
    operations.sort_by_key(|(method, _)| rank(method));
    let item: Map<String, Value> =
        operations.into_iter().map(|(method, (_, _, operation))| (method.to_owned(), operation)).collect();
    item.into()
}

fn malformed(fragment: &Fragment, at: &str, problem: &str) -> Conflict {
    Conflict::Malformed { plugin: fragment.plugin.clone(), at: at.to_owned(), problem: problem.to_owned() }
}
