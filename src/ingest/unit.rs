use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::access_point::AccessPointFiles;
use super::bucket::BucketFiles;
use super::cloudformation::Parameters;
use super::discover::Walked;
use super::file::{FileRef, Origin};
use super::layout::{Layout, Root, Task};
use super::request::{Attachment, Deployment, Input, Kind, Request};
use super::terraform::RootFiles;
use crate::source::{Diagnostic, FileId};

/// What there is to read.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The units, in the order of their files. Each can be read on its own, in any order.
    pub units: Vec<Unit>,
    /// How many files were found, those included that nobody will read.
    pub file_count: usize,
    /// What is to be said already.
    pub diagnostics: Vec<Diagnostic>,
    /// Paths that could not be looked at.
    pub inputs: Vec<Input>,
    pub(super) arguments: Vec<String>,
    /// Every file; its place is its id.
    pub(super) files: Vec<FileRef>,
    pub(super) groups: Vec<Root>,
    pub(super) group_ids: BTreeMap<Root, usize>,
    /// Files that are none of those that hold data, by path of the request.
    pub(super) unread: Vec<(usize, FileRef)>,
    pub(super) exclude: Vec<glob::Pattern>,
    /// Paths of the request with files that another path has already.
    pub(super) doubled: BTreeSet<usize>,
    pub(super) incomplete: bool,
    /// What the request says of templates.
    pub(super) given: Arc<Given>,
}

/// Files that are read together: those of one bucket, those of one access point, or a single one.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The paths of the request that its files lie under; one but where several files of one bucket were named.
    pub(super) arguments: BTreeSet<usize>,
    pub(super) group: usize,
    pub(super) layout: Layout,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Bucket(BucketFiles),
    AccessPoint(AccessPointFiles),
    File(SingleFile),
    /// A directory with Terraform files.
    Terraform(RootFiles),
}

/// A file that is read alone.
#[derive(Clone, Debug)]
pub(super) struct SingleFile {
    pub file: FileRef,
    pub task: Task,
    /// Whether the user named this very file.
    pub explicit: bool,
    pub kind: Option<Kind>,
    pub attach: Option<Attachment>,
    pub given: Arc<Given>,
}

/// What the request says of templates.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    pub deployment: Deployment,
    pub parameters: Parameters,
    /// Values of Terraform variables, each as a file of its own.
    pub variables: Vec<(Box<str>, FileRef)>,
    /// Files with values of Terraform variables.
    pub variable_files: Vec<FileRef>,
}

impl Discovery {
    pub(super) fn add(&mut self, arguments: BTreeSet<usize>, root: Root, what: What) {
        let layout = root.layout;
        let next = self.groups.len();
        let group = *self.group_ids.entry(root.clone()).or_insert(next);
        if group == next {
            self.groups.push(root);
        }
        self.units.push(Unit {
            arguments,
            group,
            layout,
            what,
        });
    }

    /// Where a single file belongs: to the account whose files begin in its directory, or to nothing but its neighbours.
    pub(super) fn surroundings(&self, file: &FileRef) -> Root {
        let directory = file.shown.rsplit_once('/').map_or("", |(directory, _)| directory);
        let roots = [Layout::Snapshot, Layout::Flat].map(|layout| Root::new(layout, &[directory]));
        let account = roots.into_iter().find(|root| self.group_ids.contains_key(root));
        account.unwrap_or_else(|| Root::new(Layout::Loose, &[directory]))
    }

    /// A place in the list of sources for a file that no path of the request leads to.
    pub(super) fn add_file(&mut self, shown: &str, origin: Origin) -> FileRef {
        let file = FileRef {
            id: FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX)),
            shown: shown.into(),
            origin,
        };
        self.files.push(file.clone());
        file
    }

    /// A place in the list of sources for a directory without files.
    pub(super) fn directory(&mut self, root: &Root, name: &str) -> FileRef {
        let file = FileRef {
            id: FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX)),
            shown: root.bucket(name).into(),
            origin: Origin::Memory(Vec::new().into()),
        };
        self.files.push(file.clone());
        file
    }
}

impl Unit {
    /// Whether it speaks of an organization, or of nobody knows what.
    pub(super) fn is_organization(&self) -> bool {
        match &self.what {
            What::Bucket(_) | What::AccessPoint(_) | What::Terraform(_) => false,
            What::File(single) => match single.task {
                Task::Organization | Task::OrganizationAccounts | Task::OrganizationPolicies | Task::Loose => true,
                Task::Listing | Task::AccountBlock | Task::AccessPointListing | Task::Authorization | Task::Caller => {
                    false
                }
            },
        }
    }

    /// The first of its files.
    pub(super) fn first(&self) -> Option<FileId> {
        match &self.what {
            What::Bucket(files) => {
                let answers = files.files.iter().map(|(_, file)| file);
                let all = answers.chain(&files.objects).chain(&files.directory);
                all.map(|file| file.id).min()
            }
            What::AccessPoint(files) => files.description.iter().chain(&files.policy).map(|file| file.id).min(),
            What::File(single) => Some(single.file.id),
            What::Terraform(root) => Some(root.first),
        }
    }
}

impl SingleFile {
    pub fn new(task: Task, walked: &Walked, request: &Request, given: &Arc<Given>) -> Self {
        Self {
            file: walked.file.clone(),
            task,
            explicit: walked.explicit,
            kind: request.kind,
            attach: request.attach.clone(),
            given: given.clone(),
        }
    }
}
