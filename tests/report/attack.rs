//! A run in which every text that comes from the input attacks whoever reads the report.

use bucketproof::finding::FindingStatus;
use bucketproof::source::{FileId, SourceFile, Sources};

use crate::fixture::Run;

/// What attacks a terminal, a page, a table, a spreadsheet, a CI log and a Markdown renderer.
pub const ATTACKS: [&str; 12] = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u{1b}[31mred\u{1b}]8;;http://evil.example\u{7}link\u{202e}gpj",
    "x\n::set-output name=token::stolen\r\n::add-mask::x\n##[error]forged",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "@octocat #1 fixes #2 www.evil.example https://evil.example/a mailto:a@evil.example",
    "a | b | c \\| d `e | f` `` g ``` h",
    "[click](https://evil.example) ![x](https://evil.example/i.png) [ref]: https://evil.example",
    "\"'&amp;<!-- --> ]]> --> </summary></details></table>",
    "*bold* _em_ ~~gone~~ \\` # head\n\n- item\n> quote\n```\nfence",
    "%0A::error::x,title=y%25 :,",
    "{{ 7 * 7 }} {% raw %} ${x} javascript:alert(1)",
    "\u{fffe}\u{ffff}\u{0}\u{b}\u{e000}\u{e0041}日本 𝄞",
];

/// The run, with one attack in every text of every finding, diagnostic and resource.
pub fn attacked(attack: &str) -> Run {
    let mut run = Run::full();
    let texts: Vec<(String, String)> = (0..)
        .map_while(|id| run.sources.file(FileId(id)))
        .map(|file| (format!("{attack}/{}", file.path()), file.text().to_owned()))
        .collect();
    let files = texts.into_iter().map(|(path, text)| SourceFile::new(path, text));
    run.sources = Sources::from_files(files.collect());
    for access in &mut run.resources {
        let arn = format!("{}{attack}", access.resource.arn);
        for finding in &mut run.findings {
            if finding.resource == access.resource.arn {
                finding.resource.clone_from(&arn);
            }
        }
        access.resource.arn = arn;
        access.resource.name = format!("{attack}{}", access.resource.name);
        for grant in &mut access.grants {
            grant.witness.resource.push_str(attack);
        }
    }
    for finding in &mut run.findings {
        finding.title = attack.to_owned();
        finding.message = format!("{attack} `{attack}`");
        finding.remediation = format!("do `{attack}` or {attack}");
        finding.references = vec![attack.to_owned()];
        finding.locations.primary.label = attack.to_owned();
        for location in &mut finding.locations.secondary {
            location.label = attack.to_owned();
        }
        if let Some(witness) = &mut finding.witness {
            witness.resource.push_str(attack);
        }
        match &mut finding.status {
            FindingStatus::New | FindingStatus::Baseline => {}
            FindingStatus::Suppressed(reason) | FindingStatus::Intended(reason) => *reason = attack.to_owned(),
        }
    }
    for diagnostic in &mut run.diagnostics {
        diagnostic.message = format!("`{attack}` is wrong");
        diagnostic.help = Some(attack.to_owned());
        diagnostic.path = diagnostic.path.as_ref().map(|_| format!("{attack}.txt"));
    }
    run
}
