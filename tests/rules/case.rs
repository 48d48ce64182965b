use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bucketproof::engine::{Estate, Options, bucket_access, role_access};
use bucketproof::finding::{FindingStatus, ResourceAccess};
use bucketproof::iam::Timestamp;
use bucketproof::rules::{Check, Config, Evaluation, Intent, Packs, Rule, evaluate};
use bucketproof::source::{DiagnosticSeverity, Sources};
use libtest_mimic::{Failed, Trial};

use crate::snapshot;

/// One input of a rule, and what it should say.
#[derive(Clone)]
pub struct Case {
    /// The rule.
    pub rule: String,
    /// File or folder name: `bad-…`, `good-…` or `unknown-…`.
    pub name: String,
    path: PathBuf,
}

/// What the rules said of a case.
pub struct Outcome {
    pub evaluation: Evaluation,
    sources: Sources,
}

/// A test for every case, and one for all rules on all cases.
pub fn tests() -> Vec<Trial> {
    let packs = Packs::built_in().expect("built-in packs");
    let decides = engine_decides();
    let mut tests: Vec<Trial> = packs
        .rules()
        .iter()
        .flat_map(|rule| cases(rule).into_iter().map(|case| (case, needs_engine(rule))))
        .map(|(case, needs_engine)| {
            let name = format!("{}::{}", case.rule, case.name);
            Trial::test(name, move || judge(&case)).with_ignored_flag(needs_engine && !decides)
        })
        .collect();
    tests.push(Trial::test("matrix", matrix).with_ignored_flag(!decides));
    tests.push(Trial::test("formats_agree", formats_agree).with_ignored_flag(!decides));
    tests
}

/// The cases of a rule, by name.
pub fn cases(rule: &Rule) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(&rule.path).join("cases");
    let mut cases: Vec<Case> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "snap"))
        .map(|path| Case {
            rule: rule.id.to_string(),
            name: path.file_name().expect("a name").to_string_lossy().into_owned(),
            path,
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

fn needs_engine(rule: &Rule) -> bool {
    match rule.check {
        Check::Grants { .. } => true,
        Check::Settings { .. } => false,
    }
}

/// Whether the engine has an answer at all: where it is missing, cases about grants cannot run.
fn engine_decides() -> bool {
    let mut inventory = bucketproof::model::Inventory::default();
    inventory.buckets.push(bucketproof::model::Bucket::default());
    let scope = Estate::new(&inventory).bucket(&inventory.buckets[0]);
    !bucket_access(&scope, &Default::default(), &Options::at(now())).is_empty()
}

/// The time at which cases are judged.
fn now() -> Timestamp {
    "2026-12-01T00:00:00Z".parse().expect("a date")
}

fn judge(case: &Case) -> Result<(), Failed> {
    let pack = case.rule.split('/').next().unwrap_or_default().to_owned();
    let packs = Packs::load(&[pack], Vec::new()).expect("a built-in pack");
    let outcome = run(case, &packs.only(|rule| rule.id.as_str() == case.rule));
    let verdict = match case.name.split('-').next() {
        Some("bad") => bad(case, &outcome),
        Some("good") => good(case, &outcome),
        Some("unknown") => unknown(case, &outcome),
        Some(_) | None => Err("a case is called `bad-…`, `good-…` or `unknown-…`".into()),
    };
    verdict.map_err(|message| Failed::from(format!("{message}\n{:#?}", outcome.evaluation)))
}

/// Reads a case and judges it by some rules. A folder may bring its own `bucketproof.toml` and `intent.cedar`.
pub fn run(case: &Case, packs: &Packs) -> Outcome {
    let (sources, inventory) = snapshot::read(&case.path);
    let config = beside(&case.path, "bucketproof.toml").unwrap_or_default();
    let config = Config::parse("bucketproof.toml", &config).unwrap_or_else(|error| panic!("{error:?}"));
    let intent = beside(&case.path, "intent.cedar").map(|text| ("intent.cedar".to_owned(), text));
    let intent = Intent::parse(intent.as_slice()).unwrap_or_else(|errors| panic!("{errors:?}"));
    let zone = config.zone(&inventory);
    let options = Options::at(now());
    let estate = Estate::new(&inventory);
    let mut access: Vec<ResourceAccess> = Vec::new();
    for bucket in &inventory.buckets {
        access.extend(bucket_access(&estate.bucket(bucket), &zone, &options));
    }
    for role in &inventory.roles {
        access.extend(role_access(&estate.role(role), &zone, &options));
    }
    let evaluation =
        evaluate(packs, &intent, &config.settings(now()), &inventory, &access).expect("rules can be evaluated");
    Outcome { evaluation, sources }
}

fn beside(case: &Path, name: &str) -> Option<String> {
    fs::read_to_string(case.join(name)).ok()
}

/// It fires, at a place smaller than the file, and shows a request that gets in.
fn bad(case: &Case, outcome: &Outcome) -> Result<(), String> {
    let mut found = outcome
        .evaluation
        .findings
        .iter()
        .filter(|finding| finding.rule.as_str() == case.rule)
        .peekable();
    if found.peek().is_none() {
        return Err("the rule is silent".into());
    }
    for finding in found {
        let primary = finding.locations.primary.span;
        let file = outcome.sources.file(primary.file).ok_or("the finding has no file")?;
        if primary.range() == (0..file.text().len()) {
            return Err("the finding points at the whole file".into());
        }
        if finding.status != FindingStatus::New {
            return Err("the finding does not count".into());
        }
        if finding.grant.is_some() != finding.witness.is_some() {
            return Err("the finding has no witness".into());
        }
    }
    Ok(())
}

/// The rule is silent and sure of it.
fn good(case: &Case, outcome: &Outcome) -> Result<(), String> {
    let counts = |rule: &str, status: &FindingStatus| rule == case.rule && status.counts();
    if outcome
        .evaluation
        .findings
        .iter()
        .any(|finding| counts(finding.rule.as_str(), &finding.status))
    {
        return Err("the rule fires".into());
    }
    if cannot_decide(outcome) {
        return Err("the rule cannot decide".into());
    }
    Ok(())
}

/// The rule says that it cannot decide, and nothing else.
fn unknown(case: &Case, outcome: &Outcome) -> Result<(), String> {
    if outcome
        .evaluation
        .findings
        .iter()
        .any(|finding| finding.rule.as_str() == case.rule)
    {
        return Err("the rule fires".into());
    }
    if !cannot_decide(outcome) {
        return Err("the rule does not say that it cannot decide".into());
    }
    Ok(())
}

fn cannot_decide(outcome: &Outcome) -> bool {
    outcome.evaluation.diagnostics.iter().any(|diagnostic| {
        diagnostic.code == "bucketproof::rules::cannot_decide" && diagnostic.severity == DiagnosticSeverity::Warning
    })
}

/// All rules on all cases, as one table: what fires besides the rule that a case belongs to. Rules that are not used by
/// default are put to their own cases only.
fn matrix() -> Result<(), Failed> {
    let packs = Packs::built_in().expect("built-in packs");
    let default = Packs::by_default().expect("built-in packs");
    let mut table = String::new();
    for (rule, case) in packs
        .rules()
        .iter()
        .flat_map(|rule| cases(rule).into_iter().map(move |case| (rule, case)))
    {
        let packs = if default.rule(&rule.id).is_some() {
            &default
        } else {
            &packs
        };
        let outcome = run(&case, packs);
        let mut said: Vec<String> = outcome
            .evaluation
            .findings
            .iter()
            .map(|finding| format!("{} ({})", finding.rule, finding.severity.as_str()))
            .collect();
        said.extend(Some("cannot decide".to_owned()).filter(|_| cannot_decide(&outcome)));
        said.sort();
        said.dedup();
        table.push_str(&format!("{}::{}: {}\n", case.rule, case.name, said.join(", ")));
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("matrix", table));
    Ok(())
}

/// A case that exists in several formats says the same in each: of the same resources, the same grants.
fn formats_agree() -> Result<(), Failed> {
    let packs = Packs::built_in().expect("built-in packs");
    for rule in packs.rules() {
        let mut by_stem: BTreeMap<String, Vec<Case>> = BTreeMap::new();
        for case in cases(rule) {
            let stem = case.name.split('.').next().unwrap_or_default().to_owned();
            by_stem.entry(stem).or_default().push(case);
        }
        for cases in by_stem.values().filter(|cases| cases.len() > 1) {
            let said: Vec<Vec<String>> = cases.iter().map(|case| said(case, rule, &packs)).collect();
            if let Some(place) = said.iter().position(|other| *other != said[0]) {
                let (one, other) = (&cases[0].name, &cases[place].name);
                return Err(format!(
                    "{}: {one} and {other} differ: {:#?} {:#?}",
                    rule.id, said[0], said[place]
                )
                .into());
            }
        }
    }
    Ok(())
}

/// What a rule finds, and the request that shows it.
fn said(case: &Case, rule: &Rule, packs: &Packs) -> Vec<String> {
    let outcome = run(case, packs);
    let findings = outcome
        .evaluation
        .findings
        .into_iter()
        .filter(|finding| finding.rule == rule.id);
    findings
        .map(|finding| format!("{:?} {} {:?}", finding.severity, finding.message, finding.witness))
        .collect()
}
