use super::PolicyOf;
use crate::iam::{BaseOperator, Condition, ConditionValue, Operand, Qualifier, Version};

/// How S3 reads one condition.
pub(super) struct Reading {
    /// Whether it confines its statement.
    pub(super) fixed: bool,
    /// Clause and words of an undocumented reading that this rests on.
    pub(super) note: Option<(&'static str, &'static str)>,
}

impl Reading {
    const IGNORED: Self = Self {
        fixed: false,
        note: None,
    };

    fn documented(fixed: bool) -> Self {
        Self { fixed, note: None }
    }

    /// A reading that holds with a note, where it makes the condition count.
    fn flagged(fixed: bool, clause: &'static str, message: &'static str) -> Self {
        Self {
            fixed,
            note: fixed.then_some((clause, message)),
        }
    }

    fn or(self, other: Self) -> Self {
        if self.fixed { self } else { other }
    }
}

/// Whether a condition confines its statement to fixed values of a trusted key [PUB-11…29].
pub(super) fn reads_as_fixed(condition: &Condition, version: Version, policy_of: PolicyOf<'_>) -> Reading {
    if !can_fix(condition) || condition.values.is_empty() {
        return Reading::IGNORED;
    }
    match condition.key.folded() {
        "aws:principalorgid" => texts_are_fixed(condition, version),
        "aws:principalaccount" | "aws:principalorgpaths" => principal_key(condition, version),
        "aws:principalarn" => principal_arn(condition, version),
        "aws:principalisawsservice" | "aws:principalservicename" | "aws:principalservicenameslist" => {
            service_key(condition, version)
        }
        "aws:sourceip" => Reading::documented(addresses_are_narrow(condition)),
        "aws:sourcearn" => source_arn(condition, version),
        "aws:sourcevpc"
        | "aws:sourcevpce"
        | "aws:sourceowner"
        | "aws:sourceaccount"
        | "s3:x-amz-server-side-encryption-aws-kms-key-id"
        | "s3:dataaccesspointaccount" => texts_are_fixed(condition, version),
        "aws:userid" => user_id(condition, version),
        "s3:dataaccesspointarn" => data_access_point_arn(condition, version, policy_of),
        "aws:sourcevpcarn" | "aws:vpceaccount" | "aws:vpceorgid" | "aws:vpceorgpaths" | "aws:sourceorgid"
        | "aws:sourceorgpaths" => newer_key(condition, version),
        // [PUB-25]: the list of trusted keys is closed.
        _ => Reading::IGNORED,
    }
}

/// Whether the operator can fix a value at all: a negation [PUB-26], `Null` [PUB-29] and `ForAllValues` [PUB-28]
/// cannot, nor `…IfExists`, since no trusted key is there for every caller [PUB-27].
fn can_fix(condition: &Condition) -> bool {
    let operator = condition.operator;
    !operator.if_exists
        && operator.qualifier != Some(Qualifier::ForAllValues)
        && !operator.base.is_negated()
        && operator.base != BaseOperator::Null
}

/// Whether a text is a *fixed value*: without wildcard and without policy variable [PUB-03], [PUB-32].
///
/// `${*}`, `${?}` and `${$}` are ordinary characters where the version knows them [VAR-05]. In the older version
/// `${` counts as a variable all the same, which is unverified.
fn is_fixed(text: &str, version: Version) -> bool {
    let mut plain = text.to_owned();
    if version.has_variables() {
        for literal in ["${*}", "${?}", "${$}"] {
            plain = plain.replace(literal, "");
        }
    }
    !plain.contains(['*', '?']) && !plain.contains("${")
}

/// Whether the operator compares texts, so that a fixed value is one.
fn compares_texts(base: BaseOperator) -> bool {
    compares_arns(base)
        || matches!(
            base,
            BaseOperator::StringEquals | BaseOperator::StringEqualsIgnoreCase | BaseOperator::StringLike
        )
}

fn compares_arns(base: BaseOperator) -> bool {
    matches!(base, BaseOperator::ArnEquals | BaseOperator::ArnLike)
}

/// Every value counts: one that is not fixed opens the whole condition [PUB-31].
fn every_value(condition: &Condition, is_fixed: impl Fn(&str) -> bool) -> bool {
    compares_texts(condition.operator.base) && condition.values.iter().all(|value| is_fixed(&value.text))
}

fn texts_are_fixed(condition: &Condition, version: Version) -> Reading {
    Reading::documented(every_value(condition, |text| is_fixed(text, version)))
}

/// `aws:PrincipalAccount` and `aws:PrincipalOrgPaths`: fixed, or all under a fixed path [PUB-11].
fn principal_key(condition: &Condition, version: Version) -> Reading {
    let fixed = every_value(condition, |text| {
        is_fixed(text, version) || is_fixed_path(condition, text, version)
    });
    Reading::flagged(fixed, "PUB-11", "the key counts as naming principals")
}

/// `o-…/r-…/*`: everything under a fixed organization and root, with a key of organization paths only [PUB-11].
///
/// A wildcard right behind the organization is not documented as fixed.
fn is_fixed_path(condition: &Condition, text: &str, version: Version) -> bool {
    let is_path = condition.key.folded().ends_with("orgpaths");
    let mut parts = text.strip_suffix("/*").unwrap_or_default().split('/');
    let organization = parts.next().is_some_and(|part| part.starts_with("o-"));
    let root = parts.next().is_some_and(|part| part.starts_with("r-"));
    is_path && organization && root && text.strip_suffix("/*").is_some_and(|path| is_fixed(path, version))
}

/// `aws:PrincipalArn`: fixed, or wildcards behind a fixed account only [PUB-11].
///
/// The strict reading of PUB-03 says public for the latter; peers say non-public, and so do we.
fn principal_arn(condition: &Condition, version: Version) -> Reading {
    let fixed = texts_are_fixed(condition, version);
    let account = every_value(condition, |text| {
        has_fixed_account(text, condition.operator.base, version)
    });
    Reading::flagged(fixed.fixed, "PUB-11", "the key counts as naming principals").or(Reading::flagged(
        account,
        "PUB-11",
        "wildcards behind a fixed account count as fixed",
    ))
}

/// `aws:SourceArn`: fixed, or with a fixed account [PUB-14], [PUB-33].
///
/// That wildcards behind a fixed account count is documented for access point ARNs only.
fn source_arn(condition: &Condition, version: Version) -> Reading {
    let account = every_value(condition, |text| {
        has_fixed_account(text, condition.operator.base, version)
    });
    texts_are_fixed(condition, version).or(Reading::flagged(
        account,
        "PUB-14",
        "wildcards beside a fixed account count as fixed",
    ))
}

/// Whether an ARN names one account. Under a string operator a wildcard before it could swallow it [COND-39].
fn has_fixed_account(text: &str, base: BaseOperator, version: Version) -> bool {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let &[scheme, partition, service, region, account, _] = fields.as_slice() else {
        return false;
    };
    let before = [scheme, partition, service, region].join(":");
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    // `StringEquals` takes a wildcard literally, but S3 sees a wildcard [PUB-32].
    let reads_wildcards = compares_arns(base) || base == BaseOperator::StringLike;
    is_account && reads_wildcards && !text.contains("${") && (compares_arns(base) || is_fixed(&before, version))
}

/// Keys that only services have [PUB-12]. Unverified: BPA speaks of service principals without naming the keys.
fn service_key(condition: &Condition, version: Version) -> Reading {
    let is_true = |value: &ConditionValue| value.operand == Operand::Bool(true);
    let fixed = if condition.key.folded() == "aws:principalisawsservice" {
        condition.operator.base == BaseOperator::Bool && condition.values.iter().all(is_true)
    } else {
        every_value(condition, |text| is_fixed(text, version))
    };
    Reading::flagged(fixed, "PUB-12", "the key counts as naming service principals")
}

/// `aws:SourceIp`: no range broader than /8, or /32 in IPv6 [PUB-13].
///
/// RFC 1918 ranges are exempt from the width rule, and none is broader than /8 anyway.
fn addresses_are_narrow(condition: &Condition) -> bool {
    condition.operator.base == BaseOperator::IpAddress
        && condition.values.iter().all(|value| match &value.operand {
            Operand::Network(ipnet::IpNet::V4(network)) => network.prefix_len() >= 8,
            Operand::Network(ipnet::IpNet::V6(network)) => network.prefix_len() >= 32,
            Operand::Pattern(_)
            | Operand::Number(_)
            | Operand::Date(_)
            | Operand::Bool(_)
            | Operand::Binary(_)
            | Operand::Unreadable => false,
        })
}

/// `aws:userid`: fixed; every session of one role (`ID:*`) is not, by the text [PUB-20]. Peers call that fixed.
fn user_id(condition: &Condition, version: Version) -> Reading {
    let reading = texts_are_fixed(condition, version);
    let sessions = every_value(condition, |text| {
        is_fixed(text, version) || text.strip_suffix(":*").is_some_and(|id| is_fixed(id, version))
    });
    if !reading.fixed && sessions {
        return Reading {
            fixed: false,
            note: Some(("PUB-20", "all sessions of one role do not count as fixed")),
        };
    }
    reading
}

/// `s3:DataAccessPointArn`: in a bucket policy the name may be a wildcard behind a fixed account [PUB-21].
fn data_access_point_arn(condition: &Condition, version: Version, policy_of: PolicyOf<'_>) -> Reading {
    let fixed = texts_are_fixed(condition, version);
    match policy_of {
        PolicyOf::AccessPoint(_) => fixed,
        PolicyOf::Bucket => fixed.or(Reading::documented(every_value(condition, |text| {
            has_fixed_account(text, condition.operator.base, version)
        }))),
    }
}

/// Keys that are newer than the copies of the definition that were read [PUB-23].
fn newer_key(condition: &Condition, version: Version) -> Reading {
    let fixed = every_value(condition, |text| {
        is_fixed(text, version) || is_fixed_path(condition, text, version)
    });
    Reading::flagged(fixed, "PUB-23", "the key counts as trusted")
}
