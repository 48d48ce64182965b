use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::bucket::{bucket, bucket_policy};
use super::declare::{Evaluated, access_point, role};
use super::evaluator::Evaluator;
use super::organization::organization_policy;
use super::parameters::scalar;
use super::remarks::{macros, not_audited};
use super::serverless::{DEPLOYMENT_ROLE, deployment_role, implied_roles};
use super::surroundings::Surroundings;
use super::template::{Resource, Template, transforms};
use crate::ingest::part::Part;
use crate::ingest::request::Deployment;
use crate::ingest::template::{Declared, Defaults, join};
use crate::ingest::unit::Given;
use crate::source::{Node, Placeholders, Value};

/// A template that waits for what others export.
#[derive(Debug)]
pub(in crate::ingest) struct Pending {
    root: Node,
    given: Arc<Given>,
}

/// Reads a template; one that takes what others export waits for them.
pub(in crate::ingest) fn read_template(root: &Node, text: &str, given: &Arc<Given>, part: &mut Part) {
    let exports = BTreeMap::new();
    let surroundings = Surroundings {
        account: given.deployment.account,
        parameters: &given.parameters,
        exports: &exports,
    };
    let root = unroll(root, &surroundings, part);
    let template = Template::new(&root);
    let mut exported = exported(&template, &surroundings, &mut part.placeholders);
    part.exports.append(&mut exported);
    if text.contains("ImportValue") {
        part.pending.push(Pending {
            root: root.into_owned(),
            given: given.clone(),
        });
        return;
    }
    evaluate(&template, &surroundings, &given.deployment, part);
}

/// Reads the templates that waited.
pub(in crate::ingest) fn read_pending(parts: &mut [Part]) {
    if parts.iter().all(|part| part.pending.is_empty()) {
        return;
    }
    let mut exports: BTreeMap<Box<str>, Node> = BTreeMap::new();
    for part in parts.iter_mut() {
        exports.append(&mut part.exports);
    }
    let mut names = Placeholders::default();
    // A template may export what it imports itself.
    for _ in 0..LONGEST_CHAIN {
        let known = exports.clone();
        for pending in parts.iter().flat_map(|part| &part.pending) {
            let surroundings = pending.surroundings(&known);
            exports.append(&mut exported(&Template::new(&pending.root), &surroundings, &mut names));
        }
        if exports == known {
            break;
        }
    }
    for part in parts {
        if !part.pending.is_empty() {
            part.placeholders.merge(names.clone());
        }
        for pending in std::mem::take(&mut part.pending) {
            let surroundings = pending.surroundings(&exports);
            evaluate(
                &Template::new(&pending.root),
                &surroundings,
                &pending.given.deployment,
                part,
            );
        }
    }
}

impl Pending {
    fn surroundings<'p>(&'p self, exports: &'p BTreeMap<Box<str>, Node>) -> Surroundings<'p> {
        Surroundings {
            account: self.given.deployment.account,
            parameters: &self.given.parameters,
            exports,
        }
    }
}

/// The template with its loops written out.
fn unroll<'r>(root: &'r Node, surroundings: &Surroundings<'_>, part: &mut Part) -> Cow<'r, Node> {
    if !transforms(root).any(|(name, _)| name == "AWS::LanguageExtensions") {
        return Cow::Borrowed(root);
    }
    let template = Template::new(root);
    let mut evaluator = Evaluator::new(&template, surroundings);
    let unrolled = evaluator.unrolled(root);
    finish(evaluator, part);
    Cow::Owned(unrolled)
}

/// What a template exports under names that are known.
fn exported(
    template: &Template<'_>,
    surroundings: &Surroundings<'_>,
    names: &mut Placeholders,
) -> BTreeMap<Box<str>, Node> {
    let mut evaluator = Evaluator::new(template, surroundings);
    // Outputs under a condition that is not known are taken to be there.
    evaluator.choices.closed = true;
    let mut exports = BTreeMap::new();
    for output in template.section("Outputs") {
        let name = output.value.get("Export").and_then(|export| export.get("Name"));
        let (Some(name), Some(value)) = (name, output.value.get("Value")) else {
            continue;
        };
        let name = evaluator.value(name);
        let name = name.as_ref().and_then(scalar);
        if let (Some(name), Some(value)) = (name, evaluator.value(value)) {
            exports.insert(name.into(), value);
        }
    }
    names.merge(evaluator.names);
    exports
}

fn evaluate(template: &Template<'_>, surroundings: &Surroundings<'_>, deployment: &Deployment, part: &mut Part) {
    let mut evaluator = Evaluator::new(template, surroundings);
    macros(template, &mut evaluator);
    let defaults = Defaults::of(deployment, &mut evaluator.names);
    let mut declared = Vec::new();
    for resource in template.in_order() {
        if evaluator.is_spent() {
            break;
        }
        for role in implied_roles(template, &resource) {
            let implied = role_of(&role.id, resource);
            let given = role.given;
            declare(
                (implied, Some(&role.properties), given),
                &mut evaluator,
                &mut declared,
                part,
            );
        }
        declare(
            (resource, resource.properties, None),
            &mut evaluator,
            &mut declared,
            part,
        );
    }
    if let Some((properties, span)) = deployment_role(template) {
        let role = Resource {
            id: DEPLOYMENT_ROLE,
            kind: ROLE,
            properties: None,
            condition: None,
            span,
        };
        declare((role, Some(&properties), None), &mut evaluator, &mut declared, part);
    }
    finish(evaluator, part);
    join(declared, defaults, part);
}

fn finish(evaluator: Evaluator<'_>, part: &mut Part) {
    evaluator.said.into_iter().for_each(|said| part.notes.push(said));
    part.placeholders.merge(evaluator.names);
}

/// The role that AWS SAM makes for a resource.
fn role_of<'r>(id: &'r str, resource: Resource<'r>) -> Resource<'r> {
    Resource {
        id,
        kind: ROLE,
        ..resource
    }
}

/// Adds what one resource declares, under each outcome that makes a difference: with these properties, and unless a value takes
/// its place.
fn declare(
    (resource, properties, unless): (Resource<'_>, Option<&Node>, Option<&Node>),
    evaluator: &mut Evaluator<'_>,
    declared: &mut Vec<Declared>,
    part: &mut Part,
) {
    if let Some(what) = not_audited(resource.kind) {
        part.not_audited.push((resource.span, what.to_owned()));
    }
    if !JUDGED.contains(&resource.kind) {
        return;
    }
    let outcomes = evaluator.outcomes(resource.span, |evaluator| {
        if resource
            .condition
            .is_some_and(|condition| evaluator.holds(condition) == Some(false))
        {
            return None;
        }
        if unless.is_some_and(|given| evaluator.value(given).is_some()) {
            return None;
        }
        match properties {
            Some(properties) => evaluator.value(properties),
            None => Some(Node::new(Value::Object(Vec::new()), resource.span)),
        }
    });
    for (when, properties) in outcomes {
        let found = Evaluated {
            resource,
            properties: &properties,
            when,
        };
        let notes = &mut part.notes;
        match resource.kind {
            "AWS::S3::Bucket" => declared.extend(bucket(&found, evaluator, notes)),
            "AWS::S3::BucketPolicy" => declared.extend(bucket_policy(&found, evaluator, notes)),
            "AWS::S3::AccessPoint" => declared.push(access_point(&found, evaluator, notes)),
            ROLE => declared.push(role(&found, evaluator, notes)),
            _ => declared.extend(organization_policy(&found, part)),
        }
    }
}

/// The types of resources that are judged.
const JUDGED: &[&str] = &[
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::S3::AccessPoint",
    ROLE,
    "AWS::Organizations::Policy",
];

const ROLE: &str = "AWS::IAM::Role";

/// Longest way of a value through templates that import and export it.
const LONGEST_CHAIN: usize = 8;
