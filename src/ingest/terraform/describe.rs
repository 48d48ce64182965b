//! Names of values that are not known: each tells the expression, and two different values never share one.

use super::eval::Evaluator;
use super::value::{Data, Val, number_text};

impl Evaluator<'_> {
    /// A value as it stands in the name of another one.
    pub fn describe(&self, value: &Val) -> String {
        let mut name = String::new();
        self.describe_into(value, &mut name, 0);
        short(name)
    }

    fn describe_into(&self, value: &Val, name: &mut String, depth: usize) {
        // The rest of something this long does not fit into a name: the hash of what is there tells it from others.
        if name.len() > 4 * LONGEST || depth > 8 {
            name.push('…');
            return;
        }
        match &value.data {
            Data::Null => name.push_str("null"),
            Data::Bool(value) => name.push_str(if *value { "true" } else { "false" }),
            Data::Number(value) => name.push_str(&number_text(*value)),
            Data::Text(text) => name.push_str(&self.reveal(&text.text)),
            Data::Unknown(inner) => name.push_str(inner),
            Data::Resource(resource) => name.push_str(&resource.address()),
            Data::Module(module) => name.push_str(&module.address()),
            Data::List(items) => {
                name.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        name.push_str(", ");
                    }
                    self.describe_into(item, name, depth + 1);
                }
                name.push(']');
            }
            Data::Object(members) => {
                name.push('(');
                for (place, member) in members.iter().enumerate() {
                    if place > 0 {
                        name.push_str(", ");
                    }
                    name.push_str(&self.reveal(&member.key));
                    name.push_str(": ");
                    self.describe_into(&member.value, name, depth + 1);
                }
                name.push(')');
            }
        }
    }

    /// The result of a function that is not known because one of its arguments is not.
    pub fn unknown_result(&self, function: &str, arguments: &[Val], span: crate::source::Span) -> Val {
        let arguments: Vec<String> = arguments.iter().map(|argument| self.describe(argument)).collect();
        Val::unknown(short(format!("{function}({})", arguments.join(", "))), span)
    }
}

/// A name that is not too long; what is cut off still tells it from others.
pub(super) fn short(name: String) -> String {
    if name.len() <= LONGEST {
        return name;
    }
    // FNV-1a: the same on every machine and in every version.
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let end = (0..=LONGEST - 12)
        .rev()
        .find(|end| name.is_char_boundary(*end))
        .unwrap_or_default();
    format!("{}...{:08x}", name.get(..end).unwrap_or_default(), hash)
}

const LONGEST: usize = 100;
