use std::collections::BTreeMap;

use super::guard::guarded;
use crate::engine::{Estate, NewAccess, Options, Zone, new_bucket_access, new_role_access};
use crate::model::{Bucket, Inventory, Role, When};
use crate::source::Diagnostic;

/// What could not be decided about the difference, each a problem.
pub(super) fn undecided(access: &NewAccess) -> impl Iterator<Item = Diagnostic> {
    access.indeterminate.iter().map(|indeterminate| {
        let span = indeterminate.span.unwrap_or(access.resource.span);
        let (arn, reason) = (&access.resource.arn, &indeterminate.reason);
        let message = format!("what is different about `{arn}` cannot all be decided: {reason}");
        Diagnostic::warning("bucketproof::commands::undecided", span, message)
    })
}

/// Whether the same tests have the same outcomes.
fn same_outcomes(a: &[When], b: &[When]) -> bool {
    let said = |when: &[When]| -> Vec<_> { when.iter().map(|when| (when.test.clone(), when.holds)).collect() };
    said(a) == said(b)
}

/// What the second state gives beyond the first, by resource.
pub(super) fn beyond(
    (before, after): (&Inventory, &Inventory),
    zone: &Zone,
    options: &Options,
    faults: &mut Vec<Diagnostic>,
) -> Vec<NewAccess> {
    let (old, new) = (Estate::new(before), Estate::new(after));
    // Names are given once in a partition, but what was exported long ago may know another owner.
    let mut buckets: BTreeMap<String, Vec<&Bucket>> = BTreeMap::new();
    for bucket in &before.buckets {
        buckets.entry(bucket.arn()).or_default().push(bucket);
    }
    let mut roles: BTreeMap<String, Vec<&Role>> = BTreeMap::new();
    for role in &before.roles {
        roles.entry(role.arn()).or_default().push(role);
    }
    let mut all = Vec::new();
    let mut add = |found: Result<Vec<NewAccess>, Diagnostic>| match found {
        Ok(found) => all.extend(found),
        Err(fault) => faults.push(fault),
    };
    for bucket in &after.buckets {
        let named = buckets.get(&bucket.arn()).map(Vec::as_slice).unwrap_or_default();
        let of_account = || named.iter().filter(|was| was.account == bucket.account);
        let same = of_account().find(|was| same_outcomes(&was.when, &bucket.when));
        let was = same
            .or(of_account().next())
            .or(named.first())
            .map(|was| old.bucket(was));
        add(guarded(
            || format!("compare the bucket `{}`", bucket.name),
            || new_bucket_access(was.as_ref(), &new.bucket(bucket), zone, options),
        ));
    }
    for role in &after.roles {
        let named = roles.get(&role.arn()).map(Vec::as_slice).unwrap_or_default();
        let same = named.iter().find(|was| same_outcomes(&was.when, &role.when));
        let was = same.or(named.first()).map(|was| old.role(was));
        add(guarded(
            || format!("compare the role `{}`", role.name),
            || new_role_access(was.as_ref(), &new.role(role), zone, options),
        ));
    }
    all
}
