use super::error::PackError;
use super::rule::Rule;

/// The sections of the page of a rule, in their order.
pub(super) const SECTIONS: [&str; 4] = ["Reports", "Why", "Fix", "When it is fine"];

impl Rule {
    /// What is wrong with its page: a section that is missing, empty, or not where it belongs.
    pub(super) fn mistake_in_page(&self) -> Option<PackError> {
        let page = format!("\n{}", self.page);
        let sections: Vec<(&str, &str)> = page
            .split("\n## ")
            .skip(1)
            .map(|section| section.split_once('\n').unwrap_or((section, "")))
            .map(|(name, text)| (name.trim(), text.trim()))
            .collect();
        let missing = SECTIONS
            .iter()
            .find(|name| !sections.iter().any(|(known, _)| known == *name));
        let empty = sections.iter().find(|(_, text)| text.is_empty());
        let surplus = sections.iter().find(|(name, _)| !SECTIONS.contains(name));
        let in_order = sections.iter().map(|(name, _)| *name).eq(SECTIONS);
        let starts = self.page.starts_with("## ");
        let problem = match (missing, surplus, empty) {
            (Some(name), _, _) => format!("the section `{name}` is missing"),
            (None, Some((name, _)), _) => format!("`{name}` is no section of a page"),
            (None, None, Some((name, _))) => format!("the section `{name}` is empty"),
            (None, None, None) if !in_order => "the sections are not in their order".to_owned(),
            (None, None, None) if !starts => "there is something before the first section".to_owned(),
            (None, None, None) => return None,
        };
        Some(PackError::BadPage {
            path: format!("{}/README.md", self.path),
            problem,
        })
    }
}
