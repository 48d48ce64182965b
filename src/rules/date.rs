use std::fmt;

use crate::iam::Timestamp;

/// The last day on which something declared holds, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    day: String,
    /// The first moment after that day.
    over: Timestamp,
}

impl Expiry {
    /// The day of this date, written `2027-01-31`; none for anything else.
    pub fn from_day(text: &str) -> Option<Self> {
        let midnight: Timestamp = text
            .parse()
            .ok()
            .filter(|_| text.len() == "2027-01-31".len() && text.contains('-'))?;
        Some(Self {
            day: text.to_owned(),
            over: Timestamp(midnight.0 + 24 * 60 * 60 * 1000),
        })
    }

    /// Whether the day is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.over
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_holds_until_it_is_over() {
        let day = Expiry::from_day("2027-01-31").expect("a date");
        let over = |text: &str| day.is_over(text.parse().expect(text));
        assert!(!over("2027-01-31T23:59:59Z"));
        assert!(over("2027-02-01T00:00:00Z"));
        for text in [
            "2027-02-30",
            "2027-1-31",
            "soon",
            "1577836800",
            "2027-01",
            "2027-01-31T00:00:00Z",
        ] {
            assert_eq!(Expiry::from_day(text), None, "{text}");
        }
    }
}
