//! What people read.

use bucketproof::finding::{Location, Locations};
use bucketproof::report::{AccessFormat, Format, Style, write_access, write_scan};
use bucketproof::source::{FileId, SourceFile, Sources, Span};
use proptest::prelude::*;

use crate::fixture::{Run, scan, without_colour};

const VERBOSE: Style = Style {
    width: 100,
    verbose: true,
};

#[test]
fn pretty() {
    let run = Run::full();
    insta::assert_snapshot!(without_colour(&scan(&run, Format::Pretty, Style::default())));
}

#[test]
fn plain() {
    let run = Run::full();
    let text = scan(&run, Format::Plain, VERBOSE);
    insta::assert_snapshot!(text);
    assert_eq!(text, without_colour(&text), "plain text has no colour");
}

#[test]
fn table() {
    let run = Run::full();
    let mut out = Vec::new();
    write_access(&run.report(), AccessFormat::Table, Style::default(), &mut out).expect("a vector takes everything");
    let text = without_colour(&String::from_utf8(out).expect("UTF-8"));
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?}");
    insta::assert_snapshot!(text);
}

#[test]
fn nothing_found_is_said() {
    let run = Run::empty();
    assert_eq!(
        scan(&run, Format::Plain, Style::default()),
        "no findings in 0 resources\n"
    );
    let pretty = without_colour(&scan(&run, Format::Pretty, Style::default()));
    assert_eq!(pretty, "no findings in 0 resources\n");
}

#[test]
fn what_does_not_count_is_shown_on_request() {
    let run = Run::full();
    let lines = |style| {
        scan(&run, Format::Plain, style)
            .lines()
            .filter(|line| line.contains("latent"))
            .count()
    };
    assert_eq!((lines(Style::default()), lines(VERBOSE)), (1, 3));
}

#[test]
fn pretty_is_coloured_for_those_who_want_it() {
    let run = Run::full();
    assert!(scan(&run, Format::Pretty, Style::default()).contains("\u{1b}["));
}

/// Shows a finding at a span of a text; the snippet with its header, without the details.
fn snippet(text: &str, start: usize, end: usize, width: usize) -> String {
    let mut run = Run::full();
    let mut finding = run.findings.swap_remove(0);
    run.sources = Sources::from_files(vec![SourceFile::new("f", text)]);
    let span = Span::new(FileId(0), start, end);
    finding.locations = Locations {
        primary: Location {
            span,
            label: "here".into(),
        },
        secondary: Vec::new(),
    };
    run.findings = vec![finding];
    run.diagnostics.clear();
    run.resources.clear();
    let mut out = Vec::new();
    let style = Style { width, verbose: false };
    write_scan(&run.report(), Format::Pretty, style, &mut out).expect("a vector takes everything");
    let shown = without_colour(&String::from_utf8(out).expect("UTF-8"));
    let lines = shown.lines().skip(1);
    lines
        .take_while(|line| !line.contains("witness:"))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn a_long_line_is_cut_around_the_label_and_keeps_its_column() {
    let text = format!("{}{{\"Principal\":\"*\"}}{}\n", "ä ".repeat(5000), " z".repeat(5000));
    let start = text.find("\"*\"").expect("it is there");
    let shown = snippet(&text, start, start + 3, 80);
    assert!(shown.contains("[f:1:10014]"), "{shown}");
    assert!(shown.contains("{\"Principal\":\"*\"}"), "{shown}");
    let widest = shown.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn a_line_of_megabytes_is_shown_at_once() {
    let text = format!("[{}\"*\"{}]", "0,".repeat(2_000_000), ",0".repeat(2_000_000));
    let start = text.find("\"*\"").expect("it is there");
    let shown = snippet(&text, start, start + 3, 80);
    assert!(shown.contains("[f:1:4000002]"), "{shown}");
    assert!(shown.len() < 2000, "{shown}");
}

#[test]
fn a_span_of_many_lines_is_shown_by_its_first() {
    let text = format!("{{\n  \"Statement\": [\n{}  ]\n}}\n", "    {},\n".repeat(40));
    let shown = snippet(&text, 4, text.len() - 3, 80);
    assert!(shown.lines().count() < 12, "{shown}");
    assert!(shown.contains("[f:2:3]"), "{shown}");
}

#[test]
fn tabs_and_returns_do_not_shift_the_label() {
    let text = "{\r\n\t\"a\": 1,\r\n\t\"b\": \"*\"\r\n}\r\n";
    let start = text.find("\"*\"").expect("it is there");
    let shown = snippet(text, start, start + 3, 80);
    insta::assert_snapshot!(shown);
}

proptest! {
    /// Whatever a file holds and wherever a span lies, something is shown and nothing breaks.
    #[test]
    fn any_span_of_any_text_is_shown(text in "[a-z\"\\\\{}: \t\r\n\u{1b}\u{202e}äﷺ𝄞\u{301}]{0,600}", one: usize, two: usize, width in 20_usize..200) {
        let place = |at: usize| text.floor_char_boundary(at % (text.len() + 1));
        let (one, two) = (place(one), place(two));
        let shown = snippet(&text, one.min(two), one.max(two), width);
        prop_assert!(shown.contains("[f:"), "{shown}");
        prop_assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown}");
    }
}
