use ipnet::IpNet;

use crate::iam::{Condition, ConditionValue, Operand};
use crate::rules::lint::conditions::{Family, family};
use crate::rules::lint::found::Found;
use crate::rules::lint::scope::Scope;
use crate::rules::lint::text::is_plain;

/// A value that its key never has.
pub(super) fn lint(scope: &Scope<'_>, condition: &Condition, value: &ConditionValue, found: &mut Found) {
    let reason = match family(condition.operator.base) {
        Family::Text | Family::Pattern => of_text(condition, &value.text),
        Family::TextIgnoringCase => of_text(condition, &value.text.to_lowercase()),
        Family::Arn => of_arn(condition, &value.text).or_else(|| of_text(condition, &value.text)),
        Family::Address => of_address(condition, &value.operand),
        Family::Number | Family::Date | Family::Truth | Family::Bytes | Family::Absence => None,
    };
    if let Some(reason) = reason {
        let result = if condition.operator.base.is_negated() {
            "excludes nothing"
        } else {
            "matches nothing"
        };
        let why = format!("`{}` {reason}, so it {result}", condition.key.name());
        found.add("impossible-value", scope.statement, (&value.text, value.span), why);
    }
}

fn of_text(condition: &Condition, text: &str) -> Option<String> {
    let key = condition.key.folded();
    if !is_plain(text) {
        return of_beginning(key, text);
    }
    let digits = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let ignores_case = family(condition.operator.base) == Family::TextIgnoringCase;
    let is_one_of = |list: &[&str]| {
        list.iter()
            .any(|known| *known == text || ignores_case && known.eq_ignore_ascii_case(text))
    };
    let one_of = |list: &[&str]| (!is_one_of(list)).then(|| format!("is one of {}", list.join(", ")));
    match key {
        // [COND-43]
        "aws:sourcevpc" | "aws:ec2instancesourcevpc" => id("vpc-", text),
        "aws:sourcevpce" => id("vpce-", text),
        // [CTX-03]
        "aws:principalaccount" if text == "anonymous" => None,
        "aws:principalaccount"
        | "aws:sourceaccount"
        | "aws:resourceaccount"
        | "s3:resourceaccount"
        | "s3:dataaccesspointaccount"
        | "aws:vpceaccount" => (!digits(text)).then(|| "is an account id of twelve digits".to_owned()),
        // [CTX-05]
        "aws:userid" if text.starts_with("AROA") && !text.contains(':') => {
            Some("is the id of a role together with the name of the session, `AROA…:session`".to_owned())
        }
        // [CTX-04]
        "aws:principaltype" => one_of(PRINCIPAL_TYPES),
        "s3:authtype" => one_of(&["REST-HEADER", "REST-QUERY-STRING", "POST"]),
        "s3:signatureversion" => one_of(&["AWS4-HMAC-SHA256", "AWS"]),
        "s3:x-amz-acl" => one_of(CANNED_ACLS),
        "s3:x-amz-server-side-encryption" => one_of(&["AES256", "aws:kms", "aws:kms:dsse"]),
        _ => of_beginning(key, text),
    }
}

/// What all values of a key begin with, as far as a pattern tells its own beginning.
fn of_beginning(key: &str, text: &str) -> Option<String> {
    let fixed = text.split(['*', '?', '$']).next().unwrap_or_default();
    let begins = |wanted: &str| fixed.starts_with(wanted) || wanted.starts_with(fixed) && fixed.len() < text.len();
    let (wanted, what) = match key {
        "aws:sourcevpc" | "aws:ec2instancesourcevpc" => ("vpc-", "an id that begins with `vpc-`"),
        "aws:sourcevpce" => ("vpce-", "an id that begins with `vpce-`"),
        "aws:principalorgid" | "aws:sourceorgid" | "aws:resourceorgid" | "aws:vpceorgid" => {
            ("o-", "an id that begins with `o-`")
        }
        "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:resourceorgpaths" | "aws:vpceorgpaths" => {
            ("o-", "a path that begins with the id of the organization, `o-…`")
        }
        // [CTX-01]: of a session it is the role's.
        "aws:principalarn" if fixed.starts_with("arn:") && text.contains(":assumed-role/") => {
            return Some("is the ARN of the role, never that of a session".to_owned());
        }
        "aws:principalarn" | "aws:sourcearn" | "s3:dataaccesspointarn" | "aws:sourcevpcarn" => ("arn:", "an ARN"),
        _ => return None,
    };
    (!begins(wanted)).then(|| format!("is {what}"))
}

fn id(prefix: &str, text: &str) -> Option<String> {
    let shape = |id: &str| matches!(id.len(), 8 | 17) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let fits = text.strip_prefix(prefix).is_some_and(shape);
    (!fits).then(|| format!("is `{prefix}` and 8 or 17 letters and digits"))
}

/// [COND-40]
fn of_arn(condition: &Condition, text: &str) -> Option<String> {
    let fields = text.split(':').count();
    (fields < 6 && !text.contains("${"))
        .then(|| format!("is compared as an ARN of six fields by `{}`", condition.operator))
}

/// [COND-42]
fn of_address(condition: &Condition, operand: &Operand) -> Option<String> {
    let (Operand::Network(network), "aws:sourceip") = (operand, condition.key.folded()) else {
        return None;
    };
    let private = PRIVATE.iter().filter_map(|range| range.parse::<IpNet>().ok());
    let why = "is the caller's public address; private ones are in `aws:VpcSourceIp`";
    private
        .into_iter()
        .any(|range| range.contains(network))
        .then(|| why.to_owned())
}

/// Ranges that are no one's public address.
const PRIVATE: &[&str] = &[
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
    "fe80::/10",
];

const PRINCIPAL_TYPES: &[&str] = &[
    "Account",
    "User",
    "FederatedUser",
    "AssumedRole",
    "Anonymous",
    "Service",
];

const CANNED_ACLS: &[&str] = &[
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
    "log-delivery-write",
];
