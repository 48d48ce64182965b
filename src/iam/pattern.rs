use super::{ContextKey, Version};

/// A string of a policy in which `*`, `?` and `${…}` may have a meaning.
///
/// Which of them do depends on the element and the policy's version; the parser settles that, so a
/// part is what it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    /// The parts, in order; neighbouring texts are joined.
    pub parts: Box<[Part]>,
}

/// One part of a [`Pattern`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// These very characters.
    Text(Box<str>),
    /// `*`: any run of characters.
    Star,
    /// `?`: exactly one character.
    One,
    /// `${…}`: the value of a context key, literally [VAR-06].
    Variable(Variable),
}

/// A policy variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable {
    /// The context key it stands for.
    pub key: ContextKey,
    /// What it stands for where the key has no value [VAR-04].
    pub default: Option<Box<str>>,
}

/// Why a policy variable is malformed [VAR-04].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// `${` without `}`.
    #[error("a policy variable is not closed: `}}` is missing [VAR-04]")]
    MissingBrace,
    /// `${}`.
    #[error("a policy variable is empty [VAR-04]")]
    Empty,
    /// A default that is not written `, 'text'`.
    #[error("the default of a policy variable is written `, 'text'` behind the key [VAR-04]")]
    Default,
    /// White space inside the name.
    #[error("a policy variable contains a space [VAR-04]")]
    Space,
}

impl Pattern {
    /// A text in which `*` and `?` are wildcards, and `${…}` a variable if the version knows variables [POL-03].
    ///
    /// # Errors
    /// When a variable is malformed.
    pub fn glob(text: &str, version: Version) -> Result<Self, PatternError> {
        Self::parse(text, version, true)
    }

    /// A text in which only `${…}` has a meaning, and only if the version knows variables.
    ///
    /// # Errors
    /// When a variable is malformed.
    pub fn exact(text: &str, version: Version) -> Result<Self, PatternError> {
        Self::parse(text, version, false)
    }

    /// A text without any meaning but its own.
    pub fn text(text: &str) -> Self {
        let mut parts = Parts::default();
        text.chars().for_each(|char| parts.char(char));
        parts.finish()
    }

    /// The text, if nothing else is in the pattern: its one *fixed value* [PUB-03].
    pub fn as_text(&self) -> Option<&str> {
        match &*self.parts {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether `*` or `?` works as a wildcard somewhere.
    pub fn has_wildcard(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Star | Part::One))
    }

    /// The variables, in order.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(variable) => Some(variable),
            Part::Text(_) | Part::Star | Part::One => None,
        })
    }

    /// How version 2012-10-17 writes what a policy of any version wrote as `text`: in the older version `${` has no
    /// meaning [POL-03], in the newer one `${$}{` is how to say so [VAR-05].
    pub fn in_current_version(&self, text: &str) -> String {
        let means_the_same = |parsed: Result<Self, PatternError>| parsed.is_ok_and(|parsed| parsed.parts == self.parts);
        let current = Version::V2012;
        if !text.contains("${")
            || means_the_same(Self::glob(text, current))
            || means_the_same(Self::exact(text, current))
        {
            return text.to_owned();
        }
        text.replace("${", "${$}{")
    }

    fn parse(text: &str, version: Version, wildcards: bool) -> Result<Self, PatternError> {
        let mut parts = Parts::default();
        let mut rest = text;
        while let Some(char) = rest.chars().next() {
            if version.has_variables()
                && let Some(tail) = rest.strip_prefix("${")
            {
                let (inside, behind) = tail.split_once('}').ok_or(PatternError::MissingBrace)?;
                match inside {
                    // [VAR-05]
                    "*" => parts.char('*'),
                    "?" => parts.char('?'),
                    "$" => parts.char('$'),
                    _ => parts.part(Part::Variable(variable(inside)?)),
                }
                rest = behind;
                continue;
            }
            match char {
                '*' if wildcards => parts.part(Part::Star),
                '?' if wildcards => parts.part(Part::One),
                other => parts.char(other),
            }
            rest = rest.get(char.len_utf8()..).unwrap_or_default();
        }
        Ok(parts.finish())
    }
}

fn variable(inside: &str) -> Result<Variable, PatternError> {
    let (name, default) = match inside.split_once(',') {
        None => (inside, None),
        Some((name, default)) => {
            let quoted = default.strip_prefix(" '").and_then(|text| text.strip_suffix('\''));
            (name, Some(quoted.ok_or(PatternError::Default)?))
        }
    };
    if name.is_empty() {
        return Err(PatternError::Empty);
    }
    if name.chars().any(char::is_whitespace) {
        return Err(PatternError::Space);
    }
    Ok(Variable {
        key: ContextKey::new(name),
        default: default.map(Into::into),
    })
}

#[derive(Default)]
struct Parts {
    done: Vec<Part>,
    text: String,
}

impl Parts {
    fn char(&mut self, char: char) {
        self.text.push(char);
    }

    fn part(&mut self, part: Part) {
        self.flush();
        // `**` means the same as `*`.
        if part != Part::Star || self.done.last() != Some(&Part::Star) {
            self.done.push(part);
        }
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.done.push(Part::Text(std::mem::take(&mut self.text).into()));
        }
    }

    fn finish(mut self) -> Pattern {
        self.flush();
        Pattern {
            parts: self.done.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, default: Option<&str>) -> Part {
        Part::Variable(Variable {
            key: ContextKey::new(name),
            default: default.map(Into::into),
        })
    }

    fn check(pattern: Result<Pattern, PatternError>, parts: &[Part]) {
        assert_eq!(pattern.map(|pattern| pattern.parts.into_vec()), Ok(parts.to_vec()));
    }

    /// [POL-03], [VAR-05]
    #[test]
    fn an_old_text_is_written_for_the_current_version() {
        let written =
            |text: &str, version| Pattern::glob(text, version).map(|pattern| pattern.in_current_version(text));
        assert_eq!(
            written("a/${aws:username}/*", Version::V2012),
            Ok("a/${aws:username}/*".into())
        );
        assert_eq!(
            written("a/${aws:username}/*", Version::V2008),
            Ok("a/${$}{aws:username}/*".into())
        );
        assert_eq!(written("${$}{x}", Version::V2012), Ok("${$}{x}".into()));
        assert_eq!(
            Pattern::glob("a/${$}{aws:username}/*", Version::V2012),
            Pattern::glob("a/${aws:username}/*", Version::V2008)
        );
    }

    #[test]
    fn variables_depend_on_the_version() {
        let text = "a/${aws:username}/*";
        check(
            Pattern::glob(text, Version::V2012),
            &[
                Part::Text("a/".into()),
                key("aws:username", None),
                Part::Text("/".into()),
                Part::Star,
            ],
        );
        // [POL-03]
        check(
            Pattern::glob(text, Version::V2008),
            &[Part::Text("a/${aws:username}/".into()), Part::Star],
        );
        // [VAR-05]
        check(
            Pattern::glob("${*}${?}${$}", Version::V2012),
            &[Part::Text("*?$".into())],
        );
        // [VAR-04]
        check(
            Pattern::exact("${aws:PrincipalTag/t, 'none'}*", Version::V2012),
            &[key("aws:PrincipalTag/t", Some("none")), Part::Text("*".into())],
        );
        check(
            Pattern::glob("a**b?", Version::V2012),
            &[Part::Text("a".into()), Part::Star, Part::Text("b".into()), Part::One],
        );
    }

    #[test]
    fn malformed_variables_are_refused() {
        let check = |text, error| assert_eq!(Pattern::glob(text, Version::V2012), Err(error), "{text}");
        check("${aws:username", PatternError::MissingBrace);
        check("${}", PatternError::Empty);
        check("${aws:username,'x'}", PatternError::Default);
        check("${aws:username, x}", PatternError::Default);
        check("${ aws:username}", PatternError::Space);
    }
}
