//! The configuration under its JSON Schema.

use bucketproof::rules::Config;

use crate::config::EXAMPLE;
use crate::schemas::{problems, schema};

/// The schema says what the parser says: of the example, of every key that it may not have, and of every value that it may not hold.
#[test]
fn the_schema_and_the_parser_agree() {
    let schema = schema(include_str!("../../docs/schema/config.v1.json"));
    let check = |text: &str| {
        let table: toml::Table = text.parse().expect(text);
        let problems = problems(&schema, &json(&toml::Value::Table(table)));
        assert_eq!(
            Config::parse("bucketproof.toml", text).is_ok(),
            problems.is_empty(),
            "{text}: {problems:?}"
        );
        problems.is_empty()
    };
    assert!(check(EXAMPLE) && check(""));
    assert!(check(
        "organization = \"o-exampleorgid\"\nallow-incomplete = true\nfail-on = \"never\""
    ));
    assert!(check("[zone-of-trust]\nnetworks = [\"2001:db8::/32\"]"));
    let table: toml::Table = EXAMPLE.parse().expect("the example");
    let whole = toml::Value::Table(table);
    for place in places(&whole, &mut Vec::new()) {
        let (more, wrong) = (
            changed(&whole, &place, &|table| drop(table.insert("x".into(), 1.into()))),
            |name: String| {
                changed(&whole, &place, &|table| {
                    drop(table.insert(name.clone(), toml::Value::Float(1.5)))
                })
            },
        );
        assert!(!check(&more));
        for name in table_at(&whole, &place).keys() {
            assert!(!check(&wrong(name.clone())), "{place:?} {name}");
            // What may be left out is the same to both.
            check(&changed(&whole, &place, &|table| drop(table.remove(name))));
        }
    }
    let digest = "0123456789abcdef".repeat(4);
    let pinned = |digest: &str| format!("packs = [\"s3\", {{ path = \"rules\", sha256 = \"{digest}\" }}]");
    assert!(check(&pinned(&digest)));
    assert!(!check(&pinned(&digest.to_uppercase())));
    assert!(!check(&pinned("0123")));
    for text in [
        "packs = [\"\"]",
        "packs = [{ path = \"rules\" }]",
        "packs = [{ path = 1, sha256 = \"x\" }]",
        "packs = [{ path = \"rules\", sha = \"x\" }]",
        "account = \"12\"",
        "account = \"arn:aws:iam::111122223333:root\"",
        "organization = \"o-short\"",
        "fail-on = \"worst\"",
        "[zone-of-trust]\nnetworks = [\"vpc-xyz\"]",
        "[zone-of-trust]\norganizations = [\"o-ABCDEFGHIJ\"]",
        "[[partner]]\naccount = \"444455556666\"\nreason = \" \"",
        "[[suppress]]\nrule = \"Read\"\nresource = \"*\"\nreason = \"r\"",
        "[[suppress]]\nrule = \"s3/public-read\"\nresource = \"b\"\nreason = \"r\"",
    ] {
        assert!(!check(text), "{text}");
    }
}

/// Where the tables of a value are: names, and places in lists.
fn places(value: &toml::Value, at: &mut Vec<String>) -> Vec<Vec<String>> {
    let (mut found, below): (_, Vec<(String, &toml::Value)>) = match value {
        toml::Value::Table(table) => {
            let below = table.iter().map(|(name, value)| (name.clone(), value));
            (vec![at.clone()], below.collect())
        }
        toml::Value::Array(list) => {
            let below = list.iter().enumerate().map(|(index, value)| (index.to_string(), value));
            (Vec::new(), below.collect())
        }
        _ => (Vec::new(), Vec::new()),
    };
    for (step, value) in below {
        at.push(step);
        found.extend(places(value, at));
        at.pop();
    }
    found
}

fn table_at<'v>(value: &'v toml::Value, place: &[String]) -> &'v toml::Table {
    let found = place.iter().fold(value, |value, step| match step.parse::<usize>() {
        Ok(index) => &value[index],
        Err(_) => &value[step.as_str()],
    });
    found.as_table().expect("a table")
}

/// The text of a value with one of its tables changed.
fn changed(value: &toml::Value, place: &[String], change: &dyn Fn(&mut toml::Table)) -> String {
    let mut value = value.clone();
    let found = place
        .iter()
        .fold(&mut value, |value, step| match step.parse::<usize>() {
            Ok(index) => &mut value[index],
            Err(_) => &mut value[step.as_str()],
        });
    change(found.as_table_mut().expect("a table"));
    toml::to_string(&value).expect("TOML")
}

/// A value as the tools that check TOML by JSON Schema see it: dates are texts.
fn json(value: &toml::Value) -> serde_json::Value {
    match value {
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(list) => list.iter().map(json).collect(),
        toml::Value::Table(table) => table.iter().map(|(name, value)| (name.clone(), json(value))).collect(),
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(on) => (*on).into(),
    }
}
