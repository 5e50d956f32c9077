//! The described operations, and who may call them.

use gatewright_openapi::Fragment;
use gatewright_plugin::{ApiArea, BearerOrCookie, Described, RouteTable};
use poem_openapi::{ApiExtractor, registry::Registry};
use serde_json::{Value, json};

/// What [`Described`] can't say: the security schemes themselves, and that an operation does without when a
/// transaction says on whose behalf it is called.
pub(crate) struct Enrolments(pub(crate) Described);

impl ApiArea for Enrolments {
    fn fragment(&self) -> Result<Fragment, String> {
        let mut fragment = self.0.fragment()?;
        let mut secured = false;
        for operation in fragment.paths.values_mut().flat_map(|operations| operations.values_mut()) {
            if let Some(Value::Array(schemes)) = operation.get_mut("security").filter(|s| **s != json!([])) {
                schemes.push(json!({}));
                secured = true;
            }
        }
        if secured {
            let mut registry = Registry::new();
            <BearerOrCookie as ApiExtractor>::register(&mut registry);
            for (name, scheme) in &registry.security_schemes {
                let scheme = serde_json::to_value(scheme).map_err(|error| error.to_string())?;
                fragment.security_schemes.insert((*name).to_owned(), scheme);
            }
        }
        Ok(fragment)
    }

    fn routes(self: Box<Self>) -> RouteTable {
        Box::new(self.0).routes()
    }
}
