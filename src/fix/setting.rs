//! Settings that are off: how they are switched on in each kind of file.

use std::collections::BTreeSet;

use super::acl;
use super::document::{Document, Syntax, range_of};
use super::edit::Edit;
use super::hcl::{is_block, labels};
use super::plan::{Named, State, Step, is_cloudformation};
use super::shape::{Argument, Shape, shapes, written as written_arguments};
use super::tls;
use super::value::New;
use crate::finding::Finding;
use crate::model::Bucket;
use crate::source::{Member, Node, Span};

/// What switches a setting on that a finding is about.
///
/// # Errors
/// The reason, where there is no such edit.
pub(super) fn step(named: Named<'_, '_>, finding: &Finding, path: &str, tried: usize) -> Result<Step, String> {
    let name = path.rsplit(['\'', '"']).nth(1).unwrap_or_default();
    let (state, inventory) = (named.state, named.state.inventory);
    let bucket = named.buckets.get(&finding.resource).copied();
    if let (Some(bucket), "transport") = (bucket, name) {
        return tls::step(named, bucket);
    }
    let shapes = shapes(name);
    let Some(shape) = shapes.get(tried) else {
        return Err(match shapes.is_empty() {
            true => "it needs a decision that no edit can take".into(),
            false => "no edit that was tried closes it".into(),
        });
    };
    if let Some(bucket) = bucket {
        let unset = match shape.property {
            "OwnershipControls" => acl::unset(state, bucket)?,
            _ => Vec::new(),
        };
        let mut step = of_bucket(named, bucket, finding, shape).ok_or_else(|| NOT_EDITABLE.to_owned())?;
        if step.edits.iter().any(|edit| is_computed(state, edit)) {
            return Err(COMPUTED.into());
        }
        if !unset.is_empty() {
            step.what
                .insert("take `aws_s3_bucket_acl` out: no ACL can be set then".into());
        }
        step.edits.extend(unset);
        return Ok(step);
    }
    let account = inventory.accounts.iter().find(|account| {
        account
            .id
            .is_some_and(|id| finding.resource == format!("arn:aws:iam::{id}:root"))
    });
    let Some((account, file)) = account.zip(shape.account_file) else {
        return Err("it cannot be changed after it was made, or not by this file".into());
    };
    let set = account.public_access_block.span();
    let at = set.unwrap_or(finding.locations.primary.span);
    if let Some(document) = open(state, at).filter(|document| document.syntax == Syntax::Hcl) {
        let declared = resource(&document, at).filter(|(_, kind, _)| kind == "aws_s3_account_public_access_block");
        let edits = declared.map(|(block, _, _)| blocks(&document, block, false, &shape.arguments));
        let kept = edits.filter(|edits| !edits.iter().any(|edit| is_computed(state, edit)));
        return kept
            .map(|edits| done(&shape.what, edits))
            .ok_or_else(|| NOT_EDITABLE.to_owned());
    }
    let base = inventory.buckets.iter().find_map(|bucket| {
        let owned = bucket.account == account.id;
        owned.then(|| folder(state, bucket)).flatten()
    });
    let base = base.map(|folder| folder.split("/s3/").next().unwrap_or_default().to_owned());
    let base = base.or_else(|| {
        let path = state.sources.path(account.span);
        path.rsplit_once('/').map(|(folder, _)| folder.to_owned())
    });
    snapshot(
        named,
        set,
        &format!("{}/{file}", base.unwrap_or_default()),
        shape,
        &shape.json,
    )
    .ok_or_else(|| NOT_EDITABLE.to_owned())
}

/// Whether an edit would write over what an expression makes: others may want what it says.
fn is_computed(state: State<'_>, edit: &Edit) -> bool {
    let file = state.sources.file(edit.span.file);
    let written = file.map(|file| file.slice(edit.span)).unwrap_or_default();
    let is_word = |char: char| char.is_alphabetic();
    let path = state.sources.path(edit.span);
    let is_hcl = path.ends_with(".tf") || path.ends_with(".tofu");
    let intrinsics = ["!If", "!Ref", "!Sub", "!FindInMap", "!Select", "Fn::", "\"Ref\"", "${"];
    let computes = |text: &str| intrinsics.iter().any(|name| text.contains(name));
    let is_name = written.starts_with(is_word) && !["true", "false", "null"].contains(&written);
    computes(written) || is_hcl && is_name
}

/// One step that does this.
pub(super) fn done(what: &str, edits: Vec<Edit>) -> Step {
    Step {
        findings: BTreeSet::new(),
        what: BTreeSet::from([what.to_owned()]),
        edits,
        added: Vec::new(),
        needs_input: false,
    }
}

fn of_bucket(named: Named<'_, '_>, bucket: &Bucket, finding: &Finding, shape: &Shape) -> Option<Step> {
    let state = named.state;
    let document = open(state, bucket.span);
    let mut step = match &document {
        Some(document) if document.syntax == Syntax::Hcl => terraform(state, bucket, finding, shape, document)?,
        Some(document) if is_cloudformation(document) => {
            let properties = properties(document, bucket.span)?;
            let mut edits = Vec::new();
            let property = New::one(shape.property, shape.template.clone());
            merge(document, properties, (&property, shape.is_one_of_many), &mut edits);
            done(&shape.what, edits)
        }
        // The first file of a bucket in a snapshot may hold nothing but an error of AWS.
        Some(_) | None => {
            let folder = folder(state, bucket)?;
            let path = format!("{folder}/{}", shape.bucket_file);
            snapshot(named, set_at(bucket, shape), &path, shape, &shape.json)?
        }
    };
    step.needs_input = shape.needs_input;
    Some(step)
}

/// Where the input has the setting already.
fn set_at(bucket: &Bucket, shape: &Shape) -> Option<Span> {
    match shape.property {
        "PublicAccessBlockConfiguration" => bucket.public_access_block.span(),
        "OwnershipControls" => bucket.ownership.span(),
        "VersioningConfiguration" => bucket.versioning.span(),
        "LifecycleConfiguration" => bucket.lifecycle.span(),
        "BucketEncryption" => bucket.encryption.span(),
        _ => None,
    }
}

/// The tree of the whole file that a place lies in.
pub(super) fn open(state: State<'_>, span: Span) -> Option<Document> {
    Document::of_file(span.file, state.sources.file(span.file)?)
}

/// The folder of a bucket in a snapshot.
pub(super) fn folder(state: State<'_>, bucket: &Bucket) -> Option<String> {
    let spans = [
        bucket.policy.span(),
        bucket.acl.span(),
        bucket.public_access_block.span(),
        bucket.ownership.span(),
        Some(bucket.span),
    ];
    let inside = format!("/s3/{}/", bucket.name);
    let paths = spans
        .into_iter()
        .flatten()
        .map(|span| format!("/{}", state.sources.path(span)));
    let mut folders = paths.filter_map(|path| {
        let at = path.find(&inside)?;
        path.get(1..at + inside.len() - 1).map(str::to_owned)
    });
    folders.next().or_else(|| {
        let path = state.sources.path(bucket.span);
        path.strip_suffix("s3/buckets.json")
            .map(|base| format!("{base}s3/{}", bucket.name))
    })
}

/// Writes a setting into its file of a snapshot.
pub(super) fn snapshot(named: Named<'_, '_>, set: Option<Span>, path: &str, shape: &Shape, json: &New) -> Option<Step> {
    let state = named.state;
    let known = set.filter(|span| state.sources.path(*span) == path);
    let Some(span) = known else {
        return written(named, path, &shape.what, json);
    };
    let document = open(state, span)?;
    let mut edits = Vec::new();
    merge(&document, &document.root, (json, shape.is_one_of_many), &mut edits);
    Some(done(&shape.what, edits))
}

/// Writes a file of a snapshot that is not there, or that holds nothing but AWS's answer that there is no such setting.
pub(super) fn written(named: Named<'_, '_>, path: &str, what: &str, json: &New) -> Option<Step> {
    let text = format!("{}\n", super::shape::pretty(json));
    let mut step = done(what, Vec::new());
    let known = named.files.get(path).copied();
    match known.and_then(|id| Some((id, named.state.sources.file(id)?))) {
        Some((id, file)) if !file.text().is_empty() => step.edits.push(Edit {
            span: Span::new(id, 0, file.text().len()),
            text,
        }),
        // The text of a file that nothing speaks of is not kept.
        Some(_) | None => step.added.push((path.to_owned(), text)),
    }
    Some(step)
}

/// Sets what an object must say, and leaves what it says besides; what is one of many joins the others.
fn merge(document: &Document, node: &Node, (new, joins): (&New, bool), edits: &mut Vec<Edit>) {
    let New::Object(members) = new else { return };
    for (key, value) in members {
        match (node.members().iter().find(|member| *member.key == **key), value) {
            (Some(known), New::Object(_)) if known.value.is_object() => {
                merge(document, &known.value, (value, joins), edits);
            }
            (Some(known), New::List(items)) if joins && known.value.is_array() => {
                edits.extend(items.iter().flat_map(|item| document.add_item(&known.value, item)));
            }
            (Some(known), _) if says(&known.value, value) => {}
            (Some(known), _) => edits.push(document.set(known, value)),
            (None, _) => edits.extend(document.add_member(node, key, value)),
        }
    }
}

fn says(node: &Node, new: &New) -> bool {
    match new {
        New::Bool(value) => node.as_bool() == Some(*value),
        New::Text(text) => node.as_str() == Some(text.as_str()),
        New::Number(_) | New::Sub(_) | New::Ref(_) | New::Code(_) | New::List(_) | New::Object(_) => false,
    }
}

/// The resource of a template that a place lies in.
pub(super) fn declared(document: &Document, span: Span) -> Option<&Member> {
    let resources = document.root.get("Resources")?;
    resources.members().iter().find(|member| {
        let own = document.span(member.key_span.range().start..range_of(&member.value).end);
        own.start <= span.start && span.end <= own.end
    })
}

/// The properties of the resource of a template that a place lies in.
fn properties(document: &Document, span: Span) -> Option<&Node> {
    let properties = declared(document, span)?.value.get("Properties");
    properties.filter(|properties| properties.is_object())
}

/// The block of a resource that a place lies in, with its type and name.
pub(super) fn resource(document: &Document, span: Span) -> Option<(&Node, String, String)> {
    let member = document.root.members().iter().find(|member| {
        let own = document.span(range_of(&member.value));
        own.start <= span.start && span.end <= own.end
    })?;
    match labels(member).as_slice() {
        ["resource", kind, name] => Some((&member.value, (*kind).to_owned(), (*name).to_owned())),
        _ => None,
    }
}

/// A name for a new resource of this type: another one of the folder may be called as the bucket is.
pub(super) fn label(state: State<'_>, beside: Span, kind: &str, name: &str) -> String {
    let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let own = folder(state.sources.path(beside));
    let declared = format!("resource \"{kind}\" \"{name}\"");
    let mut files = state.sources.iter().filter(|(_, file)| folder(file.path()) == own);
    match files.any(|(_, file)| file.text().contains(&declared)) {
        true => format!("{name}_bucket"),
        false => name.to_owned(),
    }
}

fn terraform(state: State<'_>, bucket: &Bucket, finding: &Finding, shape: &Shape, document: &Document) -> Option<Step> {
    let set = set_at(bucket, shape).or(Some(finding.locations.primary.span));
    if let Some(span) = set.filter(|span| *span != bucket.span)
        && let Some(other) = open(state, span)
        && let Some((block, kind, _)) = resource(&other, span)
        && kind == shape.resource
    {
        return Some(done(
            &shape.what,
            blocks(&other, block, shape.is_one_of_many, &shape.arguments),
        ));
    }
    let (block, kind, name) = resource(document, bucket.span)?;
    if kind != "aws_s3_bucket" || block.get("count").is_some() || block.get("for_each").is_some() {
        return None;
    }
    let style = document.style();
    let end = range_of(block).end;
    let label = label(state, bucket.span, shape.resource, &name);
    let mut lines = vec![format!("resource \"{}\" \"{label}\" {{", shape.resource)];
    lines.push(format!("{}bucket = aws_s3_bucket.{name}.id", style.unit));
    lines.push(String::new());
    lines.extend(written_arguments(&shape.arguments, &style.unit, &style.unit));
    lines.push("}".into());
    let newline = style.newline;
    let text = format!("{newline}{newline}{}", lines.join(newline));
    Some(done(&shape.what, vec![document.splice(end..end, &text)]))
}

/// Sets arguments of a block; a block in it that is not there, or that is one of many, is added.
fn blocks(document: &Document, block: &Node, joins: bool, arguments: &[Argument]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for argument in arguments {
        match argument {
            Argument::Value(name, value) => match block.members().iter().find(|member| *member.key == **name) {
                Some(known) if says(&known.value, value) => {}
                Some(known) => edits.push(document.set(known, value)),
                None => edits.extend(document.add_member(block, name, value)),
            },
            Argument::Block(name, inner) => {
                let known = block
                    .members()
                    .iter()
                    .find(|member| *member.key == **name && is_block(&member.value));
                match known.filter(|_| !joins) {
                    Some(known) => edits.extend(blocks(document, &known.value, joins, inner)),
                    None => {
                        let style = document.style();
                        let indent = format!("{}{}", document.indent_at(range_of(block).start), style.unit);
                        let lines = argument.lines(&indent, &style.unit).join(style.newline);
                        edits.extend(document.add_text(block, &format!("{}{lines}", style.newline)));
                    }
                }
            }
        }
    }
    edits
}

const COMPUTED: &str = "it is set by an expression: change what that is made from";
const NOT_EDITABLE: &str = "it is not declared where an edit could be made";
