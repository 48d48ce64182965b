use bucketproof::iam::Decimal;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::picks::Picks;

/// A text that a pattern matches, or one that it just does not.
pub fn instance(pattern: &str, picks: &mut Picks<'_>) -> String {
    let run = picks.choose(&["", "x", "a/b", "ab:a"]);
    let text = without_variables(pattern, picks).replace('*', run).replace('?', "q");
    match picks.below(12) {
        1 => text + "z",
        2 => text.to_uppercase(),
        3 => text.chars().skip(1).collect(),
        4 => pattern.to_owned(),
        _ => text,
    }
}

/// Whether a short pattern matches a whole text.
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut pattern_chars = pattern.chars();
    let mut text_chars = text.chars();
    match (pattern_chars.next(), text_chars.next()) {
        (None, None) => true,
        (Some('*'), None) => glob(pattern_chars.as_str(), text),
        (Some('*'), Some(_)) => glob(pattern_chars.as_str(), text) || glob(pattern, text_chars.as_str()),
        (Some(wanted), Some(char)) => {
            (wanted == '?' || wanted == char) && glob(pattern_chars.as_str(), text_chars.as_str())
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Variables replaced by words that callers have.
fn without_variables(pattern: &str, picks: &mut Picks<'_>) -> String {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some((before, behind)) = rest.split_once("${") {
        let (_, after) = behind.split_once('}').unwrap_or(("", ""));
        text += before;
        text += picks.choose(&["alice", "bob", "444455556666", "x", "a", "*"]);
        rest = after;
    }
    text + rest
}

/// A public address at the edge of a range, just inside or just outside.
pub fn address(range: &str, picks: &mut Picks<'_>) -> Option<String> {
    let range: IpNet = range.parse().ok()?;
    let (first, last) = (range.network(), range.broadcast());
    let candidates = [Some(first), Some(last), step(first, -1), step(last, 1)];
    let public: Vec<IpAddr> = candidates
        .into_iter()
        .flatten()
        .filter(|address| is_public(*address))
        .collect();
    (!public.is_empty()).then(|| picks.choose(&public).to_string())
}

fn step(address: IpAddr, by: i8) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => {
            let next = i64::from(u32::from(address)) + i64::from(by);
            u32::try_from(next).ok().map(|next| Ipv4Addr::from(next).into())
        }
        IpAddr::V6(address) => {
            let number = u128::from(address);
            let next = if by < 0 {
                number.checked_sub(1)
            } else {
                number.checked_add(1)
            };
            next.map(|next| Ipv6Addr::from(next).into())
        }
    }
}

/// The plain cases only: what is left out is never asked for.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let shared = first == 100 && (64..128).contains(&second);
            !(address.is_private() || address.is_link_local() || shared) && (1..224).contains(&first) && first != 127
        }
        IpAddr::V6(address) => address.segments()[0] & 0xE000 == 0x2000,
    }
}

/// A number, its neighbours, or none if the text is no number.
pub fn number(text: &str, picks: &mut Picks<'_>) -> Option<String> {
    let number: Decimal = text.parse().ok()?;
    let one = Decimal::from_integer(1).units();
    let by = picks.choose(&[0, one, -one]);
    Some(Decimal::from_units(number.units() + by).to_string())
}
