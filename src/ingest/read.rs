use super::access_point;
use super::authorization;
use super::bucket;
use super::document::{Answer, View};
use super::layout::{Layout, Task};
use super::loose::read_loose;
use super::notes::{Expected, Wrong};
use super::organization;
use super::part::{Listed, Listing, Part};
use super::request::Kind;
use super::settings::{public_access_block, time};
use super::terraform::read_root;
use super::unit::{SingleFile, Unit, What};
use crate::iam::CanonicalId;
use crate::model::{Organization, Setting};
use crate::source::{DuplicateKey, Unknown, UnknownReason};

/// Reads the files of one unit. Units can be read in any order and at the same time.
pub fn read(unit: &Unit) -> Part {
    let mut part = Part {
        arguments: unit.arguments.clone(),
        first: unit.first(),
        group: unit.group,
        kind: match unit.layout {
            Layout::Snapshot => Some(Kind::CliSnapshot),
            Layout::Flat => Some(Kind::FlatExport),
            Layout::Loose => None,
        },
        ..Part::default()
    };
    if let What::File(single) = &unit.what {
        part.explicit = single.explicit;
    }
    part.of_account = unit.layout != Layout::Loose && !unit.is_organization();
    match &unit.what {
        What::Bucket(files) => bucket::read_bucket(files, &mut part),
        What::AccessPoint(files) => access_point::read_access_point(files, &mut part),
        What::File(single) if single.task == Task::Loose => read_loose(single, &mut part),
        What::File(single) => read_single(single, &mut part),
        What::Terraform(root) => read_root(root, &mut part),
    }
    part
}

/// Reads a file of which its place says what it holds.
fn read_single(single: &SingleFile, part: &mut Part) {
    let file = &single.file;
    let Some(loaded) = part.load(file) else {
        return unknown(
            single.task,
            &Setting::unknown(UnknownReason::Unreadable, Some(file.span())),
            part,
        );
    };
    let text = loaded.text();
    let expected = single.task.expected();
    match part.notes.answer(file, Answer::read(&text), expected) {
        Ok(values) => {
            let last = values.len().saturating_sub(1);
            for (index, value) in values.iter().enumerate() {
                let view = View::new(&text, &value.root);
                let read = read_value(single.task, view, &value.duplicates, part);
                if let Err(wrong) = read {
                    part.notes.wrong(wrong, expected.command);
                    let lost = Setting::unknown(UnknownReason::Unreadable, Some(view.span()));
                    unknown(single.task, &lost, part);
                }
                if index == last {
                    part.notes.more_pages(view);
                }
            }
        }
        Err(setting) => unknown(single.task, &setting, part),
    }
    part.keep(loaded);
}

/// What is not known of the account or the organization where a file holds no answer.
fn unknown(task: Task, setting: &Setting<()>, part: &mut Part) {
    let Setting::Unknown(Unknown { reason, span }) = setting else {
        // AWS said that there is none.
        if task == Task::AccountBlock {
            part.account_block = Some(Setting::Absent);
        }
        return;
    };
    match task {
        Task::AccountBlock => part.account_block = Some(Setting::unknown(reason.clone(), *span)),
        Task::Organization | Task::OrganizationAccounts | Task::OrganizationPolicies => {
            let organization = part.organization.get_or_insert_with(Organization::default);
            organization.unknown.push(Unknown {
                reason: reason.clone(),
                span: *span,
            });
        }
        Task::Listing | Task::AccessPointListing | Task::Authorization | Task::Caller | Task::Loose => {}
    }
}

/// Reads one value of a file whose task is known.
///
/// # Errors
/// When it has another shape.
pub(super) fn read_value(
    task: Task,
    view: View<'_>,
    duplicates: &[DuplicateKey],
    part: &mut Part,
) -> Result<(), Wrong> {
    let require = |names: &[&str]| {
        let any = names.iter().any(|name| view.has(name));
        let first = names.first().copied().unwrap_or_default();
        if any { Ok(()) } else { Err(Wrong::missing(view, first)) }
    };
    match task {
        Task::Authorization => {
            require(&[
                "RoleDetailList",
                "UserDetailList",
                "Roles",
                "Role",
                "GroupDetailList",
                "Policies",
            ])?;
            authorization::read_authorization(view, duplicates, part);
            return Ok(());
        }
        _ => part.notes.duplicates(duplicates),
    }
    match task {
        Task::Listing => {
            require(&["Buckets"])?;
            part.listings.push(listing(view)?);
        }
        Task::AccountBlock => {
            let block = public_access_block(view)?;
            let doubted = !duplicates.is_empty();
            let unreadable = || Setting::unknown(UnknownReason::Unreadable, Some(view.span()));
            part.account_block = Some(if doubted { unreadable() } else { block });
        }
        Task::AccessPointListing => {
            require(&["AccessPointList"])?;
            access_point::read_listing(view, part);
        }
        Task::Caller => {
            let id = view.get("Account").ok_or_else(|| Wrong::missing(view, "Account"))?;
            let account = id.node.as_str().and_then(|id| id.parse().ok());
            part.callers
                .push((account.ok_or_else(|| Wrong::value(id, "account id"))?, id.span()));
        }
        Task::Organization => part.join(organization::organization(view)?),
        Task::OrganizationAccounts => part.join(organization::accounts(view)?),
        Task::OrganizationPolicies => {
            let policies = organization::policies(view, &mut part.notes);
            part.join(policies);
        }
        Task::Authorization | Task::Loose => {}
    }
    Ok(())
}

/// `s3api list-buckets` [FMT-10].
fn listing(view: View<'_>) -> Result<Listing, Wrong> {
    let buckets = view.items_of("Buckets").map(|item| {
        let name = item.text_of("Name").ok_or_else(|| Wrong::missing(item, "Name"))?;
        Ok(Listed {
            name: name.into(),
            region: item.text_of("BucketRegion").map(Into::into),
            created: item.get("CreationDate").and_then(time),
            span: item.span(),
        })
    });
    let owner = view.get("Owner").and_then(|owner| owner.text_of("ID"));
    Ok(Listing {
        owner: owner.map(CanonicalId::new),
        buckets: buckets.collect::<Result<_, Wrong>>()?,
    })
}

impl Task {
    /// What its file is to hold.
    pub fn expected(self) -> Expected {
        let (command, absent): (_, &'static [&'static str]) = match self {
            Self::Listing => ("s3api list-buckets", &[]),
            Self::AccountBlock => ("s3control get-public-access-block", bucket::NO_BLOCK),
            Self::AccessPointListing => ("s3control list-access-points", &[]),
            Self::Authorization => (authorization::COMMAND, &["NoSuchEntity"]),
            Self::Caller => ("sts get-caller-identity", &[]),
            Self::Organization => ("organizations describe-organization", NO_ORGANIZATION),
            Self::OrganizationAccounts => ("organizations list-accounts", NO_ORGANIZATION),
            Self::OrganizationPolicies => (organization::COMMAND, NO_ORGANIZATION),
            Self::Loose => ("s3api get-bucket-policy", &[]),
        };
        Expected {
            command,
            absent,
            silent: false,
        }
    }
}

const NO_ORGANIZATION: &[&str] = &["AWSOrganizationsNotInUseException"];
