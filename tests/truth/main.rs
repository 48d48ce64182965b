//! The labelled cases of the corpus, judged by the engine.
//!
//! `labels.jsonl` of the corpus says for some cases what is *true* of them: whom the document lets in. Every one that can be
//! read is put through reading and the symbolic engine, as a run of the program would, and the verdict is compared. Where
//! both differ, `known.rs` says which clause of the specification decides against the label; it is checked both ways, so
//! that an entry that is not needed any more is an error.
//!
//! How a case comes in:
//!
//! - A policy that says what it belongs to is read as it is written. One that names a bucket by a wildcard is attached to one.
//! - A fragment of a statement, or a policy of another service, is *carried over*: the label is about principals and
//!   conditions, so these stay as they are, and what is done becomes the reading of one bucket's objects.
//! - A resource in the form of another product is taken apart into the answers of the AWS CLI that it was made from.
//! - A template is read as if it stood alone, by the defaults of before April 2023: labels speak of what a template states
//!   itself. A label about one resource is about the bucket or role that the resource belongs to.
//!
//! The own account is the one that the label names. The accounts and organizations that the label's options call allowed are
//! the zone of trust. Where there is neither, a named account is of unknown relation, as the labels have it.

#[cfg(test)]
#[path = "../support/corpus.rs"]
mod corpus;
#[cfg(test)]
mod judge;
#[cfg(test)]
mod known;
#[cfg(test)]
mod label;

fn main() -> std::process::ExitCode {
    let arguments = libtest_mimic::Arguments::from_args();
    let tests = vec![
        corpus::trial(
            "every_readable_case_is_as_its_label_says",
            truth::every_readable_case_is_as_its_label_says,
        ),
        corpus::trial("every_kind_of_truth_is_met", truth::every_kind_of_truth_is_met),
    ];
    libtest_mimic::run(&arguments, tests).exit_code()
}

#[cfg(test)]
mod truth {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::judge::{Judged, Way, judge};
    use super::known::KNOWN;
    use super::label::{Label, Truth, labels};

    pub fn every_readable_case_is_as_its_label_says(corpus: &Path) {
        let mut table: BTreeMap<(Way, &'static str), usize> = BTreeMap::new();
        let mut wrong = Vec::new();
        let mut met = BTreeSet::new();
        for label in labels(corpus) {
            let judged = judge(corpus, &label);
            let listed = KNOWN.iter().find(|known| {
                let of_all = known.resource.is_empty();
                known.case == label.case && (of_all || label.resource.as_deref() == Some(known.resource))
            });
            met.extend(listed.map(|known| (known.case, known.resource)));
            let outcome = match (judged.agrees(label.truth), listed) {
                (true, None) if judged.verdict == label.truth => "agrees",
                (true, None) => "agrees and tells more",
                (false, Some(known)) if known.verdict == judged.verdict => "the specification decides otherwise",
                (false, None) if judged.lacks_module => "a module is not in the input",
                (_, _) => {
                    wrong.push(complaint(&label, &judged, listed.is_some()));
                    "WRONG"
                }
            };
            *table.entry((judged.way, outcome)).or_default() += 1;
        }
        println!("way in | outcome | cases");
        for ((way, outcome), cases) in &table {
            println!("{} | {outcome} | {cases}", way.name());
        }
        for known in KNOWN {
            println!(
                "{}: {:?} by {}: {}",
                known.case, known.verdict, known.clause, known.reason
            );
            if !met.contains(&(known.case, known.resource)) {
                wrong.push(format!("{}: listed, and there is no such case", known.case));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    fn complaint(label: &Label, judged: &Judged, is_listed: bool) -> String {
        let Judged { verdict, why, .. } = judged;
        let listed = if is_listed { " (listed otherwise)" } else { "" };
        let (case, truth, says) = (&label.case, label.truth, &label.why);
        let resource = label.resource.as_deref().unwrap_or_default();
        format!("{case} {resource}: {verdict:?}, not {truth:?}{listed}\n  label: {says}\n  engine: {why}")
    }

    /// A table that nobody can misread: every case is of one of the five kinds, and all five are met.
    pub fn every_kind_of_truth_is_met(corpus: &Path) {
        let kinds: BTreeSet<Truth> = labels(corpus).into_iter().map(|label| label.truth).collect();
        assert_eq!(kinds.len(), 5, "{kinds:?}");
    }
}
