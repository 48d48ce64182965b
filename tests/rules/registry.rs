use std::fs;
use std::path::Path;

use bucketproof::finding::{RuleId, Severity};
use bucketproof::rules::{Check, PackFiles, Packs, Rule, Unpacked};
use libtest_mimic::{Failed, Trial};

use crate::case::cases;

/// What holds for the built-in packs as a whole.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("built_in_packs_validate_strictly", validate_strictly),
        Trial::test("packs_are_embedded_whole", embedded_whole),
        Trial::test("pages_have_four_sections", four_sections),
        Trial::test("rules_have_cases", have_cases),
        Trial::test("rules_are_named_and_explained", named_and_explained),
        Trial::test("rules_have_counterparts_or_none", mapped),
        Trial::test("settings_let_nobody_in", low_settings),
    ]
}

/// Loads the packs as if they came from elsewhere, which validates them against the schema.
fn validate_strictly() -> Result<(), Failed> {
    let files = PackFiles {
        path: "rules".into(),
        files: files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"), ""),
        sha256: None,
    };
    Packs::load(&[], vec![files]).map_err(|errors| Failed::from(format!("{errors:#?}")))?;
    Ok(())
}

/// What is in the binary is what is in the folder, digest by digest.
fn embedded_whole() -> Result<(), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let files = PackFiles {
        path: "rules".into(),
        files: files_below(&root, ""),
        sha256: None,
    };
    let read = Packs::load(&[], vec![files]).expect("good packs");
    let embedded = Packs::built_in().expect("built-in packs");
    if read.packs() != embedded.packs() {
        return Err("the binary holds other packs than the folder".into());
    }
    let ids = |packs: &Packs| {
        packs
            .rules()
            .iter()
            .map(|rule| rule.id.clone())
            .collect::<Vec<RuleId>>()
    };
    if ids(&read) != ids(&embedded) {
        return Err("the binary holds other rules than the folder".into());
    }
    for pack in embedded.packs() {
        if !root.join(&pack.name).join("pack.toml").is_file() {
            return Err(format!("pack `{}` is not in the folder of its name", pack.name).into());
        }
    }
    Ok(())
}

fn four_sections() -> Result<(), Failed> {
    let packs = Packs::built_in().expect("built-in packs");
    packs
        .check_pages()
        .map_err(|errors| Failed::from(format!("{errors:#?}")))
}

fn have_cases() -> Result<(), Failed> {
    for_each_rule(|rule| {
        let names: Vec<String> = cases(rule).into_iter().map(|case| case.name).collect();
        let has = |kind: &str| names.iter().any(|name| name.starts_with(kind));
        if !has("bad-") || !has("good-") {
            return Err(format!("it needs a `bad-` and a `good-` case, and has {names:?}"));
        }
        let kebab = |name: &&String| {
            let stem = name.split('.').next().unwrap_or_default();
            !stem
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        match names.iter().find(kebab) {
            Some(name) => Err(format!("case `{name}` is not in kebab-case")),
            None => Ok(()),
        }
    })
}

fn named_and_explained() -> Result<(), Failed> {
    for_each_rule(|rule| {
        let lowercase = |text: &str| {
            text.chars()
                .next()
                .is_some_and(|first| first.is_lowercase() || first == '{')
        };
        let problems = [
            (
                rule.id.as_str().contains("/check-"),
                "its id names the check, not the problem",
            ),
            (
                rule.title.is_empty() || rule.title.ends_with('.'),
                "its title is empty or a sentence",
            ),
            (rule.message.ends_with('.'), "its message ends with a full stop"),
            (!rule.message.contains('{'), "its message names nothing"),
            (
                !lowercase(&rule.remediation),
                "its remediation does not begin in lower case",
            ),
            (rule.remediation.ends_with('.'), "its remediation ends with a full stop"),
            (rule.references.is_empty(), "it has no reference"),
            (rule.since.split('.').count() != 3, "`since` is no version"),
        ];
        match problems.iter().find(|(holds, _)| *holds) {
            Some((_, problem)) => Err((*problem).to_owned()),
            None => Ok(()),
        }
    })
}

/// Every rule has a row in docs/mapping.md, with what its references name of other services.
fn mapped() -> Result<(), Failed> {
    let page = include_str!("../../docs/mapping.md");
    if let Some(rule) = Unpacked::ALL
        .iter()
        .find(|rule| !page.contains(&format!("\n| `{}` |", rule.id)))
    {
        return Err(format!("{} has no row in docs/mapping.md", rule.id).into());
    }
    for_each_rule(|rule| {
        let start = format!("| `{}` |", rule.id);
        let row = page.lines().find(|line| line.starts_with(&start));
        let row = row.ok_or("it has no row in docs/mapping.md")?;
        let named = rule.references.iter().filter_map(|reference| {
            let services = [
                "AWS Security Hub, control ",
                "AWS Config, ",
                "Amazon GuardDuty, ",
                "Amazon Macie, ",
            ];
            services.iter().find_map(|service| reference.strip_prefix(service))
        });
        match named.into_iter().find(|name| !row.contains(name)) {
            Some(name) => Err(format!("its row in docs/mapping.md does not name {name}")),
            None => Ok(()),
        }
    })
}

/// docs/rules.md: a setting by itself is low, and a document that does not mean what it says at most medium.
fn low_settings() -> Result<(), Failed> {
    for_each_rule(|rule| match rule.check {
        Check::Settings { .. } if rule.id.as_str().starts_with("policy-lint/") => match rule.severity {
            Severity::Medium | Severity::Low => Ok(()),
            Severity::Critical | Severity::High => Err("it is about a document and worse than medium".into()),
        },
        Check::Settings { .. } if rule.severity != Severity::Low => Err("it is about a setting and not low".into()),
        Check::Settings { .. } | Check::Grants { .. } => Ok(()),
    })
}

fn for_each_rule(check: impl Fn(&Rule) -> Result<(), String>) -> Result<(), Failed> {
    let packs = Packs::built_in().expect("built-in packs");
    for rule in packs.rules() {
        check(rule).map_err(|problem| Failed::from(format!("{}: {problem}", rule.id)))?;
    }
    Ok(())
}

/// Path below a folder and text of every file in it.
fn files_below(folder: &Path, prefix: &str) -> Vec<(String, String)> {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    entries
        .into_iter()
        .flat_map(|path| {
            let shown = format!("{prefix}{}", path.file_name().expect("a name").to_string_lossy());
            if path.is_dir() {
                files_below(&path, &format!("{shown}/"))
            } else {
                vec![(shown, fs::read_to_string(&path).expect("a text"))]
            }
        })
        .collect()
}
