//! Licences and duplicates of the dependency tree, from what cargo knows offline.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::tree::root;

/// Licences that a dependency may be used under.
const ALLOWED: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates that are there in two major versions, because dependencies ask for both. Take off what is gone; think before adding.
const TWICE: &[&str] = &[
    "base64",
    "cpufeatures",
    "getrandom",
    "hashbrown",
    "indexmap",
    "itertools",
    "jiff",
    "jiff-core",
    "schemars",
    "syn",
    "unicode-width",
];

/// Every package that this machine needs for building and testing.
fn packages() -> Vec<Value> {
    let version = run(&["-vV"]);
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("cargo names its host");
    let metadata = run(&[
        "metadata",
        "--offline",
        "--locked",
        "--format-version",
        "1",
        "--filter-platform",
        host,
    ]);
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    packages.clone()
}

fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {problem}");
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

#[test]
fn every_licence_is_allowed() {
    let mut wrong = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        let licence = package["license"].as_str().unwrap_or("(none)");
        if !is_allowed(licence) {
            wrong.push(format!("{name}: {licence}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn no_crate_is_there_twice_but_those_listed() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        let version = package["version"].as_str().expect("a version");
        let parts: Vec<&str> = version.split('.').collect();
        let major = match parts.as_slice() {
            ["0", minor, ..] => format!("0.{minor}"),
            [major, ..] => (*major).to_owned(),
            [] => String::new(),
        };
        let name = package["name"].as_str().expect("a name").to_owned();
        versions.entry(name).or_default().insert(major);
    }
    let twice: Vec<String> = versions
        .into_iter()
        .filter(|(_, majors)| majors.len() > 1)
        .map(|(name, _)| name)
        .filter(|name| !TWICE.contains(&name.as_str()))
        .collect();
    assert_eq!(twice, Vec::<String>::new());
}

/// Whether an SPDX expression can be met by allowed licences; `/` is an old way to write `OR`.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (allowed, rest) = alternatives(&words);
    allowed && rest.is_empty()
}

fn alternatives<'a>(words: &'a [&'a str]) -> (bool, &'a [&'a str]) {
    let (mut allowed, mut rest) = conjunction(words);
    while let ["OR", behind @ ..] = rest {
        let (other, behind) = conjunction(behind);
        allowed |= other;
        rest = behind;
    }
    (allowed, rest)
}

fn conjunction<'a>(words: &'a [&'a str]) -> (bool, &'a [&'a str]) {
    let (mut allowed, mut rest) = licence(words);
    while let ["AND", behind @ ..] = rest {
        let (other, behind) = licence(behind);
        allowed &= other;
        rest = behind;
    }
    (allowed, rest)
}

fn licence<'a>(words: &'a [&'a str]) -> (bool, &'a [&'a str]) {
    match words {
        ["(", inside @ ..] => match alternatives(inside) {
            (allowed, [")", behind @ ..]) => (allowed, behind),
            (_, behind) => (false, behind),
        },
        [name, "WITH", exception, behind @ ..] => {
            (ALLOWED.contains(&format!("{name} WITH {exception}").as_str()), behind)
        }
        [name, behind @ ..] => (ALLOWED.contains(name), behind),
        [] => (false, words),
    }
}

#[test]
fn expressions_are_read_as_spdx_does() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
        "MIT AND (GPL-2.0 OR Zlib)",
    ] {
        assert!(is_allowed(good), "{good}");
    }
    for bad in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "",
        "(MIT",
        "GPL-2.0 WITH Classpath-exception-2.0",
    ] {
        assert!(!is_allowed(bad), "{bad}");
    }
}
