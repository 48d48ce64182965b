//! Values under the JSON Schemas of `docs/schema`, and of other people's formats.

use jsonschema::Validator;
use serde_json::Value;

/// A schema of the draft that it names, ready to check with, formats such as `uri` and `date` included.
pub fn schema(text: &str) -> Validator {
    let schema: Value = serde_json::from_str(text).expect("the schema is JSON");
    jsonschema::meta::validate(&schema).expect("the schema is a schema");
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("the schema can be checked with")
}

/// What of a value does not fit, with the place.
pub fn problems(schema: &Validator, value: &Value) -> Vec<String> {
    let errors = schema.iter_errors(value);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}
