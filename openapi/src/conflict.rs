//! Why no document could be made.

/// Something that keeps the fragments from becoming one document.
///
/// Each says whose it is and what to do about it. `first` and `second` are plugin ids, in the order of their names;
/// they are equal where a plugin clashes with itself.
#[derive(thiserror::Error, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conflict {
    /// Two schemas of one name that are not equal.
    #[error(
        "schema `{name}`: plugin `{first}` and plugin `{second}` define it differently; \
         rename one of the two (a schema's name begins with its plugin's name)"
    )]
    Schema { name: String, first: String, second: String },

    /// Two security schemes of one name that are not equal.
    #[error(
        "security scheme `{name}`: plugin `{first}` and plugin `{second}` define it differently; \
         make the definitions equal or rename one of the two"
    )]
    SecurityScheme { name: String, first: String, second: String },

    /// Two tags of one name that are not equal.
    #[error(
        "tag `{name}`: plugin `{first}` and plugin `{second}` describe it differently; \
         make the descriptions equal or give each plugin a tag of its own"
    )]
    Tag { name: String, first: String, second: String },

    /// One operation id at two places: client generators make one function of each id.
    #[error(
        "operation id `{id}`: plugin `{first}` has it at {first_route} and plugin `{second}` at {second_route}; \
         rename one of the two (an operation id begins with its plugin's name)"
    )]
    OperationId { id: String, first: String, first_route: String, second: String, second_route: String },

    /// Two operations that a router cannot tell apart.
    #[error(
        "route {method} {second_path}: plugin `{first}` already answers {method} {first_path}, \
         and plugin `{second}` asks for the same; give one of the two another path"
    )]
    Route { method: String, first: String, first_path: String, second: String, second_path: String },

    /// One path whose parameters have different names: OpenAPI forbids it even where the methods differ.
    #[error(
        "path {second_path} of plugin `{second}` is {first_path} of plugin `{first}` with other parameter names; \
         give the parameters the same names in both"
    )]
    ParameterNames { first: String, first_path: String, second: String, second_path: String },

    /// A `$ref`, or a security requirement, to something that no plugin brings.
    #[error(
        "plugin `{plugin}` refers to `{reference}` at {at}, and no plugin defines it; \
         bring the definition with the plugin or correct the name"
    )]
    DanglingRef { plugin: String, reference: String, at: String },

    /// A key that only the composer may write.
    #[error("plugin `{plugin}` writes `{word}` at {at}, which is kept for the host; leave it out")]
    ReservedWord { plugin: String, word: String, at: String },

    /// Two media types of one body that are equal once their charset is gone.
    #[error(
        "plugin `{plugin}` describes `{media_type}` twice, and differently, at {at}; \
         leave one of the two out (a charset makes no other media type)"
    )]
    MediaType { plugin: String, media_type: String, at: String },

    /// Something that is not OpenAPI.
    #[error("plugin `{plugin}`: {at}: {problem}")]
    Malformed { plugin: String, at: String, problem: String },
}
