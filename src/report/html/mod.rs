//! One self-contained page: nothing in it is loaded from elsewhere.
//!
//! In: a report. Out: the template `page.html` with a [`page::Page`] put in. Whatever comes from the input goes through the
//! template's escaping; a Content-Security-Policy lets no script and no style run but the two of the page, by their digests.
//! Lists are cut at a length that a browser takes at once, and say what they leave out.

mod accounts;
mod findings;
mod page;
mod picture;
mod reach;
mod resources;
mod words;

use std::io;

use minijinja::Environment;
use minijinja::value::{Serde, Value};

use super::Report;

/// Writes the page.
pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    // Built when it is asked for, so that no other run pays for it. The name turns escaping on.
    let mut templates = Environment::new();
    templates.add_template("page.html", PAGE).map_err(io::Error::other)?;
    let template = templates.get_template("page.html").map_err(io::Error::other)?;
    let page = Value::from(Serde(page::Page::new(report)));
    template
        .render_captured_to(page, out)
        .map(drop)
        .map_err(io::Error::other)
}

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// SHA-256 of the style and of the script, in Base64; `tests/report/html.rs` tells the new one where a file changed.
const STYLE_DIGEST: &str = "vYRR1OLwjQ8Rl3UDvaUY0o7bU6lC3xTDA0qFPEyxyQs=";
const SCRIPT_DIGEST: &str = "qnCmH1WDq+b7JOcYrYxCb/iqn6g1aq43BE1KgfL2nEg=";
