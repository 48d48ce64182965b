use super::policy::policy;
use super::scenarios::{is_there, scenarios, that_differ};
use crate::iam::PolicyKind;
use crate::ingest::part::Part;
use crate::model::{AccessPoint, When};
use crate::source::{Diagnostic, Node};

/// An access point as a template declares it.
pub(super) struct Point {
    pub point: AccessPoint,
    pub when: Vec<When>,
}

/// The policy of an access point that is declared apart from it.
pub(super) struct PointPolicy {
    /// ARN or name of the access point.
    pub point: Box<str>,
    pub policy: Node,
    pub when: Vec<When>,
}

/// Adds an access point as it is in each scenario that makes a difference.
pub(super) fn access_point(found: &Point, policies: &[PointPolicy], part: &mut Part) {
    let arn = found.point.arn();
    let own: Vec<&PointPolicy> = policies
        .iter()
        .filter(|policy| *policy.point == *arn || *policy.point == *found.point.name)
        .collect();
    let whens = own.iter().map(|policy| policy.when.as_slice());
    // Where there are too many tests, all is there at once, and that it is no answer is told.
    let all = scenarios(std::iter::once(&*found.when).chain(whens)).unwrap_or_else(|_| {
        part.notes.push(too_many(found));
        vec![Vec::new()]
    });
    let mut outcomes = Vec::new();
    for scenario in all.into_iter().filter(|scenario| is_there(&found.when, scenario)) {
        let mut point = found.point.clone();
        let there = own.iter().filter(|policy| is_there(&policy.when, &scenario));
        for (place, found) in there.enumerate() {
            if place > 0 {
                part.notes.push(second_policy(&point, found));
            }
            point.policy = policy(&found.policy, PolicyKind::AccessPoint, &mut part.notes);
        }
        outcomes.push((scenario, point));
    }
    for (when, mut point) in that_differ(outcomes) {
        point.when = when;
        part.access_points.push(point);
    }
}

fn too_many(found: &Point) -> Diagnostic {
    let message = format!(
        "too many tests that are not known decide about the access point `{}`",
        found.point.name
    );
    Diagnostic::error("bucketproof::ingest::too_many_tests", found.point.span, message)
        .with_help("give the values of variables or parameters that the tests are about")
}

fn second_policy(point: &AccessPoint, found: &PointPolicy) -> Diagnostic {
    let message = format!(
        "the access point `{}` is given a second policy: the one that is deployed last replaces the other",
        point.name
    );
    Diagnostic::error("bucketproof::ingest::several_policies", found.policy.span, message)
        .with_help("join the two into one policy")
}
