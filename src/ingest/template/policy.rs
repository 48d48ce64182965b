use crate::iam::{PolicyDocument, PolicyKind, parse_policy};
use crate::ingest::notes::Notes;
use crate::model::Setting;
use crate::source::{
    Diagnostic, FileId, Limits, Member, Node, Placeholder, Span, Text, UnknownReason, Value, parse_json,
};

/// The policy that a template gives as an object, or as text that holds one; null means that there is none.
pub(in crate::ingest) fn policy(node: &Node, kind: PolicyKind, notes: &mut Notes) -> Setting<PolicyDocument> {
    match &node.value {
        Value::Null => Setting::Absent,
        Value::Object(_) => of_tree(node, kind, notes),
        Value::String(text) => match in_text(text, node.span) {
            Ok(tree) => of_tree(&tree, kind, notes),
            Err(problem) => unreadable(text, node.span, &problem, notes),
        },
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            unreadable("", node.span, &format!("it is {}", node.kind()), notes)
        }
    }
}

/// The policy of a bucket.
///
/// AWS takes only resources of the bucket itself [POL-16]. What is not known before deployment there is therefore taken to be its ARN
/// or its name.
pub(super) fn bucket_policy(node: &Node, arn: &str, notes: &mut Notes) -> Setting<PolicyDocument> {
    let tree = node.as_str().and_then(|text| in_text(text, node.span).ok());
    let mut tree = tree.unwrap_or_else(|| node.clone());
    rebind(&mut tree, arn);
    policy(&tree, PolicyKind::Bucket, notes)
}

fn of_tree(tree: &Node, kind: PolicyKind, notes: &mut Notes) -> Setting<PolicyDocument> {
    let parsed = parse_policy(tree, kind);
    parsed.remarks.into_iter().for_each(|remark| notes.push(remark));
    match parsed.document {
        Ok(document) => Setting::set(document, tree.span),
        Err(errors) => {
            errors.into_iter().for_each(|error| notes.push(error));
            Setting::unknown(UnknownReason::Invalid, Some(tree.span))
        }
    }
}

/// The tree in a text; nothing in it has a place of its own.
fn in_text(text: &str, span: Span) -> Result<Node, String> {
    let parsed = parse_json(&Text::new(FileId::default(), text), Limits::default());
    let mut tree = parsed.map_err(|error| error.to_string())?.root;
    place(&mut tree, span);
    Ok(tree)
}

fn place(node: &mut Node, span: Span) {
    node.span = span;
    match &mut node.value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::Array(items) => items.iter_mut().for_each(|item| place(item, span)),
        Value::Object(members) => members.iter_mut().for_each(|member| {
            member.key_span = span;
            place(&mut member.value, span);
        }),
    }
}

/// A text that holds no policy: not known before deployment where a part of it is not, a mistake elsewhere.
fn unreadable(text: &str, span: Span, problem: &str, notes: &mut Notes) -> Setting<PolicyDocument> {
    if let Some((_, placeholder)) = Placeholder::all_in(text).next() {
        return Setting::unknown(UnknownReason::NotDeployed(placeholder), Some(span));
    }
    let message = format!("this is no policy document: {problem} [POL-01]");
    notes.push(
        Diagnostic::error("bucketproof::ingest::not_a_policy", span, message)
            .with_help("a policy is an object, or text that holds one in JSON"),
    );
    Setting::unknown(UnknownReason::Invalid, Some(span))
}

fn rebind(policy: &mut Node, arn: &str) {
    let Some(statement) = member(policy, "Statement") else {
        return;
    };
    let statements = match &mut statement.value {
        Value::Array(items) => items.as_mut_slice(),
        _ => std::slice::from_mut(statement),
    };
    for statement in statements {
        for name in ["Resource", "NotResource"] {
            let Some(resource) = member(statement, name) else {
                continue;
            };
            let entries = match &mut resource.value {
                Value::Array(items) => items.as_mut_slice(),
                _ => std::slice::from_mut(resource),
            };
            for entry in entries {
                if let Value::String(text) = &mut entry.value
                    && let Some(bound) = bound(text, arn)
                {
                    *text = bound.into();
                }
            }
        }
    }
}

/// A resource with the bucket's ARN in place of what is not known of it.
fn bound(resource: &str, arn: &str) -> Option<String> {
    let end = match Placeholder::all_in(resource).next() {
        Some((range, _)) if range.start == 0 => range.end,
        Some(_) if resource.starts_with("arn:") => {
            let bucket = resource.match_indices(':').nth(4)?.0 + 1;
            let rest = resource.get(bucket..)?;
            bucket + rest.find('/').unwrap_or(rest.len())
        }
        Some(_) | None => return None,
    };
    let (head, rest) = resource.split_at_checked(end)?;
    let open = rest.is_empty() || rest.starts_with('/');
    let same_bucket = head == arn || !Placeholder::is_in(head);
    (open && !same_bucket && !head.contains(['*', '?'])).then(|| format!("{arn}{rest}"))
}

fn member<'n>(node: &'n mut Node, name: &str) -> Option<&'n mut Node> {
    let Value::Object(members) = &mut node.value else {
        return None;
    };
    members
        .iter_mut()
        .find(|member: &&mut Member| &*member.key == name)
        .map(|member| &mut member.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_of_a_resource_is_the_bucket() {
        let unknown = Placeholder::of("var.bucket");
        let arn = "arn:aws:s3:::b";
        let check = |resource: String, expected: Option<&str>| assert_eq!(bound(&resource, arn).as_deref(), expected);
        check(unknown.to_string(), Some("arn:aws:s3:::b"));
        check(format!("{unknown}/*"), Some("arn:aws:s3:::b/*"));
        check(format!("arn:aws:s3:::{unknown}/logs/*"), Some("arn:aws:s3:::b/logs/*"));
        check(format!("arn:aws:s3:::logs-{unknown}"), Some("arn:aws:s3:::b"));
        check("arn:aws:s3:::b/*".into(), None);
        check(format!("arn:aws:s3:::b/{unknown}/*"), None);
        check(format!("arn:aws:s3:::{unknown}*"), None);
        check("*".into(), None);
        let own = Placeholder::of_identity("aws_s3_bucket.b");
        assert_eq!(
            bound(&format!("arn:aws:s3:::{own}/*"), &format!("arn:aws:s3:::{own}")),
            None
        );
    }
}
