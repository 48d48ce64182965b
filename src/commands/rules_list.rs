use std::io::{self, Write};

use serde::Serialize;

use crate::report::{clean, count};
use crate::rules::{Check, Pack, Packs, Rule, Unpacked};

/// Writes the rules for people, under the names of their packs.
pub(super) fn write_table(packs: &Packs, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    let shown = || packs.rules().iter().filter(|rule| !rule.deprecated);
    let ids = shown()
        .map(|rule| rule.id.as_str())
        .chain(Unpacked::ALL.map(|rule| rule.id));
    let widest = ids.map(str::len).max().unwrap_or_default();
    let row = |id: &str, severity: &str, title: &str, out: &mut dyn Write| {
        writeln!(out, "{id:widest$}  {severity:8}  {title}")
    };
    for pack in packs.packs() {
        let of_pack: Vec<&Rule> = shown().filter(|rule| rule.is_of(&pack.name)).collect();
        let (name, version) = (clean(&pack.name), clean(&pack.version));
        writeln!(out, "{name} {version}, {}", count(of_pack.len(), "rule"))?;
        if verbose {
            writeln!(out, "sha256 = \"{}\"", pack.sha256)?;
        }
        let mark = if pack.default { "" } else { " (not by default)" };
        for rule in of_pack {
            let title = format!("{}{mark}", clean(&rule.title));
            row(rule.id.as_str(), rule.severity.as_str(), &title, out)?;
        }
        writeln!(out)?;
    }
    writeln!(out, "of no pack, {}", count(Unpacked::ALL.len(), "rule"))?;
    Unpacked::ALL
        .iter()
        .try_for_each(|rule| row(rule.id, rule.severity.as_str(), rule.title, out))
}

/// Writes `bucketproof.rules.v1`.
pub(super) fn write_json(packs: &Packs, out: &mut dyn Write) -> io::Result<()> {
    let view = RulesView {
        schema: "bucketproof.rules.v1",
        packs: packs.packs().iter().map(PackView::of).collect(),
        rules: packs
            .rules()
            .iter()
            .map(RuleView::of)
            .chain(Unpacked::ALL.map(RuleView::without_pack))
            .collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &view)?;
    writeln!(out)
}

#[derive(Serialize)]
struct RulesView<'a> {
    schema: &'static str,
    packs: Vec<PackView<'a>>,
    rules: Vec<RuleView<'a>>,
}

#[derive(Serialize)]
struct PackView<'a> {
    name: &'a str,
    version: &'a str,
    sha256: &'a str,
    default: bool,
}

#[derive(Serialize)]
struct RuleView<'a> {
    id: &'a str,
    pack: Option<&'a str>,
    title: &'a str,
    severity: &'static str,
    about: &'static str,
    absolute: bool,
    deprecated: bool,
    since: Option<&'a str>,
    remediation: Option<&'a str>,
    references: &'a [String],
}

impl<'a> PackView<'a> {
    fn of(pack: &'a Pack) -> Self {
        Self {
            name: &pack.name,
            version: &pack.version,
            sha256: &pack.sha256,
            default: pack.default,
        }
    }
}

impl<'a> RuleView<'a> {
    fn of(rule: &'a Rule) -> Self {
        Self {
            id: rule.id.as_str(),
            pack: rule.id.as_str().split('/').next(),
            title: &rule.title,
            severity: rule.severity.as_str(),
            about: match rule.check {
                Check::Grants { .. } => "grants",
                Check::Settings { .. } => "settings",
            },
            absolute: rule.absolute,
            deprecated: rule.deprecated,
            since: Some(&rule.since),
            remediation: Some(&rule.remediation),
            references: &rule.references,
        }
    }

    fn without_pack(rule: Unpacked) -> Self {
        Self {
            id: rule.id,
            pack: None,
            title: rule.title,
            severity: rule.severity.as_str(),
            about: rule.about,
            absolute: rule.absolute,
            deprecated: false,
            since: None,
            remediation: None,
            references: &[],
        }
    }
}
