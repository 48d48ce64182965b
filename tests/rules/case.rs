use std::collections::BTreeMap;
use std::path::Path;

use bucketproof::commands::{Case, CaseOutcome, cases as cases_in};
use bucketproof::rules::{Packs, Rule};
use libtest_mimic::{Failed, Trial};

/// A test for every case, and one for all rules on all cases.
pub fn tests() -> Vec<Trial> {
    let packs = Packs::built_in().expect("built-in packs");
    let cases = packs.rules().iter().flat_map(cases);
    let mut tests: Vec<Trial> = cases
        .map(|case| Trial::test(format!("{}::{}", case.rule, case.name), move || judge(&case)))
        .collect();
    tests.push(Trial::test("matrix", matrix));
    tests.push(Trial::test("formats_agree", formats_agree));
    tests.push(Trial::test("fixes", fixes));
    tests
}

/// The cases of a rule, by name.
pub fn cases(rule: &Rule) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(&rule.path);
    cases_in(&folder, &rule.id).expect("a folder of cases")
}

fn judge(case: &Case) -> Result<(), Failed> {
    let pack = case.rule.as_str().split('/').next().unwrap_or_default().to_owned();
    let packs = Packs::load(&[pack], Vec::new()).expect("a built-in pack");
    let outcome = run(case, &packs.only(|rule| rule.id == case.rule));
    let judged = outcome.judge(case);
    judged.map_err(|problem| Failed::from(format!("{problem}\n{:#?}", outcome.evaluation)))
}

fn run(case: &Case, packs: &Packs) -> CaseOutcome {
    case.run(packs)
        .unwrap_or_else(|error| panic!("{}: {error}", case.path.display()))
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
        said.extend(Some("cannot decide".to_owned()).filter(|_| outcome.cannot_decide()));
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

/// What is done about every bad case, as one table. What is shown as an edit was proved: read and judged again, the rule is
/// silent and nobody has gained access.
fn fixes() -> Result<(), Failed> {
    let packs = Packs::built_in().expect("built-in packs");
    let default = Packs::by_default().expect("built-in packs");
    let mut table = String::new();
    for rule in packs.rules() {
        for case in cases(rule).into_iter().filter(|case| case.name.starts_with("bad-")) {
            let packs = if default.rule(&rule.id).is_some() {
                &default
            } else {
                &packs
            };
            let fix = case
                .fix(packs)
                .unwrap_or_else(|error| panic!("{}: {error}", case.path.display()));
            let mark = if fix.needs_input { "NEEDS INPUT: " } else { "" };
            let edits = fix.what.iter().map(|what| format!("{mark}{what}"));
            let advice = fix.advice.iter().map(|reason| format!("no edit: {reason}"));
            let said: Vec<String> = edits.chain(advice).collect();
            table.push_str(&format!("{}::{}: {}\n", case.rule, case.name, said.join("; ")));
        }
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("fixes", table));
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
