use miette::SourceSpan;
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// The keys that a table may have, with the keys of the tables below them.
pub(super) type Keys = &'static [(&'static str, Below)];

/// What a key may hold.
#[derive(Clone, Copy)]
pub(super) enum Below {
    /// A plain value.
    Value,
    /// A table, or a list of tables, with these keys.
    Table(Keys),
    /// A table with any keys.
    Any,
}

/// Why a TOML text cannot be used.
#[derive(Debug)]
pub(super) enum TomlProblem {
    /// Not TOML, or a value of the wrong type.
    Invalid { message: String, at: SourceSpan },
    UnknownKey {
        key: String,
        at: SourceSpan,
        known: Vec<&'static str>,
    },
}

/// Reads a text into a type, refusing every key that is not known.
pub(super) fn read<T: DeserializeOwned>(text: &str, keys: Keys) -> Result<T, TomlProblem> {
    let table = DeTable::parse(text).map_err(|error| invalid(&error))?;
    check(table.get_ref(), keys)?;
    T::deserialize(toml::de::Deserializer::from(table)).map_err(|error| invalid(&error))
}

fn check(table: &DeTable<'_>, keys: Keys) -> Result<(), TomlProblem> {
    for (key, value) in table.iter() {
        let Some((_, below)) = keys.iter().find(|(name, _)| *name == key.get_ref().as_ref()) else {
            return Err(TomlProblem::UnknownKey {
                key: key.get_ref().to_string(),
                at: span(&key.span()),
                known: keys.iter().map(|(name, _)| *name).collect(),
            });
        };
        match below {
            Below::Value | Below::Any => {}
            Below::Table(keys) => check_below(value.get_ref(), keys)?,
        }
    }
    Ok(())
}

fn check_below(value: &DeValue<'_>, keys: Keys) -> Result<(), TomlProblem> {
    if let Some(table) = value.as_table() {
        return check(table, keys);
    }
    for item in value.as_array().into_iter().flatten() {
        check_below(item.get_ref(), keys)?;
    }
    // A value of another type is refused when it is read.
    Ok(())
}

/// A range of bytes as errors take it.
pub(super) fn span(range: &Range<usize>) -> SourceSpan {
    SourceSpan::from(range.clone())
}

fn invalid(error: &toml::de::Error) -> TomlProblem {
    let message = error.message().trim_end().replace('\n', ": ");
    let message = message.replace("missing field", "missing key");
    TomlProblem::Invalid {
        message,
        at: span(&error.span().unwrap_or(0..0)),
    }
}
