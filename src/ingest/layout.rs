use super::bucket::{Subject, UNREAD};
use super::file::stem;
use crate::iam::AccountId;

/// What the path of a file says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place<'p> {
    /// A file in the directory of a bucket.
    Bucket(Root, &'p str, InBucket),
    /// A file in the directory of an access point; whether it is its policy.
    AccessPoint(Root, &'p str, bool),
    /// One answer about an account or the organization.
    Answer(Root, Task),
    /// Nothing: the content must tell.
    Loose,
}

/// What a file in a bucket's directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InBucket {
    Answer(Subject),
    Object,
    /// Known, and without a meaning for access.
    Unread,
    /// Not known; whether the directory is certainly a bucket's.
    Strange(bool),
}

/// Where the files of one account begin.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Root {
    pub layout: Layout,
    pub path: String,
}

/// How files are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layout {
    /// DESIGN section 5.1.
    Snapshot,
    /// cloudmapper's.
    Flat,
    /// None: single files.
    Loose,
}

/// What a file that is alone in its kind holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// `s3api list-buckets`.
    Listing,
    /// `s3control get-public-access-block`.
    AccountBlock,
    /// `s3control list-access-points`.
    AccessPointListing,
    /// `iam get-account-authorization-details`, `iam list-roles`, `iam get-role`.
    Authorization,
    /// `sts get-caller-identity`.
    Caller,
    /// `organizations describe-organization`.
    Organization,
    /// `organizations list-accounts`.
    OrganizationAccounts,
    /// Outputs of `organizations describe-policy`.
    OrganizationPolicies,
    /// The content must tell.
    Loose,
}

/// What the components of a shown path say.
pub(super) fn place<'p>(path: &[&'p str]) -> Place<'p> {
    snapshot(path).or_else(|| flat(path)).unwrap_or(Place::Loose)
}

/// The bucket whose directory this is, if it lies under an account.
pub(super) fn bucket_directory<'p>(path: &[&'p str]) -> Option<(Root, &'p str)> {
    match path {
        [root @ .., "s3", name] if is_account(root) => Some((Root::new(Layout::Snapshot, root), name)),
        _ => None,
    }
}

fn snapshot<'p>(path: &[&'p str]) -> Option<Place<'p>> {
    let at = |root: &[&str]| Root::new(Layout::Snapshot, root);
    let answer = |root, task| Some(Place::Answer(at(root), task));
    match path {
        [root @ .., "s3", name, "objects", file] if is_json(file) => {
            Some(Place::Bucket(at(root), name, InBucket::Object))
        }
        [root @ .., "s3", name, file] => {
            let stem = without_get(stem(file));
            let inside = match Subject::from_stem(stem) {
                Some(subject) if is_json(file) => InBucket::Answer(subject),
                Some(_) | None if UNREAD.contains(&stem) => InBucket::Unread,
                Some(_) | None => InBucket::Strange(is_account(root)),
            };
            Some(Place::Bucket(at(root), name, inside))
        }
        [root @ .., "s3control", "access-points", name, file] if is_json(file) => match without_get(stem(file)) {
            "access-point" => Some(Place::AccessPoint(at(root), name, false)),
            "access-point-policy" => Some(Place::AccessPoint(at(root), name, true)),
            _ => None,
        },
        [root @ .., folder, file] if is_json(file) => match (*folder, without_get(stem(file))) {
            ("s3", "buckets" | "list-buckets") => answer(root, Task::Listing),
            ("s3control", "public-access-block") => answer(root, Task::AccountBlock),
            ("s3control", "access-points" | "list-access-points") => answer(root, Task::AccessPointListing),
            ("iam", "account-authorization-details") => answer(root, Task::Authorization),
            ("iam", "roles" | "list-roles") => answer(root, Task::Authorization),
            ("sts", "caller-identity") => answer(root, Task::Caller),
            ("organization", "organization" | "describe-organization") => answer(root, Task::Organization),
            ("organization", "accounts" | "list-accounts") => answer(root, Task::OrganizationAccounts),
            ("organization", "policies") => answer(root, Task::OrganizationPolicies),
            _ => None,
        },
        _ => None,
    }
}

/// `<region>/s3-get-bucket-policy/<bucket>`, as cloudmapper writes it [FMT-42].
fn flat<'p>(path: &[&'p str]) -> Option<Place<'p>> {
    if let [root @ .., command, file] = path {
        let root = Root::new(Layout::Flat, without_region(root));
        if let Some(subject) = command.strip_prefix("s3-").and_then(Subject::from_stem) {
            return Some(Place::Bucket(root, stem(file), InBucket::Answer(subject)));
        }
        if *command == "iam-get-role" {
            return Some(Place::Answer(root, Task::Authorization));
        }
    }
    let [root @ .., file] = path else {
        return None;
    };
    let task = match stem(file) {
        "s3-list-buckets" => Task::Listing,
        "s3control-get-public-access-block" => Task::AccountBlock,
        "s3control-list-access-points" => Task::AccessPointListing,
        "iam-get-account-authorization-details" | "iam-list-roles" => Task::Authorization,
        "sts-get-caller-identity" => Task::Caller,
        _ => return None,
    };
    Some(Place::Answer(Root::new(Layout::Flat, without_region(root)), task))
}

/// The Region is a level of its own between account and command.
fn without_region<'a, 'p>(root: &'a [&'p str]) -> &'a [&'p str] {
    match root {
        [account @ .., last] if is_region(last) => account,
        _ => root,
    }
}

fn is_region(name: &str) -> bool {
    let ends_in_digit = name.bytes().last().is_some_and(|byte| byte.is_ascii_digit());
    name == "global" || ends_in_digit && name.matches('-').count() >= 2 && !name.contains('.')
}

fn is_account(root: &[&str]) -> bool {
    root.last().is_some_and(|last| last.parse::<AccountId>().is_ok())
}

fn is_json(file: &str) -> bool {
    stem(file) != file
}

fn without_get(stem: &str) -> &str {
    stem.strip_prefix("get-").unwrap_or(stem)
}

impl Root {
    pub fn new(layout: Layout, path: &[&str]) -> Self {
        Self {
            layout,
            path: path.join("/"),
        }
    }

    /// The directory of a bucket of this name.
    pub fn bucket(&self, name: &str) -> String {
        match &*self.path {
            "" => format!("s3/{name}"),
            path => format!("{path}/s3/{name}"),
        }
    }

    /// The account that the directory is named after.
    pub fn account(&self) -> Option<AccountId> {
        let name = self.path.rsplit('/').next()?;
        name.parse().ok().filter(|_| self.layout != Layout::Loose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Place<'_>) {
        let components: Vec<_> = path.split('/').collect();
        assert_eq!(place(&components), expected, "{path}");
    }

    fn root(layout: Layout, path: &str) -> Root {
        Root {
            layout,
            path: path.to_owned(),
        }
    }

    #[test]
    fn paths_of_a_snapshot_tell_what_a_file_is() {
        let named = || root(Layout::Snapshot, "x/111122223333");
        let unnamed = || root(Layout::Snapshot, "");
        let policy = InBucket::Answer(Subject::Policy);
        check(
            "x/111122223333/s3/b/bucket-policy.json",
            Place::Bucket(named(), "b", policy),
        );
        check("s3/b/get-bucket-policy.json.gz", Place::Bucket(unnamed(), "b", policy));
        check("s3/b/bucket-cors.json", Place::Bucket(unnamed(), "b", InBucket::Unread));
        check(
            "s3/b/polcy.json",
            Place::Bucket(unnamed(), "b", InBucket::Strange(false)),
        );
        check("s3/b/objects/1.json", Place::Bucket(unnamed(), "b", InBucket::Object));
        check("s3/buckets.json", Place::Answer(unnamed(), Task::Listing));
        check(
            "s3control/access-points/p/access-point-policy.json",
            Place::AccessPoint(unnamed(), "p", true),
        );
        check(
            "organization/policies.json",
            Place::Answer(unnamed(), Task::OrganizationPolicies),
        );
        check("policies/bucket-policy.json", Place::Loose);
        assert_eq!(
            named().account().map(|id| id.to_string()).as_deref(),
            Some("111122223333")
        );
        assert_eq!(unnamed().account(), None);
    }

    #[test]
    fn paths_of_a_flat_export_tell_what_a_file_is() {
        let demo = || root(Layout::Flat, "demo");
        let acl = InBucket::Answer(Subject::Acl);
        check(
            "demo/us-east-1/s3-get-bucket-acl/a.b",
            Place::Bucket(demo(), "a.b", acl),
        );
        check(
            "demo/us-east-1/s3-list-buckets.json",
            Place::Answer(demo(), Task::Listing),
        );
        check("demo/s3-list-buckets.json", Place::Answer(demo(), Task::Listing));
        check(
            "demo/us-east-1/iam-get-role/r",
            Place::Answer(demo(), Task::Authorization),
        );
        check("demo/us-east-1/ec2-describe-vpcs.json", Place::Loose);
    }
}
