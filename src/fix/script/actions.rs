//! From files of a snapshot before and after to what is to be done.

use super::super::patch::Patch;
use super::action::{Action, LeftOut, Script};
use super::answers::{Answer, of_access_point, of_account, of_bucket, of_object};
use super::document::{as_it_is, laid_out};
use super::roles::trust_policies;
use crate::iam::AccountId;
use crate::model::Inventory;

/// What a file of a snapshot speaks of.
struct Subject {
    account: Option<AccountId>,
    resource: String,
    answer: Answer,
    /// The arguments that name the resource.
    about: Vec<String>,
}

/// The commands that make of the accounts of a snapshot what a patch makes of the snapshot.
pub fn script(patch: &Patch, inventory: &Inventory) -> Script {
    let mut script = Script::default();
    for (path, after) in patch.texts() {
        let before = patch.before(path);
        for made in actions(path, before, after, inventory) {
            match made {
                Ok(action) => script.actions.push(action),
                Err(reason) => script.left_out.push(LeftOut {
                    path: path.to_owned(),
                    reason,
                }),
            }
        }
    }
    script
}

fn actions(path: &str, before: Option<&str>, after: &str, inventory: &Inventory) -> Vec<Result<Action, String>> {
    // What S3 says of a policy follows from the policy.
    if path
        .rsplit('/')
        .next()
        .is_some_and(|file| stem(file) == "bucket-policy-status")
    {
        return Vec::new();
    }
    let made = match subject(path, inventory) {
        Ok(Some(subject)) => subject.action(path, before, after),
        Ok(None) => {
            let roles = before
                .map(|before| trust_policies(path, before, after))
                .unwrap_or_default();
            if !roles.is_empty() {
                return roles;
            }
            Err("it is no answer of the AWS CLI that a command could put back: edit it by hand".into())
        }
        Err(reason) => Err(reason),
    };
    vec![made]
}

impl Subject {
    fn action(self, path: &str, before: Option<&str>, after: &str) -> Result<Action, String> {
        let rollback = self.answer.command(&self.about, before, as_it_is)?;
        let command = self.answer.command(&self.about, Some(after), laid_out)?;
        if self.answer.locks_out(before, after) {
            return Err(
                "it would deny everyone, the owner as well, to undo it: write a policy that keeps that right".into(),
            );
        }
        Ok(Action {
            account: self.account,
            stage: self.answer.stage,
            resource: self.resource,
            path: path.to_owned(),
            what: self.answer.what.to_owned(),
            notes: Vec::new(),
            commands: vec![command],
            rollback: vec![rollback],
        })
    }
}

fn subject(path: &str, inventory: &Inventory) -> Result<Option<Subject>, String> {
    let components: Vec<&str> = path.split('/').collect();
    match components.as_slice() {
        [root @ .., "s3", bucket, "objects", _] => in_bucket(root, bucket, of_object(), inventory).map(Some),
        [root @ .., "s3", bucket, file] => match of_bucket(stem(file)) {
            Some(answer) => in_bucket(root, bucket, answer, inventory).map(Some),
            None => Ok(None),
        },
        [root @ .., "s3control", file] if stem(file) == "public-access-block" => {
            let account = account(root, inventory).ok_or(UNNAMED)?;
            Ok(Some(Subject {
                account: Some(account),
                resource: format!("arn:aws:iam::{account}:root"),
                answer: of_account(),
                about: vec![format!("--account-id={account}")],
            }))
        }
        [root @ .., "s3control", "access-points", name, file] if stem(file) == "access-point-policy" => {
            let account = account(root, inventory).ok_or(UNNAMED)?;
            let known = inventory.access_points.iter();
            let mut known = known.filter(|point| *point.name == **name && point.account == Some(account));
            let point = known.next().filter(|_| is_name(name)).ok_or(STRANGE)?;
            let region = point.region.iter().filter(|region| is_name(region));
            let named = [format!("--account-id={account}"), format!("--name={name}")];
            Ok(Some(Subject {
                account: Some(account),
                resource: point.arn(),
                answer: of_access_point(),
                about: named
                    .into_iter()
                    .chain(region.map(|region| format!("--region={region}")))
                    .collect(),
            }))
        }
        _ => Ok(None),
    }
}

fn in_bucket(root: &[&str], name: &str, answer: Answer, inventory: &Inventory) -> Result<Subject, String> {
    let in_path = account(root, inventory);
    let mut known = inventory.buckets.iter().filter(|bucket| *bucket.name == *name);
    let bucket = known.find(|bucket| in_path.is_none() || bucket.account == in_path);
    let bucket = bucket.filter(|_| is_name(name)).ok_or(STRANGE)?;
    let region = bucket.region.iter().filter(|region| is_name(region));
    let named = [format!("--bucket={name}")];
    Ok(Subject {
        account: in_path.or(bucket.account),
        resource: bucket.arn(),
        answer,
        about: named
            .into_iter()
            .chain(region.map(|region| format!("--region={region}")))
            .collect(),
    })
}

/// The account that a directory is named after, or the only one there is.
fn account(root: &[&str], inventory: &Inventory) -> Option<AccountId> {
    let named = root.last().and_then(|name| name.parse().ok());
    match inventory.accounts.as_slice() {
        [only] => named.or(only.id),
        _ => named,
    }
}

/// A file is named after its command, with or without `get-`.
fn stem(file: &str) -> &str {
    let stem = file.strip_suffix(".json").unwrap_or(file);
    stem.strip_prefix("get-").unwrap_or(stem)
}

/// Whether something could be the name of a bucket, an access point or a Region, and nothing else.
fn is_name(name: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    name.bytes().all(is_of_name) && name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
}

const UNNAMED: &str = "nothing names the account: give it with `--account`";
const STRANGE: &str = "it is not named like anything that AWS could have";
