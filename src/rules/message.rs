use super::error::{FileText, PackError, suggest};
use miette::SourceSpan;

/// The message of a rule: text with places for what a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(Placeholder),
}

/// What a message can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placeholder {
    Grantee,
    Actions,
    Resources,
    Subjects,
    Subject,
    Resource,
    Name,
    Account,
    Value,
    Why,
}

/// The words for a message's places.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// To whom; empty for a finding about a setting.
    pub(super) grantee: String,
    /// The actions that count.
    pub(super) actions: String,
    /// The patterns of resources.
    pub(super) resources: String,
    /// Which subjects of a provider.
    pub(super) subjects: String,
    /// One of them.
    pub(super) subject: String,
    /// ARN of the resource.
    pub(super) resource: String,
    /// Its name.
    pub(super) name: String,
    /// Its account.
    pub(super) account: String,
    /// The element that a setting rule picked.
    pub(super) value: String,
    /// What is wrong with it.
    pub(super) why: String,
}

const FOR_SETTINGS: &[(&str, Placeholder)] = &[
    ("resource", Placeholder::Resource),
    ("name", Placeholder::Name),
    ("account", Placeholder::Account),
    ("value", Placeholder::Value),
    ("why", Placeholder::Why),
];

const FOR_GRANTS: &[(&str, Placeholder)] = &[
    ("grantee", Placeholder::Grantee),
    ("actions", Placeholder::Actions),
    ("resources", Placeholder::Resources),
    ("subjects", Placeholder::Subjects),
    ("subject", Placeholder::Subject),
    ("resource", Placeholder::Resource),
    ("name", Placeholder::Name),
    ("account", Placeholder::Account),
];

impl Message {
    /// Reads a message; `about_grant` tells whether it may name a grantee.
    pub(super) fn parse(text: &str, about_grant: bool, file: &FileText, at: SourceSpan) -> Result<Self, PackError> {
        let known = if about_grant { FOR_GRANTS } else { FOR_SETTINGS };
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            let Some((_, place)) = known.iter().find(|(candidate, _)| *candidate == name) else {
                return Err(PackError::UnknownPlaceholder {
                    name: name.to_owned(),
                    file: file.clone(),
                    at,
                    help: suggest(name, known.iter().map(|(name, _)| *name)),
                });
            };
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Place(*place));
            rest = behind;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// The message with its places filled.
    pub(super) fn fill(&self, words: &Words) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Place(Placeholder::Grantee) => &words.grantee,
                Piece::Place(Placeholder::Actions) => &words.actions,
                Piece::Place(Placeholder::Resources) => &words.resources,
                Piece::Place(Placeholder::Subjects) => &words.subjects,
                Piece::Place(Placeholder::Subject) => &words.subject,
                Piece::Place(Placeholder::Resource) => &words.resource,
                Piece::Place(Placeholder::Name) => &words.name,
                Piece::Place(Placeholder::Account) => &words.account,
                Piece::Place(Placeholder::Value) => &words.value,
                Piece::Place(Placeholder::Why) => &words.why,
            })
            .collect()
    }
}

/// The first few of a list and how many more there are.
pub(super) fn few<'a>(items: impl Iterator<Item = &'a str>, shown: usize) -> String {
    let items: Vec<&str> = items.collect();
    let first: Vec<&str> = items.iter().take(shown).copied().collect();
    match items.len().saturating_sub(first.len()) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
