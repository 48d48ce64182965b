use base64::Engine;
use chrono::{DateTime, NaiveDate};
use ipnet::IpNet;
use std::net::IpAddr;
use std::str::FromStr;

use super::{BaseOperator, Pattern, PatternError, Version};
use crate::source::Span;

/// One value of a condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConditionValue {
    /// The text, numbers and Booleans included [COND-06].
    pub text: Box<str>,
    /// What the operator reads in it.
    pub operand: Operand,
    /// Where it was written.
    pub span: Span,
}

/// A condition value as its operator reads it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A text or a pattern: string and ARN operators.
    Pattern(Pattern),
    /// A number: numeric operators.
    Number(Decimal),
    /// A point in time: date operators.
    Date(Timestamp),
    /// A truth value: `Bool` and `Null`.
    Bool(bool),
    /// Decoded bytes: `BinaryEquals`.
    Binary(Box<[u8]>),
    /// An address range: address operators. Host bits beyond the mask are ignored [COND-22].
    Network(IpNet),
    /// Nothing that the operator can read [COND-36].
    Unreadable,
}

impl Operand {
    /// Reads a value for an operator.
    ///
    /// # Errors
    /// When a policy variable is malformed; a value that the operator cannot read is no error but
    /// [`Operand::Unreadable`] [COND-36].
    pub fn read(text: &str, base: BaseOperator, version: Version) -> Result<Self, PatternError> {
        Ok(match base {
            BaseOperator::StringEquals
            | BaseOperator::StringNotEquals
            | BaseOperator::StringEqualsIgnoreCase
            | BaseOperator::StringNotEqualsIgnoreCase => Self::Pattern(Pattern::exact(text, version)?),
            BaseOperator::StringLike
            | BaseOperator::StringNotLike
            | BaseOperator::ArnEquals
            | BaseOperator::ArnNotEquals
            | BaseOperator::ArnLike
            | BaseOperator::ArnNotLike => Self::Pattern(Pattern::glob(text, version)?),
            BaseOperator::NumericEquals
            | BaseOperator::NumericNotEquals
            | BaseOperator::NumericLessThan
            | BaseOperator::NumericLessThanEquals
            | BaseOperator::NumericGreaterThan
            | BaseOperator::NumericGreaterThanEquals => text.parse().map_or(Self::Unreadable, Self::Number),
            BaseOperator::DateEquals
            | BaseOperator::DateNotEquals
            | BaseOperator::DateLessThan
            | BaseOperator::DateLessThanEquals
            | BaseOperator::DateGreaterThan
            | BaseOperator::DateGreaterThanEquals => text.parse().map_or(Self::Unreadable, Self::Date),
            BaseOperator::Bool | BaseOperator::Null => match text {
                _ if text.eq_ignore_ascii_case("true") => Self::Bool(true),
                _ if text.eq_ignore_ascii_case("false") => Self::Bool(false),
                _ => Self::Unreadable,
            },
            BaseOperator::BinaryEquals => base64::engine::general_purpose::STANDARD
                .decode(text)
                .map_or(Self::Unreadable, |bytes| Self::Binary(bytes.into())),
            BaseOperator::IpAddress | BaseOperator::NotIpAddress => {
                network(text).map_or(Self::Unreadable, Self::Network)
            }
        })
    }
}

/// An address or CIDR; without a prefix one single address [COND-22].
fn network(text: &str) -> Option<IpNet> {
    if let Ok(network) = text.parse::<IpNet>() {
        return Some(network.trunc());
    }
    text.parse::<IpAddr>().ok().map(IpNet::from)
}

/// A decimal number, compared exactly: `1.20` equals `1.2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i128);

impl Decimal {
    const SCALE: u32 = 12;

    /// A whole number.
    pub fn from_integer(value: i64) -> Self {
        Self(i128::from(value) * 10_i128.pow(Self::SCALE))
    }

    /// The number in units of 10⁻¹², for interval arithmetic.
    pub fn units(self) -> i128 {
        self.0
    }

    /// The number of so many units of 10⁻¹².
    pub fn from_units(units: i128) -> Self {
        Self(units)
    }
}

/// A text that is no number we can compare exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number")]
pub struct NotADecimal;

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let too_long = whole.len() > 20 || fraction.len() > Self::SCALE as usize;
        if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) || too_long {
            return Err(NotADecimal);
        }
        let padded = format!("{whole}{fraction:0<width$}", width = Self::SCALE as usize);
        let units: i128 = padded.parse().map_err(|_| NotADecimal)?;
        Ok(Self(if negative { -units } else { units }))
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scale = 10_u128.pow(Self::SCALE);
        let magnitude = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{}", magnitude / scale)?;
        let fraction = format!("{:0width$}", magnitude % scale, width = Self::SCALE as usize);
        let shown = fraction.trim_end_matches('0');
        if shown.is_empty() {
            Ok(())
        } else {
            write!(f, ".{shown}")
        }
    }
}

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// A text that is no point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a date: expected a form such as `2026-01-31T12:00:00Z` or epoch seconds")]
pub struct NotADate;

impl FromStr for Timestamp {
    type Err = NotADate;

    /// Reads the W3C profile of ISO 8601 or epoch seconds [COND-18].
    ///
    /// A lone year could be either and is refused.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let seconds: i64 = text.parse().map_err(|_| NotADate)?;
            return seconds.checked_mul(1000).map(Self).ok_or(NotADate);
        }
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self(time.timestamp_millis()));
        }
        // `2026-01-31T12:00Z` and `2026-01-31T12:00+01:00`: the profile lets the seconds be left out.
        if let Ok(time) = DateTime::parse_from_str(&text.replace('Z', "+00:00"), "%Y-%m-%dT%H:%M%:z") {
            return Ok(Self(time.timestamp_millis()));
        }
        let day = match text.len() {
            7 => NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d"),
            _ => NaiveDate::parse_from_str(text, "%Y-%m-%d"),
        };
        let midnight = day.ok().and_then(|day| day.and_hms_opt(0, 0, 0)).ok_or(NotADate)?;
        Ok(Self(midnight.and_utc().timestamp_millis()))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match DateTime::from_timestamp_millis(self.0) {
            Some(time) if self.0 % 1000 == 0 => write!(f, "{}", time.format("%Y-%m-%dT%H:%M:%SZ")),
            Some(time) => write!(f, "{}", time.format("%Y-%m-%dT%H:%M:%S%.3fZ")),
            None => write!(f, "{}", self.0 / 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_compare_exactly() {
        let number = |text: &str| text.parse::<Decimal>();
        assert_eq!(number("1.20"), number("1.2"));
        assert!(number("0.1").ok() < number("0.11").ok());
        assert!(number("-2").ok() < number("-1.5").ok());
        assert_eq!(number("-1.50").map(|value| value.to_string()), Ok("-1.5".into()));
        for text in ["", ".", "1e3", "1,5", "0x1", " 1", "1.1.1"] {
            assert_eq!(number(text), Err(NotADecimal), "{text}");
        }
    }

    #[test]
    fn dates_are_read_in_every_documented_form() {
        let check = |text: &str, expected: i64| assert_eq!(text.parse(), Ok(Timestamp(expected * 1000)), "{text}");
        check("2020-01-01T00:00:00Z", 1_577_836_800);
        check("2020-01-01T01:00:00+01:00", 1_577_836_800);
        check("2020-01-01T00:00Z", 1_577_836_800);
        check("2020-01-01", 1_577_836_800);
        check("2020-01", 1_577_836_800);
        check("1577836800", 1_577_836_800);
        for text in ["2020", "yesterday", "2020-13-01", "01/02/2020"] {
            assert_eq!(text.parse::<Timestamp>(), Err(NotADate), "{text}");
        }
        assert_eq!(Timestamp(1_577_836_800_000).to_string(), "2020-01-01T00:00:00Z");
    }

    #[test]
    fn networks_ignore_host_bits_and_take_single_addresses() {
        let read = |text: &str| match Operand::read(text, BaseOperator::IpAddress, Version::V2012) {
            Ok(Operand::Network(network)) => network.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(read("203.0.113.7/24"), "203.0.113.0/24");
        assert_eq!(read("203.0.113.7"), "203.0.113.7/32");
        assert_eq!(read("2001:db8::1"), "2001:db8::1/128");
        assert_eq!(read("203.0.113.0/33"), "Ok(Unreadable)");
        assert_eq!(read("office"), "Ok(Unreadable)");
    }
}
