//! Accounts and organizations that no document names: one for each way in which its patterns can tell them apart.
//!
//! `4*` and `*7` make four kinds of accounts; a policy that asks for both lets in only those that are both.

use super::glob::{Class, Glob};
use super::named::Named;
use super::product::{Search, search};
use crate::iam::AccountId;

/// Some of every kind, and whether there are kinds that are left out.
pub(super) type Fresh<T> = (Vec<T>, bool);

/// Most kinds that are told apart.
const MOST_KINDS: usize = 64;

/// States that the search for one kind may cost.
const BUDGET: u32 = 20_000;

/// An account that no document names.
pub(super) fn account(named: &Named) -> AccountId {
    let mut candidates = (0..).filter_map(|offset| AccountId::from_number(999_999_999_999 - offset));
    candidates.find(|id| !named.accounts.contains(id)).unwrap_or_default()
}

/// Accounts that no document names, of every kind that these patterns make.
pub(super) fn accounts(named: &Named, patterns: &[Glob]) -> Fresh<AccountId> {
    let known: Vec<Glob> = named.accounts.iter().map(|id| Glob::exact(&id.to_string())).collect();
    let digits = Glob::of_classes("", &[(Class::Digit, false); 12]);
    let (texts, cut_short) = kinds(account(named).to_string(), &digits, &known, patterns);
    (texts.iter().filter_map(|text| text.parse().ok()).collect(), cut_short)
}

/// Organizations that no document names, of every kind.
pub(super) fn organizations(named: &Named) -> Fresh<Box<str>> {
    let known: Vec<Glob> = named.organizations.iter().map(|id| Glob::exact(id)).collect();
    let id = Glob::of_classes("o-", &[(Class::Lower, false), (Class::Lower, true)]);
    let mut names = (0..).map(|number| format!("o-stranger{number:02}"));
    let first = names.find(|name| !named.organizations.contains(name.as_str()));
    let (texts, cut_short) = kinds(first.unwrap_or_default(), &id, &known, &named.organization_patterns);
    (texts.into_iter().map(Into::into).collect(), cut_short)
}

/// Patterns that texts of one kind are in, those that they are not in, and one such text.
#[derive(Clone)]
struct Kind<'g> {
    inside: Vec<&'g [Glob]>,
    outside: Vec<&'g [Glob]>,
    text: String,
}

/// One text of `base` and outside of `known` for each set of patterns that some text is in and in no other one; `first`
/// is one such text.
fn kinds(first: String, base: &Glob, known: &[Glob], patterns: &[Glob]) -> Fresh<String> {
    let mut kinds = vec![Kind {
        inside: vec![std::slice::from_ref(base)],
        outside: vec![known],
        text: first,
    }];
    let mut cut_short = false;
    for pattern in patterns.iter().map(std::slice::from_ref) {
        let mut split = Vec::with_capacity(kinds.len());
        for mut kind in kinds {
            let mut other = kind.clone();
            if pattern.iter().any(|glob| glob.matches(&kind.text)) {
                kind.inside.push(pattern);
                other.outside.push(pattern);
            } else {
                kind.outside.push(pattern);
                other.inside.push(pattern);
            }
            split.push(kind);
            match search(&other.inside, &other.outside, &mut BUDGET.clone()) {
                Search::Found(text) => split.push(Kind { text, ..other }),
                Search::Empty => {}
                Search::OverBudget => cut_short = true,
            }
        }
        cut_short |= split.len() > MOST_KINDS;
        split.truncate(MOST_KINDS);
        kinds = split;
    }
    (kinds.into_iter().map(|kind| kind.text).collect(), cut_short)
}

#[cfg(test)]
mod tests {
    use super::super::glob::{Reading, Resolved};
    use super::*;
    use crate::iam::{Pattern, Version};

    #[test]
    fn every_kind_has_an_account() {
        let glob = |text: &str| {
            let pattern = Pattern::glob(text, Version::V2012).expect(text);
            Glob::compile(&pattern, Reading::Text, &|_| Resolved::Nothing).expect(text)
        };
        let named = Named::default();
        let (found, cut_short) = accounts(&named, &[glob("4*"), glob("*7"), glob("44*")]);
        assert!(!cut_short);
        let kind = |id: &AccountId| {
            let text = id.to_string();
            (text.starts_with('4'), text.ends_with('7'), text.starts_with("44"))
        };
        let mut kinds: Vec<_> = found.iter().map(kind).collect();
        kinds.sort_unstable();
        let all = [
            (false, false, false),
            (false, true, false),
            (true, false, false),
            (true, false, true),
            (true, true, false),
            (true, true, true),
        ];
        assert_eq!(kinds, all);
        let many: Vec<Glob> = (0..8).map(|digit| glob(&format!("*{digit}*"))).collect();
        assert!(accounts(&named, &many).1);
    }
}
