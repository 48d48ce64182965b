use super::words::Witnesses;
use crate::finding::{Finding, ResourceAccess, ResourceKind};

/// What a finding is about, as far as it is known.
pub(super) struct Subject<'a> {
    pub kind: SubjectKind,
    /// Name of the resource, or id of the account.
    pub name: &'a str,
    /// The account that owns it.
    pub account: Option<String>,
}

/// A kind of thing that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SubjectKind {
    Bucket,
    AccessPoint,
    Object,
    Role,
    Account,
    Other,
}

impl<'a> Subject<'a> {
    /// What a finding is about: one of the resources, or what its ARN tells.
    pub fn of(finding: &'a Finding, witnesses: &Witnesses<'a>) -> Self {
        match witnesses.access(finding) {
            Some(access) => Self {
                kind: SubjectKind::of(access.resource.kind),
                name: &access.resource.name,
                account: owner(access),
            },
            None => Self::of_arn(&finding.resource),
        }
    }

    fn of_arn(arn: &'a str) -> Self {
        let fields: Vec<&str> = arn.splitn(6, ':').collect();
        let (kind, name, account) = match fields.as_slice() {
            ["arn", _, "iam", "", account, "root"] => (SubjectKind::Account, *account, *account),
            ["arn", _, "iam", "", account, entity] if entity.starts_with("role/") => {
                let name = entity.rsplit('/').next().unwrap_or(entity);
                (SubjectKind::Role, name, *account)
            }
            ["arn", _, "s3", "", "", object] if object.contains('/') => (SubjectKind::Object, *object, ""),
            ["arn", _, "s3", "", "", bucket] => (SubjectKind::Bucket, *bucket, ""),
            ["arn", _, "s3", _, account, point] => {
                let name = point.strip_prefix("accesspoint/").unwrap_or(point);
                (SubjectKind::AccessPoint, name, *account)
            }
            _ => (SubjectKind::Other, arn, ""),
        };
        Self {
            kind,
            name,
            account: is_id(account).then(|| account.to_owned()),
        }
    }
}

/// The account that owns a resource, where it is known now and not only when it is deployed.
pub(super) fn owner(access: &ResourceAccess) -> Option<String> {
    let account = access.resource.account.map(|account| account.to_string());
    account.filter(|account| is_id(account))
}

fn is_id(account: &str) -> bool {
    !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit())
}

impl SubjectKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Bucket,
        Self::AccessPoint,
        Self::Object,
        Self::Role,
        Self::Account,
        Self::Other,
    ];

    /// The kind of a resource.
    pub fn of(kind: ResourceKind) -> Self {
        match kind {
            ResourceKind::Bucket => Self::Bucket,
            ResourceKind::AccessPoint => Self::AccessPoint,
            ResourceKind::Object => Self::Object,
            ResourceKind::Role => Self::Role,
        }
    }

    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::AccessPoint => "access-point",
            Self::Object => "object",
            Self::Role => "role",
            Self::Account => "account",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_what_it_is_about() {
        let check = |arn: &str, kind, name: &str, account: Option<&str>| {
            let subject = Subject::of_arn(arn);
            let found = (subject.kind, subject.name, subject.account.as_deref());
            assert_eq!(found, (kind, name, account), "{arn}");
        };
        let id = Some("111122223333");
        check("arn:aws:s3:::b", SubjectKind::Bucket, "b", None);
        check("arn:aws-cn:s3:::b/a:b/*", SubjectKind::Object, "b/a:b/*", None);
        check(
            "arn:aws:iam::111122223333:role/ci/deploy",
            SubjectKind::Role,
            "deploy",
            id,
        );
        check(
            "arn:aws:iam::111122223333:root",
            SubjectKind::Account,
            "111122223333",
            id,
        );
        check("arn:aws:iam:::root", SubjectKind::Account, "", None);
        let point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/p";
        check(point, SubjectKind::AccessPoint, "p", id);
        check("*", SubjectKind::Other, "*", None);
    }
}
