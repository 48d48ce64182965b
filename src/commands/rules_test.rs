use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use similar::TextDiff;

use super::arguments::Run;
use super::cases::{Case, cases, stray_snapshots};
use super::files::{read_text, with_slashes};
use super::guard::guarded;
use super::output::{print, write_file};
use super::packs::load;
use super::{CommandError, Status};
use crate::report::{clean, count};
use crate::rules::{Expected, Packs, Rule};
use crate::source::Placeholders;

/// What the cases of some rules came to.
#[derive(Default)]
struct Tally {
    cases: usize,
    rules: usize,
    /// Snapshots that were written.
    written: usize,
    /// What is not as it should be, each with its diff.
    wrong: Vec<String>,
    /// What could not be read.
    unread: Vec<String>,
}

/// `bucketproof rules test`.
pub(super) fn test(run: &Run<'_>, folders: &[PathBuf], update: bool) -> Result<Status, CommandError> {
    let packs = load(&[], folders)?;
    let rules: Vec<&Rule> = packs.rules().iter().filter(|rule| !rule.deprecated).collect();
    let tallies: Vec<Tally> = rules.par_iter().map(|rule| test_rule(&packs, rule, update)).collect();
    let tally = tallies.into_iter().fold(Tally::default(), Tally::and);
    if !run.global.quiet {
        print(run.global.color, &Placeholders::default(), &|out| {
            let lines = tally.wrong.iter().chain(&tally.unread).flat_map(|text| text.lines());
            for line in lines {
                writeln!(out, "{}", clean(line).trim_end())?;
            }
            writeln!(out, "{}", tally.summary())
        })?;
    }
    Ok(match (tally.unread.is_empty(), tally.wrong.is_empty()) {
        (false, _) => Status::Unanswered,
        (true, false) => Status::Findings,
        (true, true) => Status::Clean,
    })
}

/// Runs the cases of a rule by that rule alone.
fn test_rule(packs: &Packs, rule: &Rule, update: bool) -> Tally {
    let mut tally = Tally {
        rules: 1,
        ..Tally::default()
    };
    let folder = Path::new(&rule.path);
    let (cases, strays) = match cases(folder, &rule.id).and_then(|cases| Ok((cases, stray_snapshots(folder)?))) {
        Ok(found) => found,
        Err(error) => {
            tally.unread.push(format!("{}: {error}", rule.id));
            return tally;
        }
    };
    tally.cases = cases.len();
    for (expected, start) in [(Expected::Finding, "bad-"), (Expected::Silence, "good-")] {
        if !cases.iter().any(|case| case.expected() == Some(expected)) {
            tally.wrong.push(format!("{}: it has no `{start}` case", rule.id));
        }
    }
    let strays = strays
        .iter()
        .map(|name| format!("{}::{name}: there is no such case", rule.id));
    tally.wrong.extend(strays);
    let alone = packs.clone().only(|known| known.id == rule.id);
    for case in &cases {
        test_case(case, &alone, update, &mut tally);
    }
    tally
}

fn test_case(case: &Case, packs: &Packs, update: bool, tally: &mut Tally) {
    let name = format!("{}::{}", case.rule, case.name);
    let outcome = match guarded(|| "run a case".into(), || case.run(packs)) {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => return tally.unread.push(format!("{name}: {error}")),
        Err(fault) => return tally.unread.push(format!("{name}: {}", fault.message)),
    };
    if let Err(problem) = outcome.judge(case) {
        tally.wrong.push(format!("{name}: {problem}"));
    }
    let Some(path) = case.snapshot() else { return };
    let read = read_text(&path, "it is the snapshot of a case");
    let compared = outcome.shown(case).and_then(|shown| {
        let known = read?;
        if known == shown {
            return Ok(());
        }
        if update {
            write_file(&path, &Placeholders::default(), &|out| out.write_all(shown.as_bytes()))?;
            tally.written += 1;
            return Ok(());
        }
        tally
            .wrong
            .push(format!("{name}: the snapshot differs\n{}", diff(&path, &known, &shown)));
        Ok(())
    });
    tally
        .unread
        .extend(compared.err().map(|error| format!("{name}: {error}")));
}

/// What differs, indented below its case.
fn diff(path: &Path, known: &str, shown: &str) -> String {
    let diff = TextDiff::from_lines(known, shown);
    let mut unified = diff.unified_diff();
    let unified = unified.header(&with_slashes(path), "what the user sees").to_string();
    unified.lines().map(|line| format!("    {line}\n")).collect()
}

impl Tally {
    fn and(mut self, other: Self) -> Self {
        self.cases += other.cases;
        self.rules += other.rules;
        self.written += other.written;
        self.wrong.extend(other.wrong);
        self.unread.extend(other.unread);
        self
    }

    fn summary(&self) -> String {
        let mut said = vec![match self.wrong.len() + self.unread.len() {
            0 => "all right".to_owned(),
            _ => format!("{} wrong", self.wrong.len()),
        }];
        if !self.unread.is_empty() {
            said.push(format!("{} that cannot be read", self.unread.len()));
        }
        if self.written > 0 {
            said.push(format!("{} written", count(self.written, "snapshot")));
        }
        let (cases, rules) = (count(self.cases, "case"), count(self.rules, "rule"));
        format!("{cases} of {rules}: {}", said.join(", "))
    }
}
