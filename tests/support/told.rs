//! What the program writes about a configuration, under the schemas of all its machine formats.

use std::sync::LazyLock;

use bucketproof::engine::{Options, ResourceAccess};
use bucketproof::model::Inventory;
use bucketproof::report::{AccessFormat, Format, InputLine, Report, Style, Tool, write_access, write_scan};
use bucketproof::rules::{Intent, Packs, Settings, evaluate};
use bucketproof::source::{SourceFile, Sources};
use jsonschema::Validator;
use serde_json::Value;

use super::contract::{problems, schema};

/// What does not fit of the reports about some access: `access` and `scan` as JSON, and `scan` in the formats of others.
pub fn misfits(inventory: &Inventory, access: &[ResourceAccess], options: &Options) -> Vec<String> {
    let settings = Settings::at(options.now);
    let evaluation = match evaluate(&PACKS, &Intent::default(), &settings, inventory, access) {
        Ok(evaluation) => evaluation,
        Err(error) => return vec![error.to_string()],
    };
    // Every document of a generated configuration lies in one file that nobody has.
    let sources = Sources::from_files(vec![SourceFile::new("world.json", " ".repeat(1 << 16))]);
    let report = Report {
        tool: Tool {
            version: "0.1.0".into(),
            packs: PACKS.info(),
        },
        time: options.now,
        inputs: vec![InputLine {
            path: "world.json".into(),
            kind: "policy".into(),
            status: "read".into(),
        }],
        resources: access,
        intended: Default::default(),
        findings: &evaluation.findings,
        diagnostics: &evaluation.diagnostics,
        sources: &sources,
        placeholders: &inventory.placeholders,
        incomplete: false,
        fixes: std::collections::BTreeMap::new(),
    };
    let written = |format: Option<Format>| -> Value {
        let mut out = Vec::new();
        let wrote = match format {
            Some(format) => write_scan(&report, format, Style::default(), &mut out),
            None => write_access(&report, AccessFormat::Json, Style::default(), &mut out),
        };
        wrote.expect("a vector takes everything");
        serde_json::from_slice(&out).expect("the report is JSON")
    };
    let formats = [
        (&ACCESS, None),
        (&SCAN, Some(Format::Json)),
        (&SARIF, Some(Format::Sarif)),
        (&GITLAB, Some(Format::Gitlab)),
        (&ASFF, Some(Format::Asff)),
        (&OCSF, Some(Format::Ocsf)),
    ];
    let all = formats.into_iter();
    all.flat_map(|(schema, format)| problems(schema, &written(format)))
        .collect()
}

static PACKS: LazyLock<Packs> = LazyLock::new(|| Packs::by_default().expect("the packs that are built in"));

static ACCESS: LazyLock<Validator> = LazyLock::new(|| schema(include_str!("../../docs/schema/access.v1.json")));

static GITLAB: LazyLock<Validator> = LazyLock::new(|| schema(include_str!("../data/gitlab-code-quality.schema.json")));

static ASFF: LazyLock<Validator> = LazyLock::new(|| schema(include_str!("../data/asff.schema.json")));

static OCSF: LazyLock<Validator> =
    LazyLock::new(|| schema(include_str!("../data/ocsf-compliance-finding.schema.json")));

static SCAN: LazyLock<Validator> = LazyLock::new(|| schema(include_str!("../../docs/schema/scan.v1.json")));

static SARIF: LazyLock<Validator> = LazyLock::new(|| schema(include_str!("../data/sarif-2.1.0.schema.json")));
