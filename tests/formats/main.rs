//! The formats agree: every worked example that a template can express grants the same, and is judged the same, as a
//! snapshot, as CloudFormation in YAML and JSON, as Terraform in each way to write a policy, and as Terraform's plan.
//!
//! The examples are those of `testdata/decisions`. An example that a format cannot express is left out there; how many are
//! compared is a test of its own, so that a format cannot quietly drop out.

#[cfg(test)]
#[path = "../decisions/case.rs"]
#[expect(dead_code, reason = "only what a template can express is read here")]
mod case;
#[cfg(test)]
mod cloudformation;
#[cfg(test)]
#[path = "../support/document.rs"]
mod document;
#[cfg(test)]
mod hcl;
#[cfg(test)]
mod hcl_document;
#[cfg(test)]
mod judged;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod snapshot;
#[cfg(test)]
mod terraform;
#[cfg(test)]
#[path = "../decisions/world.rs"]
#[expect(dead_code, reason = "validity is checked where the decisions are")]
mod world;

fn main() -> std::process::ExitCode {
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, formats::trials()).exit_code()
}

#[cfg(test)]
mod formats {
    use libtest_mimic::{Failed, Trial};

    use super::case::{Case, Suite};
    use super::judged::{judged, of_case};

    /// A way to write a case; none where it cannot be written so.
    type Written = fn(&Case) -> Option<Vec<(String, String)>>;

    const FORMATS: &[(&str, Written)] = &[
        ("snapshot", super::snapshot::written),
        ("cloudformation-json", super::cloudformation::json),
        ("cloudformation-yaml", super::cloudformation::yaml),
        ("terraform-jsonencode", super::terraform::jsonencode),
        ("terraform-heredoc", super::terraform::heredoc),
        ("terraform-document", super::terraform::document),
        ("terraform-plan", super::plan::written),
    ];

    /// Fewest cases that each format must be compared on.
    const FEWEST: usize = 40;

    /// One test for each case and format, and one for each format that there are enough.
    pub fn trials() -> Vec<Trial> {
        let cases: &'static [Case] = Box::leak(cases().into_boxed_slice());
        let mut trials = Vec::new();
        for (format, written) in FORMATS {
            let mut compared = 0;
            for case in cases.iter().filter(|case| is_plain(case)) {
                let Some(files) = written(case) else { continue };
                compared += 1;
                trials.push(Trial::test(format!("{format}::{}", case.id), move || {
                    compare(case, format, &files)
                }));
            }
            trials.push(Trial::test(format!("{format}::enough_cases"), move || {
                if compared >= FEWEST {
                    Ok(())
                } else {
                    Err(Failed::from(format!("only {compared} cases are compared")))
                }
            }));
        }
        trials
    }

    fn cases() -> Vec<Case> {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/decisions");
        let mut files: Vec<_> = std::fs::read_dir(directory)
            .expect("the decisions")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        files.sort();
        let suites = files.iter().map(|path| {
            let text = std::fs::read_to_string(path).expect("a file");
            toml::from_str::<Suite>(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        });
        suites.flat_map(|suite| suite.case).collect()
    }

    /// Whether nothing in the case is out of every template's reach: what AWS refused to tell, the organization, ids that only
    /// AWS knows.
    fn is_plain(case: &Case) -> bool {
        let alone = case.organization.is_none() && case.rcps.is_empty() && case.blocks.organization.is_none();
        let told = case.refused.is_empty() && case.not_in_input.is_empty() && case.doubts.is_empty();
        let known = case.owner.is_none() && case.canonical_ids.is_empty() && case.unique_ids.is_empty();
        let usual = case.owner_canonical.is_none() && case.created.is_none() && case.abac.is_none();
        let own_objects = case.objects.iter().all(|object| object.owner.is_none());
        alone && told && known && usual && own_objects && !case.invalid
    }

    fn compare(case: &Case, format: &str, files: &[(String, String)]) -> Result<(), Failed> {
        let expected = of_case(case)?;
        let found = judged(case, files)?;
        if found == expected {
            return Ok(());
        }
        let list = |lines: &[String]| lines.iter().map(|line| format!("    {line}\n")).collect::<String>();
        let texts: String = files
            .iter()
            .map(|(path, text)| format!("--- {path}\n{text}\n"))
            .collect();
        let (found, expected) = (list(&found), list(&expected));
        Err(format!("{}\n  as {format}:\n{found}  expected:\n{expected}{texts}", case.about).into())
    }
}
