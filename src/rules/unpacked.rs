use super::default_deny::UNINTENDED_ACCESS_TITLE;
use crate::finding::Severity;

/// A rule that belongs to no pack and cannot be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// Its id.
    pub id: &'static str,
    /// What is wrong where it reports something, as a title.
    pub title: &'static str,
    /// How bad, where nothing says otherwise.
    pub severity: Severity,
    /// What it looks at: `grants` or `declarations`.
    pub about: &'static str,
    /// Whether intent and partners cannot permit it away.
    pub absolute: bool,
    /// Its page: what it reports and why, and what to do.
    pub page: &'static str,
}

impl Unpacked {
    /// All of them, by id.
    pub const ALL: [Self; 4] = [
        Self {
            id: "expired-intent",
            title: "A declaration has ended",
            severity: Severity::Low,
            about: "declarations",
            absolute: true,
            page: include_str!("expired-intent.md"),
        },
        Self {
            id: "forbidden-access",
            title: "Access that must be impossible",
            severity: Severity::High,
            about: "grants",
            absolute: true,
            page: include_str!("forbidden-access.md"),
        },
        Self {
            id: "unintended-access",
            title: UNINTENDED_ACCESS_TITLE,
            severity: Severity::High,
            about: "grants",
            absolute: false,
            page: include_str!("unintended-access.md"),
        },
        Self {
            id: "unused-intent",
            title: "A declaration without use",
            severity: Severity::Low,
            about: "declarations",
            absolute: true,
            page: include_str!("unused-intent.md"),
        },
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::RuleId;

    #[test]
    fn their_ids_are_those_of_rules() {
        for rule in Unpacked::ALL {
            assert_eq!(rule.id.parse::<RuleId>().expect(rule.id).as_str(), rule.id);
            assert!(rule.page.starts_with(&format!("# {}\n\n`{}`, ", rule.title, rule.id)));
        }
        let named = [
            RuleId::expired_intent(),
            RuleId::forbidden_access(),
            RuleId::unintended_access(),
            RuleId::unused_intent(),
        ];
        assert!(
            named
                .iter()
                .all(|id| Unpacked::ALL.iter().any(|rule| rule.id == id.as_str()))
        );
    }
}
