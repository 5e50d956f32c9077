//! A commented sample of the whole configuration.

use super::section::{Section, Sections, Site};
use super::shape::Shape;
use super::{SHORT_FORMS, describe, short_form, toml_text};
use serde_json::{Map, Value};

/// Tables in tables that a sample value shows; a schema may refer to itself.
const PLACEHOLDER_DEPTH: usize = 4;

/// All keys of these sections as TOML: what each is for, what may stand there and its default. Keys stand as
/// `#key = default`, tables that need not be there as `#[table]`; prose has a space after `#`. The sample loads as it
/// is, unless a section that is always there has a key without a default.
#[must_use]
pub fn reference(sections: &[Section]) -> String {
    let sections = Sections(sections.to_vec());
    let mut sample = Sample { out: String::new(), around: Vec::new() };
    for (short, path) in SHORT_FORMS.iter().filter(|(short, _)| short_form(&sections, short).is_some()) {
        sample.line(&format!("# {short} at the top of the file is short for {}.", path.join(".")));
    }
    let mut ordered: Vec<_> = sections.0.iter().collect();
    // Keys at the top come before any table; a table comes before those inside it.
    ordered.sort_by_key(|section| !section.path.is_empty());
    for section in ordered {
        let site = sections.top().descend(&section.path, &Value::Null);
        let Some(site) = site else { continue };
        let optional = sections.0.iter().any(|s| s.optional && section.path.starts_with(&s.path));
        let defaults = section.defaults.as_object().cloned().unwrap_or_default();
        sample.table(
            &site,
            &defaults,
            optional,
            if section.optional { "On only when this table is there." } else { "" },
        );
    }
    sample.out
}

struct Sample<'a> {
    out: String,
    /// The tables around the one being written.
    around: Vec<Shape<'a>>,
}

impl<'a> Sample<'a> {
    fn table(&mut self, site: &Site<'a>, defaults: &Map<String, Value>, off: bool, note: &str) {
        let Some(shape) = site.shape else { return };
        if !site.path.is_empty() {
            self.line("");
            self.prose(description(shape));
            self.prose(note);
            self.line(&format!("{}[{}]", if off { "#" } else { "" }, toml_text::dotted(&site.path)));
        }
        self.keys(site, shape, defaults, off);
    }

    fn keys(&mut self, site: &Site<'a>, shape: Shape<'a>, defaults: &Map<String, Value>, off: bool) {
        if self.around.iter().any(|outer| outer.same(&shape)) {
            return self.prose("The same keys again.");
        }
        self.around.push(shape);
        let required = shape.required();
        let mut tables = Vec::new();
        for (name, property) in shape.properties(None) {
            // A section of its own stands on its own.
            let Some(child) = site.child(name, None).filter(|child| child.sections.at(&child.path).is_none())
            else {
                continue;
            };
            let default = defaults.get(name).or_else(|| property.keyword("default")).cloned();
            if is_table(property) || is_tables(property) {
                tables.push((child, property, default));
            } else {
                self.setting(name, property, default.as_ref(), required.contains(&name));
            }
        }
        for (child, property, default) in tables {
            self.inner(child, property, default, off);
        }
        self.around.pop();
    }

    fn inner(&mut self, child: Site<'a>, shape: Shape<'a>, default: Option<Value>, off: bool) {
        if is_tables(shape) {
            let Some(member) = shape.items() else { return };
            self.line("");
            self.prose(description(shape));
            self.prose("Any number of these.");
            self.line(&format!("#[[{}]]", toml_text::dotted(&child.path)));
            let site = Site { shape: Some(member), ..child };
            return self.keys(&site, member, &Map::new(), true);
        }
        let table = default.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        let Some(values) = shape.open(None).filter(|_| shape.properties(None).is_empty()) else {
            return self.table(&child, &table, off || default.is_none_or(|default| default.is_null()), "");
        };
        self.line("");
        self.prose(description(shape));
        self.prose("The names in this table are yours to choose.");
        if is_table(values) {
            let site = child.descend(&["NAME".to_owned()], &Value::Null).unwrap_or(child);
            self.table(&site, &Map::new(), true, "");
        } else {
            self.line(&format!("#[{}]", toml_text::dotted(&child.path)));
            self.setting("NAME", values, table.values().next(), false);
        }
    }

    fn setting(&mut self, name: &str, shape: Shape<'_>, default: Option<&Value>, required: bool) {
        self.line("");
        self.prose(description(shape));
        if !shape.is_secret() {
            shape.alternatives().into_iter().for_each(|branch| self.variant(branch));
        }
        let default = default.filter(|_| !shape.is_secret()).filter(|default| !default.is_null());
        let note = match (default, required) {
            (Some(_), _) => "",
            (None, true) => " Required.",
            (None, false) => " Not set by default.",
        };
        let mut words = describe::shape(shape);
        if let Some(first) = words.get(..1) {
            words = format!("{}{}", first.to_uppercase(), &words[1..]);
        }
        self.prose(&format!("{words}.{note}"));
        let value = default
            .and_then(toml_text::inline)
            .or_else(|| toml_text::inline(&placeholder(shape, PLACEHOLDER_DEPTH)));
        self.line(&format!("#{} = {}", toml_text::key(name), value.unwrap_or_else(|| "\"\"".to_owned())));
    }

    /// One of several things that may stand at a place: its value or its keys, and what it means.
    fn variant(&mut self, branch: Shape<'_>) {
        let keys =
            branch.properties(None).into_iter().map(|(name, shape)| match shape.choices().as_deref() {
                Some([only]) => format!("{name} = {}", toml_text::inline(only).unwrap_or_default()),
                _ => name.to_owned(),
            });
        let what = match branch.choices() {
            Some(choices) => describe::list(&choices),
            None => format!("{{ {} }}", keys.collect::<Vec<_>>().join(", ")),
        };
        let words = description(branch);
        if !words.is_empty() || !branch.properties(None).is_empty() {
            self.prose(format!("{what}: {}", words.replace('\n', " ")).trim_end_matches(": "));
        }
    }

    fn prose(&mut self, text: &str) {
        for line in text.lines() {
            self.line(format!("# {}", line.replace(char::is_control, " ")).trim_end());
        }
    }

    fn line(&mut self, line: &str) {
        if !(line.is_empty() && self.out.is_empty()) {
            self.out.push_str(line);
            self.out.push('\n');
        }
    }
}

fn description(shape: Shape<'_>) -> &str {
    shape.keyword("description").and_then(Value::as_str).unwrap_or_default()
}

/// Whether a table of its own stands here: one kind of table, or a map. What has variants is written in one line.
fn is_table(shape: Shape<'_>) -> bool {
    shape.types().iter().all(|name| matches!(*name, "object" | "null"))
        && !shape.types().is_empty()
        && shape.alternatives().len() < 2
}

fn is_tables(shape: Shape<'_>) -> bool {
    shape.types().contains(&"array")
        && !shape.types().contains(&"string")
        && shape.items().is_some_and(is_table)
}

/// Something of the right type where there is no default: the schema's example, or the least that may stand there.
fn placeholder(shape: Shape<'_>, depth: usize) -> Value {
    if let Some(example) = shape.keyword("examples").and_then(|examples| examples.get(0)) {
        return example.clone();
    }
    if let Some(first) = shape.choices().and_then(|choices| choices.into_iter().next()) {
        return first;
    }
    if shape.is_secret() {
        // Refused until it is changed: nobody runs with a secret from a sample.
        return Value::String(String::new());
    }
    match shape.types().into_iter().find(|name| *name != "null") {
        Some("boolean") => Value::Bool(false),
        Some("integer" | "number") => shape.keyword("minimum").cloned().unwrap_or_else(|| Value::from(0)),
        Some("array") => Value::Array(Vec::new()),
        Some("object") if depth > 0 => {
            let branch = shape.alternatives().first().copied().unwrap_or(shape);
            let required = branch.required();
            let named = branch.properties(None).into_iter().filter(|(name, _)| required.contains(name));
            Value::Object(
                named.map(|(name, shape)| (name.to_owned(), placeholder(shape, depth - 1))).collect(),
            )
        }
        Some("object") => Value::Object(Map::new()),
        _ => Value::String(String::new()),
    }
}
