use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::bucket::{bucket, bucket_policy};
use super::declare::{Evaluated, access_point, role};
use super::evaluator::Evaluator;
use super::parameters::scalar;
use super::serverless::implied_role;
use super::surroundings::Surroundings;
use super::template::{Resource, Template, transforms};
use crate::iam::PolicyKind;
use crate::ingest::part::Part;
use crate::ingest::request::Deployment;
use crate::ingest::template::{Declared, Defaults, What, join};
use crate::ingest::unit::Given;
use crate::model::{Organization, OrganizationPolicy, Setting, Target};
use crate::source::{Diagnostic, Node, Span, Value};

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
    part.exports.append(&mut exported(&template, &surroundings));
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
    // A template may export what it imports itself.
    for _ in 0..LONGEST_CHAIN {
        let known = exports.clone();
        for pending in parts.iter().flat_map(|part| &part.pending) {
            let surroundings = pending.surroundings(&known);
            exports.append(&mut exported(&Template::new(&pending.root), &surroundings));
        }
        if exports == known {
            break;
        }
    }
    for part in parts {
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
fn exported(template: &Template<'_>, surroundings: &Surroundings<'_>) -> BTreeMap<Box<str>, Node> {
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
        if let Some(properties) = implied_role(template, &resource) {
            let id = format!("{}Role", resource.id);
            let implied = Resource {
                id: &id,
                kind: "AWS::IAM::Role",
                ..resource
            };
            declare(implied, Some(&properties), &mut evaluator, &mut declared, part);
        }
        declare(resource, resource.properties, &mut evaluator, &mut declared, part);
    }
    finish(evaluator, part);
    join(declared, defaults, part);
}

fn finish(evaluator: Evaluator<'_>, part: &mut Part) {
    evaluator.said.into_iter().for_each(|said| part.notes.push(said));
    part.placeholders.merge(evaluator.names);
}

/// Adds what one resource declares, under each outcome that makes a difference.
fn declare(
    resource: Resource<'_>,
    properties: Option<&Node>,
    evaluator: &mut Evaluator<'_>,
    declared: &mut Vec<Declared>,
    part: &mut Part,
) {
    match resource.kind {
        "AWS::S3::Bucket"
        | "AWS::S3::BucketPolicy"
        | "AWS::S3::AccessPoint"
        | "AWS::IAM::Role"
        | "AWS::Organizations::Policy" => {}
        kind => {
            if let Some(what) = not_audited(kind) {
                part.not_audited.push((resource.span, what.to_owned()));
            }
            return;
        }
    }
    let outcomes = evaluator.outcomes(resource.span, |evaluator| {
        if resource
            .condition
            .is_some_and(|condition| evaluator.holds(condition) == Some(false))
        {
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
            "AWS::IAM::Role" => declared.push(role(&found, evaluator, notes)),
            _ => declared.extend(organization_policy(&found, part)),
        }
    }
}

/// `AWS::Organizations::Policy`: resource control policies; the others say nothing about resources.
fn organization_policy(found: &Evaluated<'_>, part: &mut Part) -> Option<Declared> {
    if found.text("Type") != Some("RESOURCE_CONTROL_POLICY") {
        let what = "a policy of the organization that says nothing about resources";
        part.not_audited.push((found.resource.span, what.to_owned()));
        return None;
    }
    let content = found.properties.get("Content")?;
    let mut organization = Organization::default();
    let targets = found.properties.get("TargetIds").map(Node::items).unwrap_or_default();
    let target = |node: &Node| {
        let text = scalar(node)?;
        match text.parse() {
            Ok(account) => Some(Target::Account(account)),
            Err(_) if text.starts_with("r-") => Some(Target::Root),
            Err(_) => Some(Target::Unit(text.into())),
        }
    };
    match crate::ingest::template::policy(content, PolicyKind::ResourceControl, &mut part.notes) {
        Setting::Set(document) => organization.resource_control_policies.push(OrganizationPolicy {
            name: found.text("Name").unwrap_or(found.resource.id).into(),
            content: document.value,
            targets: Some(targets.iter().filter_map(target).collect()),
            span: document.span,
        }),
        Setting::Unknown(unknown) => organization.unknown.push(unknown),
        Setting::Absent => return None,
    }
    Some(found.declares(What::Organization(organization)))
}

/// Macros of the whole template can change anything.
fn macros(template: &Template<'_>, evaluator: &mut Evaluator<'_>) {
    for (name, span) in template.transforms() {
        let known = name.starts_with("AWS::Serverless") || KNOWN_TRANSFORMS.contains(&name);
        if !known {
            macro_note(name, span, evaluator);
        }
    }
    for resource in template.resources.values() {
        if resource.kind == "AWS::CloudFormation::Stack" {
            let message = "the nested stack is not followed: its template is read on its own, without these parameters";
            let note = Diagnostic::new(
                crate::source::DiagnosticSeverity::Note,
                "bucketproof::ingest::nested_stack",
                message,
            );
            let note = note
                .at(resource.span)
                .with_help("name its template as an input too, with `--parameters FILE`");
            evaluator.said.insert(note);
        }
    }
}

fn macro_note(name: &str, span: Span, evaluator: &mut Evaluator<'_>) {
    let message = format!(
        "the macro `{}` may change the template: it is read as it is written",
        super::evaluator::short(name)
    );
    let help = "read the processed template: `aws cloudformation get-template --template-stage Processed`";
    evaluator.say("bucketproof::ingest::macro", span, &message, help);
}

/// What is recognised and not judged.
fn not_audited(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::S3::MultiRegionAccessPoint" | "AWS::S3::MultiRegionAccessPointPolicy" => "a multi-Region access point",
        "AWS::S3ObjectLambda::AccessPoint" | "AWS::S3ObjectLambda::AccessPointPolicy" => {
            "an Object Lambda access point"
        }
        "AWS::S3Express::DirectoryBucket" | "AWS::S3Express::BucketPolicy" => "a directory bucket",
        "AWS::S3::AccessGrant" | "AWS::S3::AccessGrantsInstance" | "AWS::S3::AccessGrantsLocation" => {
            "a part of S3 Access Grants"
        }
        "AWS::S3Outposts::Bucket" | "AWS::S3Outposts::BucketPolicy" | "AWS::S3Outposts::AccessPoint" => {
            "a part of S3 on Outposts"
        }
        "AWS::S3Tables::TableBucket" | "AWS::S3Tables::TableBucketPolicy" => "a table bucket",
        "AWS::CloudFormation::StackSet" => "a stack set, whose template is deployed in other accounts",
        _ => return None,
    })
}

const KNOWN_TRANSFORMS: &[&str] = &[
    "AWS::LanguageExtensions",
    "AWS::CodeDeployBlueGreen",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
];

/// Longest way of a value through templates that import and export it.
const LONGEST_CHAIN: usize = 8;
