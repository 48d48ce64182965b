//! The page: that it stands alone, says everything, and lets nothing of the input do anything.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bucketproof::finding::FindingStatus;
use bucketproof::model::When;
use bucketproof::report::{Format, Style};
use bucketproof::source::Span;
use sha2::{Digest, Sha256};

use crate::attack::{ATTACKS, attacked};
use crate::fixture::{Run, scan};

fn page(run: &Run) -> String {
    scan(run, Format::Html, Style::default())
}

/// What stands between two texts.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, behind) = text.split_once(start).unwrap_or_else(|| panic!("`{start}` is missing"));
    behind.split_once(end).unwrap_or_else(|| panic!("`{end}` is missing")).0
}

/// The policy lets exactly the style and the script of the page run, so that even a tag that got through would do nothing.
#[test]
fn the_policy_names_style_and_script_by_their_digests() {
    let page = page(&Run::full());
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\">");
    for (kind, start, end) in [("style", "<style>", "</style>"), ("script", "<script>", "</script>")] {
        let text = between(&page, start, end);
        let digest = BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
        let source = format!("{kind}-src 'sha256-{digest}'");
        assert!(policy.contains(&source), "in `src/report/html/mod.rs`: {source}");
    }
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let page = page(&Run::full());
    let markup = page.replace(between(&page, "<style>", "</style>"), "");
    let markup = markup.replace(between(&markup, "<script>", "</script>"), "");
    for load in [
        " src=",
        "<link",
        "@import",
        "url(",
        " style=",
        " onclick=",
        "<iframe",
        "<form",
        "javascript:",
    ] {
        assert!(!page.contains(load), "{load}");
    }
    let links: Vec<&str> = markup.split("href=\"").skip(1).collect();
    assert!(links.iter().all(|link| link.starts_with('#')), "{links:?}");
}

#[test]
fn everything_is_on_the_page() {
    let page = page(&Run::full());
    for part in [
        "<h1 class=\"bad\">4 findings, and an answer may be missing</h1>",
        "not counted: 1 in the baseline, 1 suppressed, 1 intended",
        "Judged as of 2026-01-31T12:00:00Z",
        "objects can be public",
        "identities of token.actions.githubusercontent.com",
        "anyone on the internet: s3:GetObject arn:aws:s3:::acme-reports&#x2f;reports&#x2f;2026&#x2f;q3.csv",
        "<mark>",
        "name the principals that need it, or turn on Block Public Access",
        "Not counted: suppressed, published data set.",
        "the document ends in the middle of a value",
        "<span class=\"key blocked\">blocked</span>",
    ] {
        assert!(page.contains(part), "`{part}` is missing: {page}");
    }
    assert_eq!(page.matches("<details class=\"item card").count(), 7);
    assert!(
        page.contains("<nav id=\"filters\" aria-label=\"Filters\" hidden>"),
        "useless without script"
    );
}

#[test]
fn nothing_found_is_said() {
    let page = page(&Run::empty());
    assert!(page.contains("<h1 class=\"good\">No findings</h1>"));
    assert!(page.contains("Nobody outside the zone of trust reaches anything"));
    assert!(!page.contains("<svg"));
}

/// What a template leaves open is said wherever the finding is told.
#[test]
fn a_finding_that_depends_on_a_test_says_so() {
    let mut run = Run::full();
    let when = vec![When {
        test: "var.open".into(),
        holds: false,
        span: Span::default(),
    }];
    run.resources[2].resource.when.clone_from(&when);
    run.findings[2].when = when;
    let page = page(&run);
    assert!(page.contains("<dt>Only where</dt><dd><code>var.open</code> does not hold</dd>"));
    let comment = scan(&run, Format::Markdown, Style::default());
    assert!(
        comment.contains("**Only where:** `var.open` does not hold"),
        "{comment}"
    );
    let lines = scan(&run, Format::Jsonl, Style::default());
    assert!(
        lines.contains("\"when\": [{\"test\": \"var.open\", \"holds\": false}]"),
        "{lines}"
    );
}

/// The tags of a page, with the names of their attributes.
fn tags(page: &str) -> Vec<String> {
    let body = page.replace(between(page, "<style>", "</style>"), "");
    let body = body.replace(between(&body, "<script>", "</script>"), "");
    body.split('<')
        .skip(1)
        .map(|tag| shape(tag.split('>').next().unwrap_or_default()))
        // Backticks in a text mark code.
        .filter(|tag| !["code", "/code"].contains(&tag.as_str()))
        .collect()
}

/// A tag without the values of its attributes.
fn shape(tag: &str) -> String {
    tag.split('"').step_by(2).collect::<Vec<_>>().join("\"")
}

/// Whatever is put in, the page has the tags and attributes of the template.
#[test]
fn no_name_becomes_a_tag_or_an_attribute() {
    let harmless = tags(&page(&attacked("x")));
    for attack in ATTACKS {
        let page = page(&attacked(attack));
        assert_eq!(tags(&page), harmless, "{attack}");
        let strange = page.find(|char: char| (char.is_control() && char != '\n') || char == '\u{202e}');
        assert_eq!(strange, None, "{attack}");
    }
}

#[test]
fn a_large_estate_is_summed_up() {
    let mut run = Run::full();
    let (resource, finding) = (run.resources[0].clone(), run.findings[0].clone());
    let quiet = run.resources[2].clone();
    run.findings.clear();
    run.resources.clear();
    for index in 0..3000 {
        let mut resource = resource.clone();
        resource.resource.arn = format!("arn:aws:s3:::b-{index}");
        resource.resource.name = format!("b-{index}");
        let mut finding = finding.clone();
        finding.resource.clone_from(&resource.resource.arn);
        finding.status = if index % 2 == 0 {
            FindingStatus::New
        } else {
            FindingStatus::Baseline
        };
        run.resources.push(resource);
        run.findings.push(finding);
    }
    run.resources.extend(vec![quiet; 20_000]);
    let page = page(&run);
    assert!(page.len() < 8_000_000, "{}", page.len());
    for part in [
        "2000 more findings are not listed here",
        "2000 more resources are not listed here",
        "5000 more lines are not listed here",
        "20000 more have no findings and are not shared outside",
        "2977 others",
    ] {
        assert!(page.contains(part), "`{part}` is missing");
    }
}
