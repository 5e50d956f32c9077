//! TOML text to values, each with its line and column.

use super::MAX_DEPTH;
use super::layer::{Layer, Mistakes};
use super::report::Place;
use serde_json::{Map, Number, Value};
use std::ops::Range;
use std::path::Path;
use toml_edit::{Document, Item, TableLike};

/// Broken lines that are told of in one run.
const BROKEN_LINES: usize = 20;

/// Reads a document. The flag says whether lines had to be left out, so that what seems missing may only be broken.
pub(super) fn read(path: &Path, text: &str, mistakes: &mut Mistakes) -> (Layer, bool) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = Lines::of(path, text);
    let (document, errors) = parse(text, &lines);
    for (offset, message) in &errors {
        mistakes.also(lines.place(*offset), &[], format!("TOML syntax: {message}"));
    }
    let mut layer = Layer::default();
    if let Some(document) = document {
        let mut reader = Reader { lines: &lines, layer: &mut layer, mistakes, path: Vec::new() };
        let values = reader.table(document.as_table());
        layer.values = values;
    }
    (layer, !errors.is_empty())
}

/// The document and its syntax errors. The parser stops at the first error; to see the others, and the mistakes of
/// the readable rest, a broken line that stands for itself (`key = value`) is blanked and the text read again.
fn parse(text: &str, lines: &Lines<'_>) -> (Option<Document<String>>, Vec<(usize, String)>) {
    let mut text = text.to_owned();
    let mut errors = Vec::new();
    loop {
        let error = match Document::parse(text.clone()) {
            Ok(document) => return (Some(document), errors),
            Err(error) => error,
        };
        let offset = error.span().map_or(0, |span| span.start);
        let line = lines.around(offset);
        let content = &text[line.clone()];
        if content.trim().is_empty() && !errors.is_empty() {
            // An error on a line that was blanked (or that never said anything) comes of one told already.
            return (None, errors);
        }
        let alone = stands_alone(content);
        errors.push((offset, error.message().to_owned()));
        if !alone || errors.len() == BROKEN_LINES {
            return (None, errors);
        }
        text.replace_range(line.clone(), &" ".repeat(line.len()));
    }
}

/// Whether a line can be left out without changing what the lines around it mean.
fn stands_alone(line: &str) -> bool {
    let goes_on = ["\"\"\"", "'''", "[", "]", "{", "}"];
    line.contains('=') && !goes_on.iter().any(|mark| line.contains(mark))
}

struct Reader<'a> {
    lines: &'a Lines<'a>,
    layer: &'a mut Layer,
    mistakes: &'a mut Mistakes,
    path: Vec<String>,
}

impl Reader<'_> {
    fn table(&mut self, table: &dyn TableLike) -> Map<String, Value> {
        let mut map = Map::new();
        for (name, item) in table.iter() {
            let span = table.key(name).and_then(toml_edit::Key::span).or_else(|| item.span());
            if let Some(value) = self.member(name.to_owned(), span, item) {
                map.insert(name.to_owned(), value);
            }
        }
        map
    }

    fn member(&mut self, name: String, span: Option<Range<usize>>, item: &Item) -> Option<Value> {
        let place = self.lines.place(span.map_or(0, |span| span.start));
        self.path.push(name);
        let value = if self.path.len() > MAX_DEPTH {
            Err(format!("nested deeper than {MAX_DEPTH} levels"))
        } else {
            self.layer.places.insert(self.path.clone(), place.clone());
            self.item(item)
        };
        let value = value.map_err(|message| self.mistakes.tell(place, &self.path, message)).ok();
        self.path.pop();
        value
    }

    fn item(&mut self, item: &Item) -> Result<Value, String> {
        if let Some(table) = item.as_table_like() {
            return Ok(Value::Object(self.table(table)));
        }
        let members: Vec<Item> = match item {
            Item::ArrayOfTables(tables) => tables.iter().cloned().map(Item::Table).collect(),
            Item::Value(toml_edit::Value::Array(items)) => items.iter().cloned().map(Item::Value).collect(),
            Item::Value(value) => return scalar(value),
            _ => return Ok(Value::Null),
        };
        let read = members.iter().enumerate().map(|(i, item)| self.member(i.to_string(), item.span(), item));
        Ok(Value::Array(read.map(Option::unwrap_or_default).collect()))
    }
}

fn scalar(value: &toml_edit::Value) -> Result<Value, String> {
    use toml_edit::Value as Toml;
    Ok(match value {
        Toml::String(text) => Value::String(text.value().clone()),
        Toml::Integer(number) => Value::from(*number.value()),
        Toml::Boolean(yes) => Value::Bool(*yes.value()),
        // JSON Schema knows dates only as text.
        Toml::Datetime(date) => Value::String(date.value().to_string()),
        Toml::Float(number) => {
            let finite = Number::from_f64(*number.value()).ok_or("is not a finite number")?;
            Value::Number(finite)
        }
        Toml::Array(_) | Toml::InlineTable(_) => return value_of(value, 0),
    })
}

/// A value that stands alone, as in an environment variable.
///
/// # Errors
/// In words for the operator.
pub(super) fn value_of(value: &toml_edit::Value, depth: usize) -> Result<Value, String> {
    if depth > MAX_DEPTH {
        return Err(format!("nested deeper than {MAX_DEPTH} levels"));
    }
    match value {
        toml_edit::Value::Array(items) => items.iter().map(|item| value_of(item, depth + 1)).collect(),
        toml_edit::Value::InlineTable(table) => {
            let pairs = table.iter().map(|(name, value)| Ok((name.to_owned(), value_of(value, depth + 1)?)));
            pairs.collect::<Result<Map<_, _>, _>>().map(Value::Object)
        }
        _ => scalar(value),
    }
}

/// Line starts of a text, to find the line of a byte.
struct Lines<'a> {
    path: &'a Path,
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(path: &'a Path, text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { path, text, starts }
    }

    fn index(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The bytes of the line around `offset`, less its end.
    fn around(&self, offset: usize) -> Range<usize> {
        let index = self.index(offset);
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        self.starts[index]..end
    }

    fn place(&self, offset: usize) -> Place {
        let index = self.index(offset);
        let before = self.text.get(self.starts[index]..offset).unwrap_or_default();
        Place::File { path: self.path.to_owned(), line: index + 1, column: before.chars().count() + 1 }
    }
}

/// The place of a byte that ends what is readable of a file.
pub(super) fn place_in(path: &Path, readable: &str) -> Place {
    Lines::of(path, readable).place(readable.len())
}
