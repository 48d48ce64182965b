//! The comment of a pull request, as a renderer reads it.

use bucketproof::report::{Format, Style};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::attack::{ATTACKS, attacked};
use crate::fixture::{Run, scan};

fn markdown(run: &Run) -> String {
    scan(run, Format::Markdown, Style::default())
}

#[test]
fn page() {
    insta::assert_snapshot!(markdown(&Run::full()));
}

#[test]
fn nothing_found_is_said() {
    assert_eq!(
        markdown(&Run::empty()),
        "<!-- bucketproof -->\n## bucketproof: no findings\n\nno findings in 0 resources\n\n"
    );
    let mut run = Run::full();
    run.findings.clear();
    assert!(markdown(&run).contains("## bucketproof: no findings, but an answer may be missing"));
}

/// What the renderer makes of a page: tags that are no text, and cells in each row.
fn read(page: &str) -> (Vec<String>, Vec<usize>) {
    let (mut tags, mut rows) = (Vec::new(), Vec::new());
    for event in Parser::new_ext(page, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                tags.extend(
                    html.split('<')
                        .skip(1)
                        .map(|tag| tag.split(['>', ' ']).next().unwrap_or_default().to_owned()),
                );
            }
            Event::Start(Tag::TableRow) => rows.push(0),
            Event::Start(Tag::TableCell) if !rows.is_empty() => *rows.last_mut().expect("a row") += 1,
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                tags.push(format!("link {dest_url}"))
            }
            Event::Start(Tag::Emphasis | Tag::Strikethrough | Tag::BlockQuote(_)) => tags.push("style".into()),
            _ => {}
        }
    }
    (tags, rows)
}

/// What is written where the renderer finds texts, code aside.
fn texts(page: &str) -> Vec<&str> {
    let mut in_code = false;
    let mut texts = Vec::new();
    for (event, range) in Parser::new_ext(page, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(_) if !in_code => texts.extend(page.get(range)),
            _ => {}
        }
    }
    texts
}

#[test]
fn no_name_becomes_a_tag_a_link_or_a_cell() {
    let known = ["!--", "details", "/details", "summary", "/summary", "code", "/code"];
    for attack in ATTACKS {
        let page = markdown(&attacked(attack));
        let (tags, rows) = read(&page);
        let strange: Vec<&String> = tags.iter().filter(|tag| !known.contains(&tag.as_str())).collect();
        assert!(strange.is_empty(), "{strange:?}: {page}");
        // The renderer gives every row as many cells as the head has; so count the bars as well.
        assert_eq!(rows, [5; 4], "{page}");
        for line in page
            .lines()
            .filter(|line| line.starts_with("| ") && !line.starts_with("| #"))
        {
            assert_eq!(line.matches('|').count(), 6, "{line}");
        }
        let count = |tag: &str| tags.iter().filter(|other| *other == tag).count();
        assert_eq!((count("details"), count("/details")), (5, 5), "{page}");
        // GitHub also makes links of texts that only look like one.
        for text in texts(&page) {
            for link in ["https://", "www.", "mailto:", "@octocat", "@evil"] {
                assert!(!text.contains(link), "{link}: {text}");
            }
        }
    }
}

#[test]
fn a_page_has_an_end() {
    let mut run = Run::full();
    let finding = run.findings[0].clone();
    run.findings = vec![finding; 2000];
    let page = markdown(&run);
    assert!(page.len() <= 65_000, "{}", page.len());
    assert!(page.len() > 50_000, "the room is used: {}", page.len());
    let last = page
        .lines()
        .find(|line| line.contains("Left out"))
        .expect("a line about it");
    assert!(last.contains("more findings, and the details of"), "{last}");
    assert!(page.contains("2 problems with the input"));
    assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
    let long = attacked(&"<|`".repeat(50_000));
    assert!(markdown(&long).len() <= 65_000);
}
