//! Expressions give what Terraform's own console gives: `testdata/terraform/console.tsv` holds its answers.

use std::rc::Rc;
use std::sync::Arc;

use super::eval::Evaluator;
use super::files::{Files, Tree};
use super::functions::is_hazy;
use super::instance::Env;
use super::node::encode;
use super::parse::parse_expr;
use super::root::root_instance;
use crate::iam::AccountId;
use crate::source::{FileId, Text};

/// Functions of which the result counts as not known.
const NOT_EVALUATED: &[&str] = &["yamlencode", "timeadd", "formatdate", "textencodebase64", "csvdecode"];

fn answer(expression: &str) -> Result<String, String> {
    let files = Files::new(Arc::new(Tree::default()), "", 0);
    let evaluator = Evaluator::new(&files, AccountId::default());
    let text = Text::new(FileId(0), expression);
    let expr = parse_expr(&text).map_err(|found| found.message)?;
    let instance = root_instance(Rc::default());
    let value = evaluator
        .eval(&expr, Env::of(&instance))
        .map_err(|fault| fault.message.to_string())?;
    if is_hazy(&value) {
        return Err("not known".to_owned());
    }
    encode(&evaluator, &value).map_err(|fault| fault.message.to_string())
}

#[test]
fn expressions_give_what_the_console_gives() {
    let cases = include_str!("../../../testdata/terraform/console.tsv");
    let mut wrong = Vec::new();
    let mut right = 0;
    for (expression, expected) in cases.lines().filter_map(|line| line.split_once('\t')) {
        let not_evaluated = NOT_EVALUATED.iter().any(|name| expression.starts_with(name));
        let found = answer(expression).and_then(|json| {
            serde_json::from_str::<serde_json::Value>(&json).map_err(|error| format!("{error}: {json}"))
        });
        let expected: serde_json::Value = serde_json::from_str(expected).expect("recorded as JSON");
        match found {
            Ok(found) if same(&found, &expected) => right += 1,
            Err(_) if not_evaluated => {}
            found => wrong.push(format!("{expression}: {found:?}, not {expected}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(right > 140, "{right}");
}

/// Whether two values are the same; numbers are compared as numbers.
fn same(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            (a - b).abs() <= 1e-12 * b.abs().max(1.0)
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}
