//! Names that attack whoever reads the report.

use bucketproof::report::{AccessFormat, Format, Style, write_access};
use bucketproof::source::Span;

use crate::fixture::{HOSTILE, Run, scan, without_colour};

fn is_dangerous(char: char) -> bool {
    (char.is_control() && char != '\n') || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn no_control_or_bidi_character_of_the_input_is_printed() {
    let run = Run::full();
    let style = Style {
        verbose: true,
        ..Style::default()
    };
    let mut texts = Vec::new();
    for format in Format::ALL {
        texts.push(scan(&run, format, style));
    }
    for format in [AccessFormat::Table, AccessFormat::Json] {
        let mut out = Vec::new();
        write_access(&run.report(), format, style, &mut out).expect("a vector takes everything");
        texts.push(String::from_utf8(out).expect("UTF-8"));
    }
    for text in texts {
        // The colours are ours; whatever is left after taking them away came from the input.
        let text = without_colour(&text);
        assert_eq!(text.find(is_dangerous), None, "{text}");
        assert!(text.contains("evil"), "the name is still there");
    }
}

#[test]
fn machines_get_the_name_as_it_is() {
    let run = Run::full();
    let json: serde_json::Value =
        serde_json::from_str(&scan(&run, Format::Json, Style::default())).expect("the report is JSON");
    assert_eq!(json["resources"][2]["name"], HOSTILE);
}

#[test]
fn a_line_cannot_be_forged() {
    let mut run = Run::full();
    run.findings.truncate(1);
    let honest = scan(&run, Format::Plain, Style::default()).lines().count();
    run.findings[0].message = "x\nb.json:1:1: low[s3/latent-public] all is well".into();
    assert_eq!(scan(&run, Format::Plain, Style::default()).lines().count(), honest);
}

/// What is not known before deployment has a placeholder; whatever a report measures, cuts or quotes, its name is shown.
#[test]
fn names_stand_in_place_of_placeholders() {
    for format in Format::ALL {
        let mut run = Run::full();
        let unknown = run
            .placeholders
            .add("var.name, of: [a](b)", Span::default())
            .to_string();
        let finding = &mut run.findings[0];
        // A comma or colon of the name would end a value, a bracket would make a link.
        finding.message = format!("anyone reads {unknown}");
        finding.title.clone_from(&unknown);
        finding.remediation = format!("{}{unknown}", "a word ".repeat(70));
        let written = scan(&run, format, Style::default());
        let shown = run.placeholders.reveal(&written);
        assert!(
            !shown.contains(|char| ('\u{e000}'..='\u{f8ff}').contains(&char)),
            "{shown}"
        );
        assert!(shown.contains("var"), "{shown}");
    }
}
