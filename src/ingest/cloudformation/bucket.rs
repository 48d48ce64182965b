use super::declare::{Evaluated, settle, tag_set};
use super::evaluator::Evaluator;
use crate::ingest::document::View;
use crate::ingest::lifecycle::lifecycle;
use crate::ingest::notes::{Notes, Wrong};
use crate::ingest::settings::{encryption, four_settings, ownership, versioning, website};
use crate::ingest::template::{Declared, Piece, What, not_deployed, placeholder_in};
use crate::model::{CannedAcl, Encryption, Lifecycle, Setting};
use crate::source::{Member, Node, Placeholder, Span, UnknownReason, Value};

/// `AWS::S3::Bucket` [FMT-71].
pub(super) fn bucket(found: &Evaluated<'_>, evaluator: &mut Evaluator<'_>, notes: &mut Notes) -> Vec<Declared> {
    let properties = found.properties;
    let name: Box<str> = match found.text("BucketName") {
        Some(name) => name.into(),
        None => evaluator.identity(found.resource.id, found.resource.span).into(),
    };
    let bucket = What::Bucket {
        name: name.clone(),
        region: None,
        is_new: true,
    };
    let mut declared = vec![found.declares(bucket)];
    for member in properties.members() {
        let node = &member.value;
        let piece = match &*member.key {
            "AccessControl" => canned(node, notes),
            "PublicAccessBlockConfiguration" => Some(Piece::Block(settle(node, notes, four_settings))),
            "OwnershipControls" => {
                let wrapped = within("OwnershipControls", node);
                Some(Piece::Ownership(settle(&wrapped, notes, ownership)))
            }
            "Tags" => Some(Piece::Tags(tag_set(Some(node), notes))),
            "VersioningConfiguration" => Some(Piece::Versioning(settle(node, notes, versioning))),
            "BucketEncryption" => Some(Piece::Encryption(encrypted(node, notes))),
            "LifecycleConfiguration" => Some(Piece::Lifecycle(lifecycles(node, notes))),
            "LoggingConfiguration" => Some(Piece::Logging(logging(node, &name))),
            "ObjectLockEnabled" => Some(Piece::ObjectLock(settle(node, notes, switch))),
            "WebsiteConfiguration" => Some(Piece::Website(
                website(View::new(&crate::source::Text::new(node.span.file, ""), node))
                    .unwrap_or(Setting::set(true, node.span)),
            )),
            _ => None,
        };
        declared.extend(piece.map(|piece| found.declares_at(node, What::of_bucket(&name, piece))));
    }
    declared
}

/// `AWS::S3::BucketPolicy` [FMT-73].
pub(super) fn bucket_policy(
    found: &Evaluated<'_>,
    evaluator: &mut Evaluator<'_>,
    notes: &mut Notes,
) -> Option<Declared> {
    let properties = found.properties;
    let Some(bucket) = found.text("Bucket") else {
        notes.not_a_property(Wrong::at(
            found.resource.span,
            "the bucket policy does not say which bucket it is for",
        ));
        return None;
    };
    meant_reference(bucket, found, evaluator);
    let document = properties.get("PolicyDocument").cloned().unwrap_or_default();
    let what = What::of_bucket(bucket, Piece::Policy(document));
    Some(found.declares(what))
}

/// Says so where a name is a logical id of this template: the bucket of that name is somebody else's.
fn meant_reference(bucket: &str, found: &Evaluated<'_>, evaluator: &mut Evaluator<'_>) {
    let resource = evaluator.template.resources.get(bucket).copied();
    let Some(resource) = resource.filter(|resource| resource.kind == "AWS::S3::Bucket") else {
        return;
    };
    if evaluator.own_name(&resource, resource.span) != bucket {
        let span = found
            .properties
            .get("Bucket")
            .map_or(found.resource.span, |node| node.span);
        let message =
            format!("this is the bucket with the name `{bucket}`, not the resource `{bucket}` of the template");
        let help = format!("write `!Ref {bucket}` if the resource is meant");
        evaluator.say("bucketproof::ingest::name_not_reference", span, &message, &help);
    }
}

/// A predefined ACL.
fn canned(node: &Node, notes: &mut Notes) -> Option<Piece> {
    let text = node.as_str().unwrap_or_default();
    if let Some(canned) = CannedAcl::from_name(text) {
        return Some(Piece::Canned(canned));
    }
    if Placeholder::is_in(text) {
        return Some(Piece::Acl(not_deployed(node)));
    }
    if node.is_null() || text.is_empty() {
        return None;
    }
    notes.not_a_property(Wrong::at(node.span, format!("`{text}` is no predefined ACL")));
    Some(Piece::Acl(Setting::unknown(UnknownReason::Invalid, Some(node.span))))
}

/// The encryption as the API writes it: the list has another name there. Which key it is need not be known.
fn encrypted(node: &Node, notes: &mut Notes) -> Setting<Encryption> {
    let Some(rules) = node.get("ServerSideEncryptionConfiguration").cloned() else {
        return placeholder_in(node).map_or(Setting::Absent, not_deployed);
    };
    let mut rules = within("Rules", &rules);
    if let Value::Object(members) = &mut rules.value {
        members.iter_mut().for_each(|member| by_default(&mut member.value));
    }
    let wrapped = within("ServerSideEncryptionConfiguration", &rules);
    let text = crate::source::Text::new(node.span.file, "");
    match encryption(View::new(&text, &wrapped)) {
        Ok(Setting::Set(found)) if !Placeholder::is_in(&found.value.algorithm) => Setting::Set(found),
        Ok(_) | Err(_) => settle(&wrapped, notes, encryption),
    }
}

fn by_default(rules: &mut Node) {
    let Value::Array(rules) = &mut rules.value else {
        return;
    };
    for rule in rules {
        let Value::Object(members) = &mut rule.value else {
            continue;
        };
        for member in members
            .iter_mut()
            .filter(|member| &*member.key == "ServerSideEncryptionByDefault")
        {
            member.key = "ApplyServerSideEncryptionByDefault".into();
        }
    }
}

/// A value as the only member of an object.
fn within(name: &str, node: &Node) -> Node {
    let member = Member {
        key: name.into(),
        key_span: Span {
            end: node.span.start,
            ..node.span
        },
        value: node.clone(),
    };
    Node::new(Value::Object(vec![member]), node.span)
}

/// Where the logs go; without a destination into the bucket itself.
fn logging(node: &Node, own_name: &str) -> Setting<Box<str>> {
    if node.as_str().is_some_and(Placeholder::is_in) {
        return not_deployed(node);
    }
    let target = node.get("DestinationBucketName").filter(|target| !target.is_null());
    let name = target.map_or(Some(own_name), Node::as_str);
    name.map_or_else(
        || Setting::unknown(UnknownReason::Invalid, Some(node.span)),
        |name| Setting::set(name.into(), target.unwrap_or(node).span),
    )
}

/// The rules, of which a placeholder hides only what it stands for.
fn lifecycles(node: &Node, notes: &mut Notes) -> Setting<Lifecycle> {
    if node.as_str().is_some_and(Placeholder::is_in) {
        return not_deployed(node);
    }
    lifecycle(View::new(&crate::source::Text::new(node.span.file, ""), node)).unwrap_or_else(|wrong| {
        notes.not_a_property(wrong);
        Setting::unknown(UnknownReason::Invalid, Some(node.span))
    })
}

fn switch(view: View<'_>) -> Result<Setting<bool>, Wrong> {
    crate::ingest::settings::boolean(view).map(|on| Setting::set(on, view.span()))
}
