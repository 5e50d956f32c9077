//! An object of the manifest, read member by member, with every mistake noted.

use serde_json::{Map, Value};

/// The longest text but `about`, in bytes.
const MAX_TEXT: usize = 128;

/// One object, at its place.
pub(super) struct Reader<'a> {
    object: Option<&'a Map<String, Value>>,
    place: String,
}

/// What is wrong, each with its place.
pub(super) type Mistakes = Vec<String>;

impl<'a> Reader<'a> {
    /// Of the whole.
    pub(super) fn of(value: &'a Value, known: &[&str], mistakes: &mut Mistakes) -> Self {
        let reader = Self { object: value.as_object(), place: String::new() };
        if reader.object.is_none() {
            mistakes.push("must be an object".to_owned());
        }
        reader.only(known, mistakes);
        reader
    }

    /// An object inside it; an absent one has no members.
    pub(super) fn object(&self, key: &str, known: &[&str], mistakes: &mut Mistakes) -> Self {
        let place = self.place(key);
        let object = match self.get(key) {
            None => None,
            Some(Value::Object(object)) => Some(object),
            Some(_) => {
                mistakes.push(format!("`{place}` must be an object"));
                None
            }
        };
        let reader = Self { object, place };
        reader.only(known, mistakes);
        reader
    }

    fn only(&self, known: &[&str], mistakes: &mut Mistakes) {
        for name in self.object.into_iter().flatten().map(|(name, _)| name) {
            if !known.contains(&name.as_str()) {
                let place = self.place(&super::legible(name, 64));
                mistakes.push(format!("`{place}` is not known; there are: {}", known.join(", ")));
            }
        }
    }

    /// Where a member is.
    pub(super) fn place(&self, key: &str) -> String {
        if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) }
    }

    /// A member; null is as good as none.
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.object?.get(key).filter(|value| !value.is_null())
    }

    /// A text that must be there.
    pub(super) fn text(&self, key: &str, mistakes: &mut Mistakes) -> String {
        let place = self.place(key);
        match self.get(key) {
            None => mistakes.push(format!("`{place}` is missing")),
            Some(Value::String(text)) if text.is_empty() => {
                mistakes.push(format!("`{place}` must not be empty"))
            }
            Some(Value::String(text)) if text.len() > MAX_TEXT || text.chars().any(char::is_control) => {
                mistakes.push(format!("`{place}` must be a line of at most {MAX_TEXT} bytes"));
            }
            Some(Value::String(text)) => return text.clone(),
            Some(_) => mistakes.push(format!("`{place}` must be a string")),
        }
        String::new()
    }

    /// A yes or no; no where it is absent.
    pub(super) fn flag(&self, key: &str, mistakes: &mut Mistakes) -> bool {
        match self.get(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                mistakes.push(format!("`{}` must be true or false", self.place(key)));
                false
            }
        }
    }

    /// A whole number.
    pub(super) fn number(&self, key: &str, mistakes: &mut Mistakes) -> Option<u32> {
        let value = self.get(key)?;
        let number = value.as_u64().and_then(|n| u32::try_from(n).ok());
        if number.is_none() {
            mistakes.push(format!("`{}` must be a whole number", self.place(key)));
        }
        number
    }

    /// A list of texts; empty where it is absent.
    pub(super) fn texts(&self, key: &str, mistakes: &mut Mistakes) -> Vec<String> {
        let list = match self.get(key) {
            None => return Vec::new(),
            Some(Value::Array(list)) => list,
            Some(_) => {
                mistakes.push(format!("`{}` must be a list", self.place(key)));
                return Vec::new();
            }
        };
        let mut texts = Vec::new();
        for (index, one) in list.iter().enumerate() {
            match one {
                Value::String(text) => texts.push(text.clone()),
                _ => mistakes.push(format!("`{}[{index}]` must be a string", self.place(key))),
            }
        }
        texts
    }
}
