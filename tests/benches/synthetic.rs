//! Plugins without a crate: every other one an authenticator, every other one an area with four operations. As large
//! in the document as real ones, and as many as one likes.
#![allow(clippy::expect_used, reason = "a bench may stop")]

use crate::cheap;
use gatewright::Plugins;
use gatewright_contract::{BoxFut, CONTRACT, DynAuthenticator, Fault};
use gatewright_plugin::{
    Contribution, Described, Descriptor, House, Made, Mount, Operation, Parameter, Plugin, Reply, Setup,
};
use kit::generation::Generation;
use poem::http::Method;
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

/// All that is linked, and so many more that there are `count` in all.
pub(crate) fn plugins(count: usize) -> Plugins {
    let linked = Plugins::linked();
    let more = count.saturating_sub(linked.list().len());
    (0..more).fold(linked, |plugins, number| plugins.with_plugin(descriptor(number)))
}

/// Ids live as long as the process; each is made once.
fn id(number: usize) -> &'static str {
    static IDS: OnceLock<Vec<String>> = OnceLock::new();
    &IDS.get_or_init(|| (0..1_000).map(|n| format!("synthetic-{n:03}")).collect())[number]
}

fn descriptor(number: usize) -> Descriptor {
    let init: fn(Setup) -> BoxFut<'static, Made> = if number.is_multiple_of(2) {
        |setup| Box::pin(async { authenticator(setup) })
    } else {
        |setup| Box::pin(async { area(setup) })
    };
    let config = || {
        let schema = json!({"type": "object", "additionalProperties": false, "properties": {
            "seconds": {"type": "integer", "minimum": 1, "maximum": 60, "description": "How long."},
            "text": {"type": "string", "description": "What is said."},
        }});
        (schema, json!({"seconds": 30, "text": "hello"}))
    };
    Descriptor { id: id(number), version: "1.0.0", contract: CONTRACT, about: "For benches.", config, init }
}

fn authenticator(setup: Setup) -> Made {
    let inner = (cheap::registration().make)(json!({}), setup.host)?;
    let mut manifest = inner.manifest().clone();
    setup.id.clone_into(&mut manifest.id);
    // What comes first is shown by every begin; most of two hundred would come second.
    (manifest.traits.steps.first, manifest.traits.steps.second) = (false, true);
    Ok(Box::new(OneAuthenticator(Generation::unnamed(inner, manifest))))
}

struct OneAuthenticator(Arc<dyn DynAuthenticator>);

impl Plugin for OneAuthenticator {
    fn contribute(&self) -> Contribution {
        Contribution { authenticators: vec![self.0.clone()], ..Contribution::default() }
    }
}

fn area(setup: Setup) -> Result<Box<dyn Plugin>, Fault> {
    Ok(Box::new(OneArea(setup.id)))
}

struct OneArea(&'static str);

impl Plugin for OneArea {
    fn mounts(&self, _: &House) -> Vec<Mount> {
        let id = self.0;
        let mut described = Described::default();
        described.tags.push((id.to_owned(), "For benches.".to_owned()));
        let name = |what: &str| format!("Synthetic{}{what}", &id["synthetic-".len()..]);
        let thing = described.schema(
            &name("Thing"),
            json!({
                "type": "object", "description": "A thing.", "required": ["name"], "properties": {
                    "name": {"type": "string", "description": "What it is called.", "maxLength": 64},
                    "size": {"type": "integer", "description": "How large it is.", "minimum": 0},
                    "tags": {"type": "array", "description": "Words.", "items": {"type": "string"}},
                },
            }),
        );
        for (method, path) in [("GET", ""), ("POST", ""), ("GET", "/{thing}"), ("DELETE", "/{thing}")] {
            described.operations.push(operation(id, method, &format!("/{id}/things{path}"), &thing));
        }
        vec![Mount::new("/bench", described).answering(|_| &[401, 404])]
    }
}

fn operation(id: &str, method: &str, path: &str, thing: &Value) -> Operation {
    let one = path.ends_with('}');
    let name = Parameter {
        name: "thing".to_owned(),
        place: "path",
        description: "Which.".to_owned(),
        schema: json!({"type": "string"}),
    };
    Operation {
        method: method.parse().expect("a method"),
        path: path.to_owned(),
        id: format!("{}_{}{}", id.replace('-', "_"), method.to_lowercase(), if one { "_one" } else { "" }),
        tag: id.to_owned(),
        summary: "Do something with things".to_owned(),
        description: "For benches.".to_owned(),
        parameters: if one { vec![name] } else { Vec::new() },
        request: (method == Method::POST.as_str()).then(|| (thing.clone(), json!({"name": "ball"}))),
        responses: vec![(200, "Done.".to_owned(), Some(thing.clone()))],
        security: Vec::new(),
        handler: Arc::new(|_| Box::pin(async { Ok(Reply::ok(json!({"name": "ball"}))) })),
    }
}
