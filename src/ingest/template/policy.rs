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
/// S3 takes only resources of the bucket itself [POL-16]. Where its name or that of a resource is not known before deployment, the two
/// are therefore taken to be the same; two names that are known and differ are told.
pub(super) fn bucket_policy(node: &Node, arn: &str, notes: &mut Notes) -> Setting<PolicyDocument> {
    let tree = node.as_str().and_then(|text| in_text(text, node.span).ok());
    let mut tree = tree.unwrap_or_else(|| node.clone());
    let mut others = Vec::new();
    rebind(&mut tree, arn, &mut others);
    others.sort();
    others.dedup();
    for span in others {
        let message =
            "this will not deploy: S3 takes only resources of the bucket that the policy is given to [POL-16]";
        notes.push(
            Diagnostic::warning("bucketproof::ingest::other_bucket", span, message)
                .with_help(format!("write `{arn}` and `{arn}/*`")),
        );
    }
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

/// Puts the bucket's ARN where it must stand; adds the places where another bucket stands.
fn rebind(policy: &mut Node, arn: &str, others: &mut Vec<Span>) {
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
                let Value::String(text) = &mut entry.value else {
                    continue;
                };
                match bound(text, arn) {
                    Bound::Same => {}
                    Bound::To(bound) => *text = bound.into(),
                    Bound::Other => others.push(entry.span),
                }
            }
        }
    }
}

/// What a resource of a bucket's policy is bound to.
#[derive(Debug, PartialEq, Eq)]
enum Bound {
    /// It stays as it is.
    Same,
    /// It is this one of the bucket.
    To(String),
    /// It is certainly of another bucket.
    Other,
}

fn bound(resource: &str, arn: &str) -> Bound {
    let Some((head, rest)) = head_and_rest(resource) else {
        return Bound::Same;
    };
    if head == arn || head.contains(['*', '?']) || head.contains("${") {
        Bound::Same
    } else if Placeholder::is_in(head) || Placeholder::is_in(arn) {
        Bound::To(format!("{arn}{rest}"))
    } else {
        Bound::Other
    }
}

/// The part of a resource that is the bucket's ARN, and the rest.
fn head_and_rest(resource: &str) -> Option<(&str, &str)> {
    let first = Placeholder::all_in(resource).next().map(|(range, _)| range);
    let end = match first {
        Some(range) if range.start == 0 => range.end,
        Some(_) | None if resource.starts_with("arn:") => {
            let bucket = resource.match_indices(':').nth(4)?.0 + 1;
            let rest = resource.get(bucket..)?;
            bucket + rest.find('/').unwrap_or(rest.len())
        }
        Some(_) | None => return None,
    };
    let (head, rest) = resource.split_at_checked(end)?;
    (rest.is_empty() || rest.starts_with('/')).then_some((head, rest))
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
        let own = Placeholder::of_identity("aws_s3_bucket.b");
        let check = |resource: String, arn: &str, expected: Bound| assert_eq!(bound(&resource, arn), expected);
        let to = |text: &str| Bound::To(text.to_owned());
        let arn = "arn:aws:s3:::b";
        check(unknown.to_string(), arn, to("arn:aws:s3:::b"));
        check(format!("{unknown}/*"), arn, to("arn:aws:s3:::b/*"));
        check(
            format!("arn:aws:s3:::{unknown}/logs/*"),
            arn,
            to("arn:aws:s3:::b/logs/*"),
        );
        check(format!("arn:aws:s3:::logs-{unknown}"), arn, to("arn:aws:s3:::b"));
        check("arn:aws:s3:::b/*".into(), arn, Bound::Same);
        check(format!("arn:aws:s3:::b/{unknown}/*"), arn, Bound::Same);
        check(format!("arn:aws:s3:::{unknown}*"), arn, Bound::Same);
        check("*".into(), arn, Bound::Same);
        check("arn:aws:s3:::*/*".into(), arn, Bound::Same);
        check("arn:aws:s3:::c/*".into(), arn, Bound::Other);
        let arn = format!("arn:aws:s3:::{own}");
        check(format!("{arn}/*"), &arn, Bound::Same);
        check("arn:aws:s3:::c/*".into(), &arn, to(&format!("{arn}/*")));
    }
}
