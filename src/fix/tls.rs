//! A Deny for requests without TLS.

use super::document::{Document, Syntax, range_of};
use super::edit::Edit;
use super::hcl::is_block;
use super::plan::{Named, State, Step, is_cloudformation};
use super::setting::{declared, done, folder, label, open, resource, written};
use super::value::New;
use crate::model::Bucket;
use crate::source::{Node, Placeholder, Span};

/// Denies requests without TLS in the policy of a bucket, or in a new one.
///
/// # Errors
/// The reason, where it cannot be written.
pub(super) fn step(named: Named<'_, '_>, bucket: &Bucket) -> Result<Step, String> {
    let edits = match bucket.policy.value().and_then(|policy| policy.statements.last()) {
        Some(last) => beside(named, bucket, last.span).map(|edits| done(WHAT, edits)),
        None => alone(named, bucket),
    };
    edits.ok_or_else(|| "the policy is not written where a statement could be added".into())
}

/// The statement on these resources.
fn statement(resources: Vec<New>) -> New {
    let text = |text: &str| New::Text(text.to_owned());
    New::Object(vec![
        ("Sid".into(), text("DenyWithoutTls")),
        ("Effect".into(), text("Deny")),
        ("Principal".into(), text("*")),
        ("Action".into(), text("s3:*")),
        ("Resource".into(), New::List(resources)),
        (
            "Condition".into(),
            New::one("Bool", New::one("aws:SecureTransport", text("false"))),
        ),
    ])
}

/// Adds the statement to those of a policy.
fn beside(named: Named<'_, '_>, bucket: &Bucket, last: Span) -> Option<Vec<Edit>> {
    let state = named.state;
    open(state, last)?.look(last, |document, path| {
        let (_, above) = path.split_last()?;
        let list = document.node(above)?;
        if is_block(list) {
            let text = policy_block(document, resources(state, bucket, document)?);
            return Some(document.add_text(list, &format!("{0}{text}", document.style().newline)));
        }
        let is_list = list.is_array() && list.tag.is_none();
        // What goes is not what the new one stands behind.
        let stays = |node: &Node| !named.removed.contains(&document.span(range_of(node)));
        let place = list.items().iter().rposition(stays)?;
        let new = statement(resources(state, bucket, document)?);
        is_list.then(|| document.add_item_behind(list, place, &new))
    })?
}

/// Bucket and objects as the document names them.
fn resources(state: State<'_>, bucket: &Bucket, document: &Document) -> Option<Vec<New>> {
    if document.syntax == Syntax::Hcl {
        let of_bucket = open(state, bucket.span);
        let declared = of_bucket.as_ref().and_then(|document| resource(document, bucket.span));
        if let Some((_, kind, name)) = declared
            && kind == "aws_s3_bucket"
        {
            let arn = format!("aws_s3_bucket.{name}.arn");
            return Some(vec![New::Code(arn.clone()), New::Code(format!("\"${{{arn}}}/*\""))]);
        }
    }
    if is_cloudformation(document)
        && let Some(id) = logical_id(document, bucket.span)
    {
        let arn = format!("arn:${{AWS::Partition}}:s3:::${{{id}}}");
        return Some(vec![New::Sub(arn.clone()), New::Sub(format!("{arn}/*"))]);
    }
    named_resources(bucket)
}

/// Bucket and objects by name, where that is known.
fn named_resources(bucket: &Bucket) -> Option<Vec<New>> {
    let arn = bucket.arn();
    (!Placeholder::is_in(&arn)).then(|| vec![New::Text(arn.clone()), New::Text(format!("{arn}/*"))])
}

/// The statement as a block of `aws_iam_policy_document`.
fn policy_block(document: &Document, resources: Vec<New>) -> String {
    let style = document.style();
    let (unit, newline) = (&style.unit, style.newline);
    let indent = unit.clone();
    let value = |new: New| style.value(&new, "");
    let text = |text: &str| value(New::Text(text.to_owned()));
    let wide = super::value::Style {
        is_tall: false,
        ..style.clone()
    };
    let lines = [
        format!("{indent}statement {{"),
        format!("{indent}{unit}sid       = {}", text("DenyWithoutTls")),
        format!("{indent}{unit}effect    = {}", text("Deny")),
        format!("{indent}{unit}actions   = [{}]", text("s3:*")),
        format!("{indent}{unit}resources = {}", wide.value(&New::List(resources), "")),
        String::new(),
        format!("{indent}{unit}principals {{"),
        format!("{indent}{unit}{unit}type        = {}", text("*")),
        format!("{indent}{unit}{unit}identifiers = [{}]", text("*")),
        format!("{indent}{unit}}}"),
        String::new(),
        format!("{indent}{unit}condition {{"),
        format!("{indent}{unit}{unit}test     = {}", text("Bool")),
        format!("{indent}{unit}{unit}variable = {}", text("aws:SecureTransport")),
        format!("{indent}{unit}{unit}values   = [{}]", text("false")),
        format!("{indent}{unit}}}"),
        format!("{indent}}}"),
    ];
    lines.join(newline)
}

/// A policy for a bucket that has none.
fn alone(named: Named<'_, '_>, bucket: &Bucket) -> Option<Step> {
    let state = named.state;
    let document = open(state, bucket.span);
    let version = ("Version".to_owned(), New::Text("2012-10-17".into()));
    let policy = |resources| {
        New::Object(vec![
            version,
            ("Statement".into(), New::List(vec![statement(resources)])),
        ])
    };
    match &document {
        Some(document) if document.syntax == Syntax::Hcl => {
            let resources = resources(state, bucket, document)?;
            in_terraform(state, document, bucket, &policy(resources))
        }
        Some(document) if is_cloudformation(document) => {
            let id = logical_id(document, bucket.span)?;
            let resources = resources(state, bucket, document)?;
            let body = New::Object(vec![
                ("Type".into(), New::Text("AWS::S3::BucketPolicy".into())),
                (
                    "Properties".into(),
                    New::Object(vec![
                        ("Bucket".into(), New::Ref(id.clone())),
                        ("PolicyDocument".into(), policy(resources)),
                    ]),
                ),
            ]);
            let all: &Node = document.root.get("Resources")?;
            // Another resource may be called so.
            let names = [format!("{id}Policy"), format!("{id}TlsPolicy")];
            let name = names.iter().find(|name| all.get(name).is_none())?;
            Some(done(WHAT, document.add_member(all, name, &body)))
        }
        Some(_) | None => {
            let path = format!("{}/bucket-policy.json", folder(state, bucket)?);
            written(named, &path, WHAT, &policy(named_resources(bucket)?))
        }
    }
}

/// A resource with the policy, behind that of the bucket.
fn in_terraform(state: State<'_>, document: &Document, bucket: &Bucket, policy: &New) -> Option<Step> {
    let (block, kind, name) = resource(document, bucket.span)?;
    let is_one = block.get("count").is_none() && block.get("for_each").is_none();
    if kind != "aws_s3_bucket" || !is_one {
        return None;
    }
    let style = super::value::Style {
        is_tall: true,
        ..document.style()
    };
    let (unit, newline) = (&style.unit, style.newline);
    let body = style.value(policy, unit);
    let label = label(state, bucket.span, "aws_s3_bucket_policy", &name);
    let lines = [
        format!("resource \"aws_s3_bucket_policy\" \"{label}\" {{"),
        format!("{unit}bucket = aws_s3_bucket.{name}.id"),
        format!("{unit}policy = jsonencode({body})"),
        "}".to_owned(),
    ];
    let end = range_of(block).end;
    let text = format!("{newline}{newline}{}", lines.join(newline));
    Some(done(WHAT, vec![document.splice(end..end, &text)]))
}

/// The name of the bucket of a template that a place lies in.
fn logical_id(document: &Document, span: Span) -> Option<String> {
    let resource = declared(document, span)?;
    let kind = resource.value.get("Type").and_then(Node::as_str);
    (kind == Some("AWS::S3::Bucket")).then(|| resource.key.to_string())
}

const WHAT: &str = "deny requests without TLS";
