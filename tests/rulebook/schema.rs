//! The schema as people read it and the schema as the program does are one. `UPDATE_SCHEMA=1 cargo test --test rulebook`
//! writes the second anew.

use cedar_policy::SchemaFragment;
use serde_json::Value;
use std::fs;
use std::path::Path;

#[test]
fn the_schema_as_json_is_the_schema() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("rules/schema.cedarschema")).expect("the schema");
    let (fragment, _) = SchemaFragment::from_cedarschema_str(&text).expect("a schema");
    let expected = fragment.to_json_value().expect("the schema as JSON");
    let path = root.join("src/rules/schema.json");
    if wants_update() {
        fs::write(&path, format!("{expected:#}\n")).expect("the schema as JSON, written");
    }
    let known: Value = fs::read_to_string(&path)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    assert!(
        known == expected,
        "src/rules/schema.json is not rules/schema.cedarschema: UPDATE_SCHEMA=1 cargo test --test rulebook"
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told to rewrite its expectation by the environment"
)]
fn wants_update() -> bool {
    std::env::var_os("UPDATE_SCHEMA").is_some()
}
