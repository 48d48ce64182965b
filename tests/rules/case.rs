use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

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

/// What is done about every bad case, as one table.
///
/// What is shown as an edit was proved: read and judged again, the rule is silent and nobody has gained access. Here the diff
/// is applied by programs of others as well, and the files that they write are judged.
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
            let said = fixed(&case, packs)?;
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

/// What is done about a case, in words; every edit is applied by `git apply`, and by `patch` where it is at hand.
fn fixed(case: &Case, packs: &Packs) -> Result<Vec<String>, Failed> {
    let fix = |case: &Case| {
        case.fix(packs)
            .unwrap_or_else(|error| panic!("{}: {error}", case.path.display()))
    };
    let fixed = fix(case);
    for program in ["git", "patch"] {
        if fixed.diff.is_empty() || program == "patch" && Command::new("patch").arg("--version").output().is_err() {
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let copy = Case {
            path: folder.path().join(&case.name),
            ..case.clone()
        };
        copy_all(&case.path, &copy.path);
        // The diff speaks of the place of the copy.
        let diff = fix(&copy).diff;
        let strip = format!("-p{}", folder.path().components().count());
        let arguments: &[&str] = match program {
            "git" => &["apply", "--whitespace=nowarn", &strip],
            _ => &["--silent", "--forward", &strip],
        };
        apply(program, arguments, folder.path(), &diff).map_err(|said| format!("{}: {said}\n{diff}", case.name))?;
        let left: Vec<_> = run(&copy, packs).evaluation.findings;
        let own = left
            .iter()
            .filter(|finding| finding.rule == case.rule && finding.status.counts());
        let again = fix(&copy).diff;
        if own.count() > fixed.advice.len() || !again.is_empty() {
            return Err(format!(
                "{}: after `{program}` it is not silent\n{diff}\nagain:\n{again}",
                case.name
            )
            .into());
        }
    }
    let mark = if fixed.needs_input { "NEEDS INPUT: " } else { "" };
    let edits = fixed.what.iter().map(|what| format!("{mark}{what}"));
    let advice = fixed.advice.iter().map(|reason| format!("no edit: {reason}"));
    Ok(edits.chain(advice).collect())
}

fn apply(program: &str, arguments: &[&str], folder: &Path, diff: &str) -> Result<(), String> {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CEILING_DIRECTORIES", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(diff.as_bytes()).map_err(|error| error.to_string())?;
    drop(input);
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("{program}: {said}"))
    }
}

fn copy_all(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder").flatten() {
            copy_all(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).expect("a copy");
    }
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
