//! From sources to values, or to the list of all mistakes.

use super::environment::Environment;
use super::layer::{Layer, Mistakes, Places};
use super::reveal::Reveal;
use super::section::{Section, Sections};
use super::unknown::Unknowns;
use super::{ConfigReport, Loaded, PREFIX, Place, SHORT_FORMS, Sources, SystemSecrets, short_form};
use super::{document, fill, merge, sources, validate};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// Reads configurations that are made of given sections.
#[derive(Clone, Debug)]
pub struct Loader {
    sections: Arc<Sections>,
    partial: bool,
}

impl Loader {
    /// A loader that knows these sections and nothing else.
    #[must_use]
    pub fn new(sections: Vec<Section>) -> Self {
        Self { sections: Arc::new(Sections(sections)), partial: false }
    }

    /// Says nothing on tables and variables that lie outside its sections: for a first pass over a configuration
    /// whose other sections are not known yet, because this pass says where they are (plugins in libraries).
    #[must_use]
    pub fn partial(self) -> Self {
        Self { partial: true, ..self }
    }

    /// Reads the sources and checks everything against the schemas.
    ///
    /// # Errors
    /// Every mistake in every source. A broken line hides only itself where it stands for itself; else it hides
    /// the rest of its file.
    pub fn load(&self, sources: Sources) -> Result<Loaded, ConfigReport> {
        let mut mistakes = Mistakes::default();
        let loaded = self.read(sources, &mut mistakes);
        mistakes.report.into_result()?;
        Ok(loaded)
    }

    /// What can be read, whatever is wrong with it: for a first pass whose mistakes a second one tells.
    #[must_use]
    pub fn glance(&self, sources: Sources) -> Loaded {
        self.read(sources, &mut Mistakes::default())
    }

    fn read(&self, sources: Sources, mistakes: &mut Mistakes) -> Loaded {
        self.check_sections(mistakes);
        let (mut layers, broken) = self.documents(&sources, mistakes);
        let environment = Environment { sections: &self.sections, weaker: &layers, partial: self.partial };
        let (layer, unknown) = environment.read(&variables(&sources), mistakes);
        layers.push(layer);

        let given = self.places(&layers, &sources);
        let (active, absent): (Vec<_>, Vec<_>) =
            self.sections.0.iter().partition(|section| !section.optional || given.is_present(&section.path));
        layers.insert(0, merge::defaults(&self.sections, active.iter().copied()));
        let mut values = merge::merge(&self.sections, &mut layers).unwrap_or_else(|error| {
            mistakes.also(Place::Default, &[], error);
            Map::new()
        });
        let places = self.places(&layers, &sources);

        let top = self.sections.top();
        Unknowns { places: &places, partial: self.partial }.strip(&mut values, &top, mistakes);
        let secrets = SystemSecrets::new(&sources.env, "");
        let mut reveal = Reveal { places: &places, secrets, named: BTreeSet::new() };
        let mut all = Value::Object(values);
        reveal.walk(&mut all, &top, mistakes);
        // A variable that a secret names is no setting, whatever its name begins with.
        for unknown in unknown.into_iter().filter(|unknown| !reveal.named.contains(&unknown.variable)) {
            mistakes.report.push(unknown.problem);
        }
        let mut values = all.as_object_mut().map(std::mem::take).unwrap_or_default();
        fill::fill(&mut values, &top);
        for section in &active {
            validate::validate(section, &self.sections, &values, &places, broken, mistakes);
        }
        Loaded::new(self.sections.clone(), values, self.unused(&absent), places)
    }

    /// Mistakes of those who made the sections.
    fn check_sections(&self, mistakes: &mut Mistakes) {
        for (index, section) in self.sections.0.iter().enumerate() {
            if self.sections.0[..index].iter().any(|other| other.path == section.path) {
                mistakes.also(Place::Default, &section.path, "two sections claim this table");
            }
            if !section.defaults.is_object() && !section.defaults.is_null() {
                mistakes.also(Place::Default, &section.path, "the defaults are not a table");
            }
        }
    }

    /// What memory and file give, weakest first, and whether a syntax error hides some of it.
    fn documents(&self, sources: &Sources, mistakes: &mut Mistakes) -> (Vec<Layer>, bool) {
        let mut texts = Vec::new();
        if let Some((name, text)) = &sources.memory {
            let read =
                sources::check_size(text.len()).map(|()| text.clone()).map_err(|message| (message, None));
            texts.push((Path::new(name), read));
        }
        if let Some(path) = &sources.file {
            texts.push((path, sources::read_file(path)));
        }
        let mut broken = false;
        let mut layers = Vec::new();
        for (path, text) in texts {
            match text {
                Ok(text) => {
                    let (mut layer, hides) = document::read(path, &text, mistakes);
                    self.lengthen(&mut layer, mistakes);
                    layers.push(layer);
                    broken |= hides;
                }
                Err((message, place)) => {
                    mistakes.also(place.unwrap_or_else(|| whole(path)), &[], message);
                    broken = true;
                }
            }
        }
        (layers, broken)
    }

    /// Moves the short forms of a document to where they belong.
    fn lengthen(&self, layer: &mut Layer, mistakes: &mut Mistakes) {
        for (short, _) in SHORT_FORMS {
            let Some(path) = short_form(&self.sections, short) else { continue };
            let Some(value) = layer.values.remove(*short) else { continue };
            let short = [(*short).to_owned()];
            let Some(place) = layer.places.get(&short[..]).cloned() else { continue };
            layer.forget(&short);
            let agrees = match layer.get(&path) {
                Some(long) => *long == value,
                None => layer.insert(&path, value, &place),
            };
            if !agrees {
                let long = (1..=path.len())
                    .rev()
                    .find_map(|length| layer.places.get(&path[..length]))
                    .unwrap_or(&place);
                let message =
                    format!("short for {}, given otherwise at {long}; set only one of them", path.join("."));
                mistakes.also(place, &short, message);
            }
        }
    }

    fn places(&self, layers: &[Layer], sources: &Sources) -> Places {
        let file = sources.file.as_deref().or(sources.memory.as_ref().map(|(name, _)| Path::new(name)));
        Places { layers: layers.iter().map(|layer| layer.places.clone()).collect(), file: file.map(whole) }
    }

    /// The defaults of sections that the operator left out.
    fn unused(&self, absent: &[&Section]) -> Map<String, Value> {
        let mut values = merge::defaults(&self.sections, absent.iter().copied()).values;
        fill::fill(&mut values, &self.sections.top());
        values
    }
}

/// The settings among the variables, in the order of their names.
fn variables(sources: &Sources) -> Vec<(&str, &str)> {
    let all = sources.env.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let is_setting =
        |name: &str| name.starts_with(PREFIX) && !sources.env_ignored.iter().any(|ignored| ignored == name);
    let mut variables: Vec<_> = all.filter(|(name, _)| is_setting(name)).collect();
    variables.sort_unstable();
    variables
}

/// A file as a whole.
fn whole(path: &Path) -> Place {
    Place::File { path: path.to_owned(), line: 0, column: 0 }
}
