use super::arguments::Run;
use super::output::print;
use super::{CommandError, Status};
use crate::rules::suggest;
use crate::source::Placeholders;

/// `bucketproof schema`.
pub(super) fn schema(run: &Run<'_>, name: Option<&str>) -> Result<Status, CommandError> {
    let text = match name {
        None => names().map(|name| format!("{name}\n")).collect(),
        Some(name) => find(name)?.to_owned(),
    };
    print(run.global.color, &Placeholders::default(), &|out| {
        out.write_all(text.as_bytes())
    })?;
    Ok(Status::Clean)
}

fn find(name: &str) -> Result<&'static str, CommandError> {
    let short = name.strip_prefix("bucketproof.").unwrap_or(name);
    let found = SCHEMAS.iter().find(|(known, _)| *known == short);
    found.map(|(_, text)| *text).ok_or_else(|| CommandError::BadOption {
        option: "schema",
        value: name.to_owned(),
        problem: format!("there is no such schema: {}", suggest(short, names())),
    })
}

fn names() -> impl Iterator<Item = &'static str> {
    SCHEMAS.iter().map(|(name, _)| *name)
}

/// The schemas of the documentation, to which tests hold what is written.
const SCHEMAS: &[(&str, &str)] = &[
    (
        "access-summary.v1",
        include_str!("../../docs/schema/access-summary.v1.json"),
    ),
    ("access.v1", include_str!("../../docs/schema/access.v1.json")),
    ("baseline.v1", include_str!("../../docs/schema/baseline.v1.json")),
    ("can.v1", include_str!("../../docs/schema/can.v1.json")),
    ("config.v1", include_str!("../../docs/schema/config.v1.json")),
    ("contain.v1", include_str!("../../docs/schema/contain.v1.json")),
    ("deny-check.v1", include_str!("../../docs/schema/deny-check.v1.json")),
    ("diff.v1", include_str!("../../docs/schema/diff.v1.json")),
    ("evidence.v1", include_str!("../../docs/schema/evidence.v1.json")),
    ("finding.v1", include_str!("../../docs/schema/finding.v1.json")),
    ("rules.v1", include_str!("../../docs/schema/rules.v1.json")),
    ("scan.v1", include_str!("../../docs/schema/scan.v1.json")),
    ("timeline.v1", include_str!("../../docs/schema/timeline.v1.json")),
    ("trace.v1", include_str!("../../docs/schema/trace.v1.json")),
    ("verify.v1", include_str!("../../docs/schema/verify.v1.json")),
    ("who-can.v1", include_str!("../../docs/schema/who-can.v1.json")),
];
