use base64::Engine;
use std::cmp::Ordering;
use std::net::IpAddr;

use super::glob::{Glyph, arn_matches, expand, glob};
use super::keys::Keys;
use crate::engine::address::is_public_address;
use crate::iam::{BaseOperator, ContextKey, Decimal, Operand, Timestamp};

/// Whether one value of a request is what one value of a condition says, the operator taken without its negation.
///
/// A value of the request that the operator cannot parse is never what the condition says.
pub(super) fn says(operand: &Operand, base: BaseOperator, key: &ContextKey, value: &str, keys: &Keys<'_>) -> bool {
    if !can_exist(key, value) {
        return false;
    }
    match operand {
        Operand::Pattern(pattern) => {
            // [VAR-03]: a variable without a value is like nothing.
            expand(pattern, keys).is_some_and(|glyphs| text_matches(comparison(base), &glyphs, value))
        }
        Operand::Number(number) => value
            .parse()
            .is_ok_and(|value: Decimal| ordered(base, value.cmp(number))),
        Operand::Date(date) => value
            .parse()
            .is_ok_and(|value: Timestamp| ordered(base, value.cmp(date))),
        // [COND-04]: `Bool` does not mind letter case.
        Operand::Bool(expected) => value.eq_ignore_ascii_case(if *expected { "true" } else { "false" }),
        Operand::Binary(bytes) => base64::engine::general_purpose::STANDARD
            .decode(value)
            .is_ok_and(|value| *value == **bytes),
        // [COND-37]: an address of the other family lies in no range.
        Operand::Network(network) => value.parse().is_ok_and(|address: IpAddr| network.contains(&address)),
        // [COND-36]
        Operand::Unreadable => false,
    }
}

/// How an operator compares, its negation left out.
enum Comparison {
    /// Letter by letter; wildcards are in the pattern if the operator has any [COND-10], [COND-14].
    Text,
    /// The same without regard to letter case [COND-12].
    TextIgnoringCase,
    /// Field by field [COND-24].
    Arn,
    /// By order: true for these [COND-16], [COND-18].
    Order(&'static [Ordering]),
    /// By its own kind of operand.
    Operand,
}

fn comparison(base: BaseOperator) -> Comparison {
    match base {
        BaseOperator::StringEquals
        | BaseOperator::StringNotEquals
        | BaseOperator::StringLike
        | BaseOperator::StringNotLike => Comparison::Text,
        BaseOperator::StringEqualsIgnoreCase | BaseOperator::StringNotEqualsIgnoreCase => Comparison::TextIgnoringCase,
        BaseOperator::ArnEquals | BaseOperator::ArnNotEquals | BaseOperator::ArnLike | BaseOperator::ArnNotLike => {
            Comparison::Arn
        }
        BaseOperator::NumericEquals
        | BaseOperator::NumericNotEquals
        | BaseOperator::DateEquals
        | BaseOperator::DateNotEquals => Comparison::Order(&[Ordering::Equal]),
        BaseOperator::NumericLessThan | BaseOperator::DateLessThan => Comparison::Order(&[Ordering::Less]),
        BaseOperator::NumericLessThanEquals | BaseOperator::DateLessThanEquals => {
            Comparison::Order(&[Ordering::Less, Ordering::Equal])
        }
        BaseOperator::NumericGreaterThan | BaseOperator::DateGreaterThan => Comparison::Order(&[Ordering::Greater]),
        BaseOperator::NumericGreaterThanEquals | BaseOperator::DateGreaterThanEquals => {
            Comparison::Order(&[Ordering::Greater, Ordering::Equal])
        }
        BaseOperator::Bool
        | BaseOperator::BinaryEquals
        | BaseOperator::IpAddress
        | BaseOperator::NotIpAddress
        | BaseOperator::Null => Comparison::Operand,
    }
}

fn text_matches(comparison: Comparison, glyphs: &[Glyph], value: &str) -> bool {
    match comparison {
        Comparison::Text => glob(glyphs, value),
        Comparison::TextIgnoringCase => {
            let folded: Vec<Glyph> = glyphs.iter().flat_map(|glyph| fold(*glyph)).collect();
            let value: String = value.chars().flat_map(char::to_lowercase).collect();
            glob(&folded, &value)
        }
        Comparison::Arn => arn_matches(glyphs, value),
        Comparison::Order(_) | Comparison::Operand => false,
    }
}

/// NOTE: AWS does not document how it folds letters outside ASCII.
fn fold(glyph: Glyph) -> Vec<Glyph> {
    match glyph {
        Glyph::Char(char) => char.to_lowercase().map(Glyph::Char).collect(),
        Glyph::One | Glyph::Star => vec![glyph],
    }
}

fn ordered(base: BaseOperator, order: Ordering) -> bool {
    match comparison(base) {
        Comparison::Order(orders) => orders.contains(&order),
        Comparison::Text | Comparison::TextIgnoringCase | Comparison::Arn | Comparison::Operand => false,
    }
}

/// Whether a request can hold this value of a key at all.
///
/// `aws:SourceIp` is a public address [COND-42]; ids of VPCs and endpoints have a fixed shape [COND-43].
fn can_exist(key: &ContextKey, value: &str) -> bool {
    match key.folded() {
        "aws:sourceip" => value.parse().map_or(true, is_public_address),
        "aws:sourcevpc" => is_id(value, "vpc-"),
        "aws:sourcevpce" => is_id(value, "vpce-"),
        _ => true,
    }
}

fn is_id(value: &str, prefix: &str) -> bool {
    value
        .strip_prefix(prefix)
        .is_some_and(|id| matches!(id.len(), 8 | 17) && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
