//! Defaults, memory, file and environment put over each other.

use super::below;
use super::layer::Layer;
use super::section::{Section, Sections, Site};
use figment::{Figment, providers::Serialized};
use serde_json::{Map, Value};

/// The values that hold: each layer over the one before, key by key. Places of values that lost are forgotten.
///
/// # Errors
/// Those of figment, in its words.
pub(super) fn merge(sections: &Sections, layers: &mut [Layer]) -> Result<Map<String, Value>, String> {
    for upper in 1..layers.len() {
        let (lower, rest) = layers.split_at_mut(upper);
        for (index, weaker) in lower.iter_mut().enumerate() {
            let mut lost = Vec::new();
            prune(&mut weaker.values, &rest[0].values, &sections.top(), index == 0, &mut lost);
            lost.iter().for_each(|path| weaker.forget(path));
        }
    }
    let all = layers.iter().fold(Figment::new(), |all, layer| all.merge(Serialized::defaults(&layer.values)));
    all.extract().map_err(|error| error.to_string())
}

/// Defaults of these sections as the weakest layer.
pub(super) fn defaults<'s>(sections: &Sections, active: impl Iterator<Item = &'s Section>) -> Layer {
    let mut active: Vec<_> = active.collect();
    active.sort_by_key(|section| section.path.len());
    let mut values = Map::new();
    for section in active {
        let own = Value::Object(section.defaults.as_object().cloned().unwrap_or_default());
        let nested = section
            .path
            .iter()
            .rev()
            .fold(own, |inner, name| Value::Object(Map::from_iter([(name.clone(), inner)])));
        join(&mut values, &nested);
    }
    drop_secrets(&mut values, &sections.top());
    Layer { values, ..Layer::default() }
}

fn join(into: &mut Map<String, Value>, from: &Value) {
    for (name, value) in from.as_object().into_iter().flatten() {
        match into.get_mut(name) {
            Some(Value::Object(table)) if value.is_object() => join(table, value),
            _ => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}

/// No secret has a default: what a type serialises there is only its mask.
fn drop_secrets(table: &mut Map<String, Value>, site: &Site<'_>) {
    let given = table.clone();
    table.retain(|name, value| {
        let Some(child) = site.child(name, Some(&given)) else { return true };
        if let Value::Object(inner) = value
            && !child.is_secret()
        {
            drop_secrets(inner, &child);
        }
        value.is_null() || !child.is_secret()
    });
}

/// Takes out of the weaker values what the stronger ones replace as a whole, so that figment's merging, which joins
/// all tables, does not mix two variants of one setting.
fn prune(
    lower: &mut Map<String, Value>,
    upper: &Map<String, Value>,
    site: &Site<'_>,
    over_default: bool,
    lost: &mut Vec<Vec<String>>,
) {
    for (name, stronger) in upper {
        let Some(weaker) = lower.get_mut(name) else { continue };
        match (weaker, stronger, site.child(name, Some(upper))) {
            (Value::Object(weaker), Value::Object(stronger), Some(child))
                if joins(weaker, stronger, &child, over_default) =>
            {
                prune(weaker, stronger, &child, over_default, lost);
            }
            _ => {
                lower.remove(name);
                lost.push(below(&site.path, name));
            }
        }
    }
}

/// Whether two tables at one place make one table, or the stronger replaces the weaker.
fn joins(
    weaker: &Map<String, Value>,
    stronger: &Map<String, Value>,
    site: &Site<'_>,
    over_default: bool,
) -> bool {
    let Some(shape) = site.shape else { return true };
    if shape.is_secret() {
        return false;
    }
    // A map's default is what holds when nothing is given, not a part of what is given.
    let is_map = shape.properties(None).is_empty() && shape.open(None).is_some();
    if is_map && over_default && site.names(None).is_empty() {
        return false;
    }
    let mut branches = shape.alternatives();
    while let [only] = branches.as_slice()
        && !only.alternatives().is_empty()
    {
        branches = only.alternatives();
    }
    branches.len() < 2 || branches.iter().any(|branch| branch.fits(weaker) && branch.fits(stronger))
}
