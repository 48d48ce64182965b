//! What one context key can be for one class of callers, and whether it can be so that given literals hold.

use ipnet::IpNet;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::glob::Glob;
use super::literal::{Literal, Range, Test, Value};
use super::product::{Search, search};
use crate::iam::{Decimal, Timestamp};

/// State of a key before any condition is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyState {
    /// It has this value, or is absent, on every request of the class.
    Fixed(Value),
    /// It varies.
    Free(Domain),
}

/// What wildcards stand for in witnesses.
pub(super) const FILLER: &str = "example";

/// The values that a key can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Domain {
    /// Whether the key may be absent.
    pub(super) absent: bool,
    /// Whether it has a set of values; the domain is that of the members.
    pub(super) multivalued: bool,
    pub(super) values: Values,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Values {
    /// Strings in some pattern of `within` and in none of `without`; `likely` ones are tried first, then patterns with
    /// their wildcards filled by `filler`.
    Text {
        within: Arc<[Glob]>,
        without: Vec<Glob>,
        likely: Vec<String>,
        filler: &'static str,
    },
    /// One of these.
    OneOf(Vec<Cow<'static, str>>),
    /// Addresses in these ranges and outside those.
    Address {
        within: &'static [IpNet],
        reserved: &'static [IpNet],
        without: Vec<IpNet>,
    },
    /// Whole numbers from 0.
    Whole,
    /// Something that the input does not tell: whatever is demanded of it is undecided.
    Unknown,
    /// Epoch seconds within these bounds.
    Time { from: i64, to: i64 },
}

/// A literal with the truth it must have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand<'a> {
    pub(super) literal: &'a Literal,
    pub(super) truth: bool,
}

/// Whether a key can satisfy its demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// With this value.
    Possible(Value),
    Impossible,
    /// No finite method decided, or the budget was spent.
    Undecided,
}

impl Demand<'_> {
    pub(super) fn met_by(self, value: &Value) -> bool {
        self.literal.holds(value) == self.truth
    }

    /// Whether the test must pass or fail on a member, where it says something about every member.
    fn on_every(self) -> Option<bool> {
        match (self.literal.range, self.truth) {
            (Range::Every, true) => Some(true),
            (Range::Some | Range::One, false) => Some(false),
            (Range::Every, false) | (Range::Some | Range::One, true) => None,
        }
    }
}

impl KeyState {
    /// Finds a value of the key with which every demand is met.
    pub(super) fn check(&self, demands: &[Demand<'_>], budget: &mut u32) -> Check {
        match self {
            Self::Fixed(value) if demands.iter().all(|demand| demand.met_by(value)) => Check::Possible(value.clone()),
            Self::Fixed(_) => Check::Impossible,
            Self::Free(domain) => domain.check(demands, budget),
        }
    }
}

impl Domain {
    fn check(&self, demands: &[Demand<'_>], budget: &mut u32) -> Check {
        // Not the caller's to choose, and not known: what follows from it is not decided either.
        if matches!(self.values, Values::Unknown) && !demands.is_empty() {
            return Check::Undecided;
        }
        if self.absent && demands.iter().all(|demand| demand.met_by(&Value::Absent)) {
            return Check::Possible(Value::Absent);
        }
        if !self.multivalued {
            return match self.values.find(demands, budget) {
                Found::Value(text) => Check::Possible(Value::One(text)),
                Found::None => Check::Impossible,
                Found::Undecided => Check::Undecided,
            };
        }
        self.check_set(demands, budget)
    }

    /// Members do not interact: what every member must be is common to all, and each demand for some member needs one of
    /// its own (ENGINE.md B3).
    fn check_set<'a>(&self, demands: &[Demand<'a>], budget: &mut u32) -> Check {
        let on_member = |demand: &Demand<'a>, truth| Demand {
            literal: demand.literal,
            truth,
        };
        let common: Vec<Demand<'_>> = demands
            .iter()
            .filter_map(|demand| demand.on_every().map(|truth| on_member(demand, truth)))
            .collect();
        let mut members = Vec::new();
        let mut undecided = false;
        let wanted = demands
            .iter()
            .filter(|demand| demand.on_every().is_none())
            .map(Some)
            .chain([None]);
        for demand in wanted {
            if demand.is_none() && !members.is_empty() {
                break;
            }
            let mut tests = common.clone();
            tests.extend(demand.map(|demand| on_member(demand, demand.literal.range != Range::Every)));
            match self.values.find(&tests, budget) {
                Found::Value(text) if !members.contains(&text) => members.push(text),
                Found::Value(_) => {}
                Found::None => return Check::Impossible,
                Found::Undecided => undecided = true,
            }
        }
        if undecided {
            Check::Undecided
        } else {
            Check::Possible(Value::Many(members))
        }
    }
}

enum Found {
    Value(String),
    None,
    Undecided,
}

impl Values {
    /// Texts whose wildcards a witness fills in an ordinary way.
    pub(super) fn text(within: impl Into<Arc<[Glob]>>, without: Vec<Glob>, likely: Vec<String>) -> Self {
        Self::Text {
            within: within.into(),
            without,
            likely,
            filler: FILLER,
        }
    }

    fn find(&self, demands: &[Demand<'_>], budget: &mut u32) -> Found {
        let fits = |text: &str| {
            demands
                .iter()
                .all(|demand| demand.literal.test.passes(text) == demand.truth)
        };
        match self {
            Self::OneOf(values) => first(values.iter().filter(|value| fits(value)).map(ToString::to_string)),
            Self::Text {
                within,
                without,
                likely,
                filler,
            } => {
                let inside = |text: &str| {
                    (within.is_empty() || within.iter().any(|glob| glob.matches(text)))
                        && !without.iter().any(|glob| glob.matches(text))
                };
                text(
                    demands,
                    (within, without, likely, filler),
                    &|text| inside(text) && fits(text),
                    budget,
                )
            }
            Self::Address {
                within,
                reserved,
                without,
            } => {
                let outside = || reserved.iter().chain(without);
                let is_excluded = |wanted: &IpNet| outside().any(|network| network.contains(wanted));
                let inside = |address: IpAddr| {
                    within.iter().any(|network| network.contains(&address))
                        && !outside().any(|network| network.contains(&address))
                };
                let borders = &mut within.iter().chain(outside());
                address(demands, borders, &is_excluded, &|address| {
                    let meets = |demand: &Demand<'_>| match &demand.literal.test {
                        Test::Address { networks, negated } => {
                            networks.iter().any(|network| network.contains(&address)) != *negated
                        }
                        Test::Const(_)
                        | Test::Text { .. }
                        | Test::Number { .. }
                        | Test::Time { .. }
                        | Test::Bool { .. }
                        | Test::Binary { .. } => demand.literal.test.passes(&address.to_string()),
                    };
                    demands.iter().all(|demand| meets(demand) == demand.truth) && inside(address)
                })
            }
            Self::Unknown => Found::Undecided,
            Self::Whole => number(demands, &fits),
            Self::Time { from, to } => time(demands, (*from, *to), &fits),
        }
    }
}

fn first(mut values: impl Iterator<Item = String>) -> Found {
    values.next().map_or(Found::None, Found::Value)
}

/// The patterns that values must be in, or those that they must not be in, by demand.
fn patterns<'a>(demands: &[Demand<'a>], inside: bool) -> impl Iterator<Item = &'a [Glob]> {
    let memberships = demands.iter().filter_map(membership);
    memberships
        .filter(move |(_, is_inside)| *is_inside == inside)
        .map(|(patterns, _)| patterns)
}

/// Patterns that the test says a value must be in, or must not be in; `None` for a test of another kind.
fn membership<'a>(demand: &Demand<'a>) -> Option<(&'a [Glob], bool)> {
    match &demand.literal.test {
        Test::Text { patterns, negated } => Some((patterns, demand.truth != *negated)),
        Test::Const(_)
        | Test::Address { .. }
        | Test::Number { .. }
        | Test::Time { .. }
        | Test::Bool { .. }
        | Test::Binary { .. } => None,
    }
}

fn text(
    demands: &[Demand<'_>],
    (within, without, likely, filler): (&[Glob], &[Glob], &[String], &str),
    fits: &dyn Fn(&str) -> bool,
    budget: &mut u32,
) -> Found {
    // A test that never depends on the value settles the matter.
    if demands
        .iter()
        .any(|demand| matches!(demand.literal.test, Test::Const(truth) if truth != demand.truth))
    {
        return Found::None;
    }
    let inside = || patterns(demands, true);
    // One demand that allows only a few strings decides at once.
    for patterns in inside() {
        if patterns.iter().all(|glob| glob.as_exact().is_some()) {
            return first(
                patterns
                    .iter()
                    .filter_map(Glob::as_exact)
                    .filter(|text| fits(text))
                    .map(str::to_owned),
            );
        }
    }
    if let Some(text) = likely.iter().find(|text| fits(text)) {
        return Found::Value(text.clone());
    }
    for patterns in inside() {
        let examples = patterns
            .iter()
            .flat_map(|glob| [filler, "x"].into_iter().map(|filler| glob.example(filler)));
        if let Some(text) = examples.into_iter().find(|text| fits(text)) {
            return Found::Value(text);
        }
    }
    let others: Vec<&Demand<'_>> = demands
        .iter()
        .filter(|demand| membership(demand).is_none() && !matches!(demand.literal.test, Test::Const(_)))
        .collect();
    if !others.is_empty() {
        return foreign(&others, fits);
    }
    let mut positives: Vec<&[Glob]> = inside().collect();
    if !within.is_empty() {
        positives.push(within);
    }
    let mut negatives: Vec<&[Glob]> = patterns(demands, false).collect();
    negatives.push(without);
    match search(&positives, &negatives, budget) {
        Search::Found(text) => Found::Value(text),
        Search::Empty => Found::None,
        Search::OverBudget => Found::Undecided,
    }
}

/// A text key under an operator for numbers, dates, addresses, truth values or bytes. The values that the tests themselves
/// name, and their neighbours, are tried; where none fits and a test must pass, nothing was decided.
fn foreign(others: &[&Demand<'_>], fits: &dyn Fn(&str) -> bool) -> Found {
    let mut candidates: Vec<String> = vec!["true".into(), "false".into(), "x".into(), "0".into()];
    for demand in others {
        candidates.extend(points(&demand.literal.test));
    }
    match candidates.into_iter().find(|text| fits(text)) {
        Some(text) => Found::Value(text),
        None if others
            .iter()
            .all(|demand| matches!(demand.literal.test, Test::Bool { .. } | Test::Binary { .. })) =>
        {
            Found::None
        }
        None => Found::Undecided,
    }
}

/// Values at which the truth of a test can change, as text.
fn points(test: &Test) -> Vec<String> {
    match test {
        Test::Const(_) | Test::Bool { .. } => Vec::new(),
        Test::Text { patterns, .. } => patterns.iter().filter_map(Glob::as_exact).map(str::to_owned).collect(),
        Test::Address { networks, .. } => networks
            .iter()
            .flat_map(edges)
            .map(|address| address.to_string())
            .collect(),
        Test::Number { intervals, .. } => intervals
            .iter()
            .flat_map(|interval| [interval.low, interval.high])
            .flat_map(|unit| [unit, unit.saturating_sub(1), unit.saturating_add(1)])
            .filter(|unit| unit.unsigned_abs() < 1 << 100)
            .map(|unit| Decimal::from_units(unit).to_string())
            .collect(),
        Test::Time { intervals, .. } => intervals
            .iter()
            .flat_map(|interval| [interval.low, interval.high])
            .filter_map(|unit| i64::try_from(unit).ok())
            .flat_map(|unit| [unit - 1000, unit, unit.saturating_add(1000)])
            .map(|unit| Timestamp(unit).to_string())
            .collect(),
        Test::Binary { values } => {
            use base64::Engine;
            values
                .iter()
                .map(|bytes| base64::engine::general_purpose::STANDARD.encode(bytes))
                .collect()
        }
    }
}

/// Whole numbers: the truth of every demand changes only at a bound, so bounds and their neighbours are enough.
fn number(demands: &[Demand<'_>], fits: &dyn Fn(&str) -> bool) -> Found {
    let mut candidates: Vec<i128> = vec![1000, 0, 1, 100, 1_000_000_000];
    for demand in demands {
        match &demand.literal.test {
            Test::Number { intervals, .. } => {
                let scale = Decimal::from_integer(1).units();
                let bounds = intervals.iter().flat_map(|interval| [interval.low, interval.high]);
                candidates.extend(bounds.flat_map(|unit| {
                    let floor = unit.div_euclid(scale);
                    [floor.saturating_sub(1), floor, floor.saturating_add(1)]
                }));
            }
            Test::Text { .. }
            | Test::Const(_)
            | Test::Address { .. }
            | Test::Time { .. }
            | Test::Bool { .. }
            | Test::Binary { .. } => {
                candidates.extend(
                    points(&demand.literal.test)
                        .iter()
                        .filter_map(|text| text.parse::<i128>().ok()),
                );
            }
        }
    }
    let whole = |candidate: &i128| (0..=i128::from(u32::MAX)).contains(candidate);
    let found = candidates
        .into_iter()
        .filter(whole)
        .map(|number| number.to_string())
        .find(|text| fits(text));
    let exact = demands.iter().all(|demand| match &demand.literal.test {
        Test::Number { .. } | Test::Const(_) => true,
        Test::Text { patterns, .. } => patterns.iter().all(|glob| glob.as_exact().is_some()),
        Test::Address { .. } | Test::Time { .. } | Test::Bool { .. } | Test::Binary { .. } => false,
    });
    settle(found, exact)
}

fn time(demands: &[Demand<'_>], (from, to): (i64, i64), fits: &dyn Fn(&str) -> bool) -> Found {
    let mut candidates = vec![from, to];
    for demand in demands {
        candidates.extend(points(&demand.literal.test).iter().filter_map(|text| {
            let seconds = text.parse::<Timestamp>().ok()?.0.div_euclid(1000);
            Some(seconds)
        }));
        // The same key under a numeric operator: the points are plain numbers.
        if matches!(demand.literal.test, Test::Number { .. }) {
            let numbers = points(&demand.literal.test);
            candidates.extend(
                numbers
                    .iter()
                    .filter_map(|text| text.split('.').next()?.parse::<i64>().ok()),
            );
        }
    }
    let neighbours = candidates
        .iter()
        .flat_map(|second| [*second, second.saturating_sub(1), second.saturating_add(1)]);
    let inside = neighbours.filter(|second| (from..=to).contains(second));
    let found = inside.map(|second| second.to_string()).find(|text| fits(text));
    let exact = demands.iter().all(|demand| match &demand.literal.test {
        Test::Time { .. } | Test::Number { .. } | Test::Const(_) => true,
        Test::Text { .. } | Test::Address { .. } | Test::Bool { .. } | Test::Binary { .. } => false,
    });
    settle(found, exact)
}

fn address<'a>(
    demands: &'a [Demand<'a>],
    borders: &mut dyn Iterator<Item = &'a IpNet>,
    is_excluded: &dyn Fn(&IpNet) -> bool,
    fits: &dyn Fn(IpAddr) -> bool,
) -> Found {
    // Most demands are met by an ordinary address.
    if let Some(ordinary) = DOCUMENTATION.iter().find(|address| fits(**address)) {
        return Found::Value(ordinary.to_string());
    }
    let exact = demands.iter().all(|demand| match &demand.literal.test {
        Test::Address { .. } | Test::Const(_) => true,
        Test::Text { patterns, .. } => patterns.iter().all(|glob| glob.as_exact().is_some()),
        Test::Number { .. } | Test::Time { .. } | Test::Bool { .. } | Test::Binary { .. } => false,
    });
    let wanted = demands.iter().filter_map(|demand| match &demand.literal.test {
        Test::Address { networks, negated } if demand.truth != *negated => Some(networks),
        Test::Address { .. }
        | Test::Const(_)
        | Test::Text { .. }
        | Test::Number { .. }
        | Test::Time { .. }
        | Test::Bool { .. }
        | Test::Binary { .. } => None,
    });
    if exact && wanted.clone().any(|networks| networks.iter().all(is_excluded)) {
        return Found::None;
    }
    // An address inside a wanted range reads better than its edge.
    let inside = wanted.flatten().filter_map(|network| nth(network, 7));
    let all = demands.iter().flat_map(|demand| match &demand.literal.test {
        Test::Address { networks, .. } => networks.as_slice(),
        Test::Const(_)
        | Test::Text { .. }
        | Test::Number { .. }
        | Test::Time { .. }
        | Test::Bool { .. }
        | Test::Binary { .. } => &[],
    });
    let patterns = demands.iter().filter_map(membership).flat_map(|(globs, _)| globs);
    let found = inside
        .chain(all.chain(borders).flat_map(edges))
        .chain(patterns.flat_map(glob_addresses))
        .find(|address| fits(*address))
        .map(|address| address.to_string());
    settle(found, exact)
}

fn settle(found: Option<String>, exact: bool) -> Found {
    match found {
        Some(text) => Found::Value(text),
        None if exact => Found::None,
        None => Found::Undecided,
    }
}

/// The first address of a range, the last, and their neighbours outside: where membership changes.
fn edges(network: &IpNet) -> impl Iterator<Item = IpAddr> {
    let edges = match network {
        IpNet::V4(network) => {
            let (low, high) = (u32::from(network.network()), u32::from(network.broadcast()));
            let around = [Some(low), Some(high), low.checked_sub(1), high.checked_add(1)];
            around.map(|bits| bits.map(|bits| IpAddr::V4(Ipv4Addr::from(bits))))
        }
        IpNet::V6(network) => {
            let (low, high) = (u128::from(network.network()), u128::from(network.broadcast()));
            let around = [Some(low), Some(high), low.checked_sub(1), high.checked_add(1)];
            around.map(|bits| bits.map(|bits| IpAddr::V6(Ipv6Addr::from(bits))))
        }
    };
    edges.into_iter().flatten()
}

fn nth(network: &IpNet, offset: u32) -> Option<IpAddr> {
    let address = match network {
        IpNet::V4(network) => IpAddr::V4(Ipv4Addr::from(u32::from(network.network()).checked_add(offset)?)),
        IpNet::V6(network) => IpAddr::V6(Ipv6Addr::from(
            u128::from(network.network()).checked_add(offset.into())?,
        )),
    };
    network.contains(&address).then_some(address)
}

/// Addresses that a text pattern such as `203.0.113.*` is probably about.
fn glob_addresses(glob: &Glob) -> Vec<IpAddr> {
    let text = glob.example("7");
    let mut fields: Vec<&str> = text.split('.').collect();
    fields.resize(fields.len().max(4), "7");
    [text.clone(), fields.join(".")]
        .iter()
        .filter_map(|text| text.parse().ok())
        .collect()
}

/// An address of somebody who comes from none of these ranges, as far as there is one.
pub(super) fn ordinary_address(ours: &[IpNet]) -> IpAddr {
    let [first, ..] = DOCUMENTATION;
    let elsewhere = |address: &IpAddr| !ours.iter().any(|range| range.contains(address));
    DOCUMENTATION.into_iter().find(elsewhere).unwrap_or(first)
}

/// Addresses of strangers in witnesses: ranges set aside for documentation.
const DOCUMENTATION: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)),
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
    IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7)),
];
