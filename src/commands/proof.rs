//! What edits do, told by what was judged before and after them.

use std::collections::{BTreeMap, BTreeSet};

use super::attempt::NO_ACCOUNT;
use super::judging::Judged;
use super::repair::{Loss, Round};
use crate::engine::{Decision, Estate, NewAccess, NewGrant, Options, Verdict, decide_bucket, decide_role};
use crate::finding::{Finding, FindingStatus, Grant, Grantee, Matter, ResourceKind};
use crate::fix::Step;
use crate::model::Bucket;
use crate::report::step_in_words;
use crate::source::{Diagnostic, DiagnosticSeverity};

/// The grants of a resource, wherever they are written, and why others cannot be decided.
type Told<'r> = (Vec<Grant>, BTreeSet<&'r str>);

/// The ARNs of resources whose grants are not what they were, wherever these are written.
pub(super) fn changed(first: &Round, second: &Round) -> BTreeSet<String> {
    let mut grants: BTreeMap<&str, [Told<'_>; 2]> = BTreeMap::new();
    for (side, round) in [first, second].into_iter().enumerate() {
        for access in &round.judged.access {
            let of_arn = grants.entry(&access.resource.arn).or_default();
            let told = access.grants.iter().map(|grant| Grant {
                sources: Vec::new(),
                assumed: Vec::new(),
                ..grant.clone()
            });
            if let Some(of_side) = of_arn.get_mut(side) {
                of_side.0.extend(told);
                of_side.1.extend(access.indeterminate.iter().map(|open| &*open.reason));
            }
        }
    }
    let differ = grants.into_iter().filter(|(_, [before, after])| before != after);
    // An object or an access point is decided with its bucket.
    differ.flat_map(|(arn, _)| owners(arn, first)).collect()
}

/// The findings whose steps do not do what they should, with the reason.
pub(super) fn failed(first: &Round, second: &Round, steps: &[Step], gained: &[NewAccess]) -> BTreeMap<usize, String> {
    // Those of a baseline were there before as well.
    let known: BTreeSet<_> = first.findings.iter().map(|finding| &finding.fingerprint).collect();
    let subjects: BTreeSet<_> = first.findings.iter().map(subject).collect();
    let left = by_resource(second);
    let (told_before, told_after) = (told(first), told(second));
    let gaining: BTreeSet<&str> = gained
        .iter()
        .filter(|access| !(access.grants.is_empty() && access.indeterminate.is_empty()))
        .map(|access| &*access.resource.arn)
        .collect();
    let mut failed = BTreeMap::new();
    let broken = broken(&first.judged.diagnostics, &second.judged);
    let sources = &first.judged.ingested.sources;
    let pairs = steps
        .iter()
        .flat_map(|step| step.findings.iter().map(move |place| (step, *place)));
    for (step, place) in pairs {
        let Some(finding) = first.findings.get(place) else {
            continue;
        };
        let arn = &*finding.resource;
        let of_it = || left.get(arn).into_iter().flatten();
        let still = of_it().any(|other| {
            let is_changed = !known.contains(&other.fingerprint) && subject(other) == subject(finding);
            other.fingerprint == finding.fingerprint || is_changed
        });
        let new = of_it().find(|other| {
            // Access that is left was there before, whatever a rule says of it now.
            let is_rest = matches!(other.matter, Matter::Access(_)) && !other.rule.as_str().contains('/');
            let is_access = matches!(other.matter, Matter::Access(_)) && subject(other).3 != NO_ACCOUNT;
            let is_new = !known.contains(&other.fingerprint) && !subjects.contains(&subject(other));
            is_access && is_new && !is_rest && other.severity <= finding.severity
        });
        let is_gone = told_before.contains(arn) && !told_after.contains(arn);
        let gains = gaining.contains(arn);
        let in_broken = || {
            let mut paths = step.edits.iter().map(|edit| sources.path(edit.span));
            paths.any(|path| broken.iter().any(|broken| *broken == path || broken.is_empty()))
        };
        let reason = if !broken.is_empty() && in_broken() {
            "the edited text could not be read again".to_owned()
        } else if is_gone {
            "the edited text no longer declares the resource".to_owned()
        } else if still {
            "it is still found after the edit".to_owned()
        } else if gains {
            "somebody would gain access by the edit".to_owned()
        } else if let Some(new) = new {
            format!("the edit would bring up {}: {}", new.rule, new.message)
        } else {
            continue;
        };
        failed.insert(place, reason);
    }
    failed
}

/// Whether a finding is about what S3 itself said of a policy.
fn is_of_status(finding: &Finding) -> bool {
    matches!(&finding.matter, Matter::Setting(path) if path.contains("policy_status"))
}

/// The buckets of which S3's word on the policy does not fit the edited policy.
pub(super) fn contradicted(first: &Round, second: &Round) -> BTreeSet<String> {
    let before: BTreeSet<_> = first.findings.iter().map(|finding| &finding.fingerprint).collect();
    let new = second.findings.iter().filter(|finding| is_of_status(finding));
    new.filter(|finding| !before.contains(&finding.fingerprint))
        .map(|finding| finding.resource.clone())
        .collect()
}

/// Files with errors that were not there before; an empty path where the error has none.
fn broken(before: &[Diagnostic], second: &Judged) -> BTreeSet<String> {
    let after = &second.diagnostics;
    let is_error = |found: &&Diagnostic| found.severity == DiagnosticSeverity::Error;
    let count = |all: &[Diagnostic], code: &str| all.iter().filter(is_error).filter(|found| found.code == code).count();
    let new = after
        .iter()
        .filter(is_error)
        .filter(|found| count(after, found.code) > count(before, found.code));
    let path = |found: &Diagnostic| match found.span {
        Some(span) => second.ingested.sources.path(span).to_owned(),
        None => found.path.clone().unwrap_or_default(),
    };
    new.map(path).collect()
}

/// What is lost.
pub(super) fn lost(beyond: &[NewAccess], first: &Round) -> Vec<Loss> {
    let declared = declared(first);
    let mut lost: Vec<Loss> = Vec::new();
    for access in beyond {
        let arn = &access.resource.arn;
        for NewGrant { grant, .. } in &access.grants {
            let of_it = declared.get(arn.as_str()).into_iter().flatten();
            lost.push(Loss {
                resource: arn.clone(),
                grant: grant.clone(),
                is_legitimate: !grant.outside_zone || of_it.clone().any(|grantee| **grantee == grant.grantee),
            });
        }
    }
    lost
}

/// Findings for whose sake somebody loses all of an access that was declared intended, of what is lost.
///
/// A setting of the whole account is to blame before one of the resource, and that before an edit of a document.
pub(super) fn spoilers(first: &Round, lost: &[NewAccess], steps: &[Step]) -> BTreeSet<usize> {
    let declared = declared(first);
    let places: BTreeSet<usize> = steps.iter().flat_map(|step| step.findings.clone()).collect();
    let mut blamed = BTreeSet::new();
    for access in lost {
        let arn = &access.resource.arn;
        let of_it = declared.get(arn.as_str()).map(Vec::as_slice).unwrap_or_default();
        let whole = access.grants.iter().filter(|grant| grant.already.is_empty());
        if !whole.into_iter().any(|grant| of_it.contains(&&grant.grant.grantee)) {
            continue;
        }
        let account = access.resource.account.map(|id| format!("arn:aws:iam::{id}:root"));
        let owners = owners(arn, first);
        let rank = |finding: &Finding| match &finding.matter {
            _ if account.as_ref() == Some(&finding.resource) => Some(0),
            Matter::Setting(path) if owners.contains(&finding.resource) && !path.contains("transport") => Some(1),
            Matter::Setting(_) | Matter::Access(_) if owners.contains(&finding.resource) => Some(2),
            Matter::Setting(_) | Matter::Access(_) => None,
        };
        let ranked = places
            .iter()
            .filter_map(|place| Some((rank(first.findings.get(*place)?)?, *place)));
        let ranked: BTreeSet<(u8, usize)> = ranked.collect();
        let worst = ranked.first().map(|(rank, _)| *rank);
        let to_blame = ranked.iter().filter(|(rank, _)| Some(*rank) == worst);
        blamed.extend(to_blame.map(|(_, place)| *place));
    }
    blamed
}

/// The grantees of whom somebody declared the access intended, by resource.
pub(super) fn declared(first: &Round) -> BTreeMap<&str, Vec<&Grantee>> {
    let access = first.judged.access.iter();
    let access: BTreeMap<&str, _> = access.map(|access| (&*access.resource.arn, access)).collect();
    let mut declared: BTreeMap<&str, Vec<&Grantee>> = BTreeMap::new();
    let intended = |finding: &&Finding| matches!(finding.status, FindingStatus::Intended(_));
    for finding in first.findings.iter().filter(intended) {
        let of_it = access.get(&*finding.resource);
        let grant = of_it.and_then(|access| access.grants.get(finding.grant?));
        let grantees = declared.entry(&finding.resource).or_default();
        grantees.extend(grant.map(|grant| &grant.grantee));
    }
    declared
}

/// What the edited text makes of the witnesses of findings, in words.
///
/// The witness of a grant may be one of those who are meant, such as a caller with the audience that is required from now on.
pub(super) fn witnesses(
    first: &Round,
    second: &Round,
    places: &BTreeSet<usize>,
    options: &Options,
) -> BTreeMap<usize, String> {
    let inventory = &second.judged.ingested.inventory;
    let estate = Estate::new(inventory);
    let buckets = inventory.buckets.iter();
    let buckets: BTreeMap<String, &Bucket> = buckets.map(|bucket| (bucket.arn(), bucket)).collect();
    let decide = |finding: &Finding| {
        let witness = finding.witness.as_ref()?;
        let bucket = owners(&finding.resource, second)
            .into_iter()
            .find_map(|arn| buckets.get(&arn));
        if let Some(bucket) = bucket {
            return Some(decide_bucket(witness, &estate.bucket(bucket), options));
        }
        let role = inventory.roles.iter().find(|role| role.arn() == finding.resource)?;
        Some(decide_role(witness, &estate.role(role), options))
    };
    let findings = places
        .iter()
        .filter_map(|place| Some((*place, first.findings.get(*place)?)));
    findings
        .filter_map(|(place, finding)| Some((place, in_words(&decide(finding)?, second))))
        .collect()
}

fn in_words(decision: &Decision, second: &Round) -> String {
    let sources = &second.judged.ingested.sources;
    let by = decision.deciding().map(|step| step_in_words(step, sources));
    match decision.verdict {
        Verdict::Denied => format!("proved: its request is refused now: {}", by.unwrap_or_default()),
        Verdict::Allowed => "its request is one of those that the edit leaves, and is still let through".into(),
        Verdict::Unknown => "whether its request is refused now cannot be decided".into(),
    }
}

/// What a finding is about, whatever the conditions.
fn subject(finding: &Finding) -> (&str, &str, &str, &str) {
    let (kind, id) = match &finding.matter {
        Matter::Setting(path) => (path.as_str(), ""),
        Matter::Access(given) => (given.grantee.0.as_str(), given.grantee.1.as_deref().unwrap_or_default()),
    };
    (finding.rule.as_str(), &finding.resource, kind, id)
}

/// Findings that count, by resource.
fn by_resource(round: &Round) -> BTreeMap<&str, Vec<&Finding>> {
    let mut all: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in round.findings.iter().filter(|finding| finding.status.counts()) {
        all.entry(&finding.resource).or_default().push(finding);
    }
    all
}

/// The ARNs of resources that are told of; an object whose ACL gives nothing is not.
fn told(round: &Round) -> BTreeSet<&str> {
    let access = round.judged.access.iter();
    let lasting = access.filter(|access| access.resource.kind != ResourceKind::Object);
    lasting.map(|access| &*access.resource.arn).collect()
}

/// The ARN of a resource, and that of the bucket that it is decided with.
fn owners(arn: &str, round: &Round) -> Vec<String> {
    let inventory = &round.judged.ingested.inventory;
    let bucket = match arn.split_once(":accesspoint/") {
        Some((_, point)) => {
            let points = inventory.access_points.iter().filter(|known| *known.name == *point);
            let named: BTreeSet<&str> = points.map(|point| &*point.bucket).collect();
            let buckets = inventory.buckets.iter().filter(|bucket| named.contains(&*bucket.name));
            buckets.map(Bucket::arn).collect()
        }
        None => arn
            .split_once('/')
            .filter(|_| arn.contains(":s3:::"))
            .map(|(bucket, _)| bucket.to_owned())
            .into_iter()
            .collect::<Vec<_>>(),
    };
    bucket.into_iter().chain([arn.to_owned()]).collect()
}
