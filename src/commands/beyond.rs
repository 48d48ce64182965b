use std::collections::BTreeMap;

use super::guard::guarded;
use crate::engine::{Estate, NewAccess, Options, Zone, new_bucket_access, new_role_access};
use crate::ingest::Ingested;
use crate::model::{Bucket, Role, When};
use crate::source::{Diagnostic, Placeholder};

/// What could not be decided about the difference, each a problem.
pub(super) fn undecided(access: &NewAccess) -> impl Iterator<Item = Diagnostic> {
    access.indeterminate.iter().map(|indeterminate| {
        let span = indeterminate.span.unwrap_or(access.resource.span);
        let (arn, reason) = (&access.resource.arn, &indeterminate.reason);
        let message = format!("what is different about `{arn}` cannot all be decided: {reason}");
        Diagnostic::warning("bucketproof::commands::undecided", span, message)
    })
}

/// What the second state gives beyond the first, by resource.
pub(super) fn beyond(
    (before, after): (&Ingested, &Ingested),
    zone: &Zone,
    options: &Options,
    faults: &mut Vec<Diagnostic>,
) -> Vec<NewAccess> {
    beyond_in((before, after), &|_| true, (zone, options), faults)
}

/// The same for the resources of some ARNs.
pub(super) fn beyond_in(
    (before, after): (&Ingested, &Ingested),
    is_asked: &dyn Fn(&str) -> bool,
    (zone, options): (&Zone, &Options),
    faults: &mut Vec<Diagnostic>,
) -> Vec<NewAccess> {
    let (old, new) = (Estate::new(&before.inventory), Estate::new(&after.inventory));
    let mut all = Vec::new();
    let mut add = |found: Result<Vec<NewAccess>, Diagnostic>| match found {
        Ok(found) => all.extend(found),
        Err(fault) => faults.push(fault),
    };
    let bucket = |bucket: &Bucket, of: &Ingested| Identity {
        arn: bucket.arn(),
        path: of.sources.path(bucket.span).to_owned(),
        state: (bucket.account, said(&bucket.when)),
    };
    let was = pairs(
        before.inventory.buckets.iter().map(|one| (bucket(one, before), one)),
        after.inventory.buckets.iter().map(|one| bucket(one, after)),
    );
    let buckets = after.inventory.buckets.iter().zip(was);
    for (bucket, was) in buckets.filter(|(bucket, _)| is_asked(&bucket.arn())) {
        let was = was.map(|was| old.bucket(was));
        add(guarded(
            || format!("compare the bucket `{}`", bucket.name),
            || new_bucket_access(was.as_ref(), &new.bucket(bucket), zone, options),
        ));
    }
    let role = |role: &Role, of: &Ingested| Identity {
        arn: role.arn(),
        path: of.sources.path(role.span).to_owned(),
        state: said(&role.when),
    };
    let was = pairs(
        before.inventory.roles.iter().map(|one| (role(one, before), one)),
        after.inventory.roles.iter().map(|one| role(one, after)),
    );
    let roles = after.inventory.roles.iter().zip(was);
    for (role, was) in roles.filter(|(role, _)| is_asked(&role.arn())) {
        let was = was.map(|was| old.role(was));
        add(guarded(
            || format!("compare the role `{}`", role.name),
            || new_role_access(was.as_ref(), &new.role(role), zone, options),
        ));
    }
    all
}

/// What tells a resource from others. Several may have one ARN: documents of one bucket in several places, or resources of
/// several templates whose names are not known and whose addresses are the same.
struct Identity<S> {
    arn: String,
    path: String,
    state: S,
}

/// A resource of the older state, and whether one of the newer state is it.
struct Older<'b, T, S> {
    identity: Identity<S>,
    resource: &'b T,
    taken: bool,
}

/// For each resource of the newer state the one that it was.
///
/// Of several with one ARN each stands for one: first where the path is the same, then for what has moved. Where none is
/// left, a name that is known names the same thing all the same.
fn pairs<'b, T, S: PartialEq>(
    before: impl Iterator<Item = (Identity<S>, &'b T)>,
    after: impl Iterator<Item = Identity<S>>,
) -> Vec<Option<&'b T>> {
    let mut olds: BTreeMap<String, Vec<Older<'b, T, S>>> = BTreeMap::new();
    for (identity, resource) in before {
        let of_arn = olds.entry(identity.arn.clone()).or_default();
        let taken = false;
        of_arn.push(Older {
            identity,
            resource,
            taken,
        });
    }
    let news: Vec<Identity<S>> = after.collect();
    let mut found: Vec<Option<&'b T>> = news.iter().map(|_| None).collect();
    for (same_path, same_state) in [(true, true), (true, false), (false, true), (false, false)] {
        for (new, was) in news.iter().zip(&mut found).filter(|(_, was)| was.is_none()) {
            let fits =
                |old: &Identity<S>| (!same_path || old.path == new.path) && (!same_state || old.state == new.state);
            let mut of_arn = olds.get_mut(&new.arn).into_iter().flatten();
            if let Some(old) = of_arn.find(|old| !old.taken && fits(&old.identity)) {
                old.taken = true;
                *was = Some(old.resource);
            }
        }
    }
    for (new, was) in news.iter().zip(&mut found).filter(|(_, was)| was.is_none()) {
        let of_arn = olds.get(&new.arn).map(Vec::as_slice).unwrap_or_default();
        // The states of one resource under several outcomes are in one place.
        let is_it = |old: &&Older<'_, T, S>| !Placeholder::is_in(&new.arn) || old.identity.path == new.path;
        let mut fitting = of_arn.iter().filter(is_it);
        let same = fitting.clone().find(|old| old.identity.state == new.state);
        *was = same.or(fitting.next()).map(|old| old.resource);
    }
    found
}

/// The outcomes of tests, wherever these are written.
fn said(when: &[When]) -> Vec<(Box<str>, bool)> {
    when.iter().map(|when| (when.test.clone(), when.holds)).collect()
}
