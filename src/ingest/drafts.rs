use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::access_point::AccessPointFiles;
use super::bucket::{BucketFiles, Subject, UNREAD};
use super::cloudformation::Parameters;
use super::discover::{Texts, Walk, Walked, origin, read_parameters, show};
use super::file::{FileRef, Origin, stem};
use super::layout::{InBucket, Layout, Place, Root, Task, bucket_directory, place};
use super::names::could_be_bucket;
use super::request::{Input, InputStatus, Kind, Request};
use super::terraform::{RootFiles, Tree, is_terraform, roots};
use super::unit::{Discovery, Given, SingleFile, Unit, What};
use super::yaml::is_template_name;
use crate::source::{Diagnostic, DiagnosticSeverity, FileId};

/// Groups what was found by what its paths say.
pub(super) fn group(walk: Walk, request: &Request) -> Discovery {
    let mut found = Discovery {
        file_count: walk.files.len(),
        diagnostics: walk.diagnostics,
        inputs: walk.inputs,
        arguments: walk.arguments,
        files: walk.files.iter().map(|walked| walked.file.clone()).collect(),
        incomplete: walk.incomplete,
        exclude: walk.exclude,
        doubled: walk.doubled,
        ..Discovery::default()
    };
    given(request, &walk.within_reach, &mut found);
    if request.attach.is_some() && !matches!(&*walk.files, [Walked { explicit: true, .. }]) {
        let message = "`--as` speaks of one document, and not exactly one file was named";
        let error = Diagnostic::new(
            DiagnosticSeverity::Error,
            "bucketproof::ingest::as_needs_one_file",
            message,
        );
        found
            .diagnostics
            .push(error.with_help("name the one file that it speaks of"));
        let arguments = std::mem::take(&mut found.arguments);
        found.inputs.extend(arguments.into_iter().map(|path| Input {
            path,
            kind: None,
            status: InputStatus::Refused,
        }));
        return found;
    }
    let mut drafts = Drafts {
        closed: walk.closed,
        ..Drafts::default()
    };
    for walked in walk.files {
        drafts.file(walked, request);
    }
    for (argument, path) in &walk.directories {
        drafts.directory(*argument, path, request);
    }
    drafts.terraform((walk.named, walk.within_reach), &mut found, request);
    drafts.settle(&mut found);
    if takes(request, Layout::Snapshot) {
        drafts.bucket_directories();
    }
    drafts.single_answers(&mut found);
    drafts.finish(found, request)
}

/// Reads what the request says of templates.
fn given(request: &Request, files: &Texts, found: &mut Discovery) {
    let mut parameters = Parameters::default();
    for path in &request.deployment.parameters {
        match read_parameters(path, files) {
            Ok(more) => parameters.extend(more),
            Err(diagnostic) => {
                found.diagnostics.push(*diagnostic);
                found.incomplete = true;
            }
        }
    }
    let variables = request.deployment.variables.iter().map(|(name, value)| {
        let bytes = Origin::Memory(value.as_bytes().into());
        (name.as_str().into(), found.add_file(&format!("--var {name}"), bytes))
    });
    let variables = variables.collect();
    let named = request.deployment.variable_files.iter();
    let variable_files = named
        .map(|path| found.add_file(&show(path), origin(path, files)))
        .collect();
    found.given = Arc::new(Given {
        deployment: request.deployment.clone(),
        parameters,
        variables,
        variable_files,
    });
}

/// Units that are being put together.
#[derive(Default)]
struct Drafts {
    buckets: BTreeMap<(Root, String), BucketDraft>,
    access_points: BTreeMap<(Root, String), (BTreeSet<usize>, AccessPointFiles)>,
    answers: Vec<(Root, Task, Walked)>,
    loose: Vec<Walked>,
    /// Directories that nobody could look into.
    closed: BTreeSet<String>,
    /// Second files of access points that hold the same answer.
    doubles: Vec<(FileRef, FileRef)>,
}

#[derive(Default)]
struct BucketDraft {
    arguments: BTreeSet<usize>,
    /// Whether the directory is certainly a bucket's.
    certain: bool,
    files: Vec<(Subject, FileRef)>,
    objects: Vec<FileRef>,
    rest: Vec<Walked>,
}

impl Drafts {
    fn file(&mut self, walked: Walked, request: &Request) {
        let shown = walked.file.shown.clone();
        let path: Vec<&str> = shown.split('/').collect();
        let place = if request.attach.is_some() {
            Place::Loose
        } else {
            place(&path)
        };
        match place {
            Place::Bucket(root, name, inside) if takes(request, root.layout) => {
                let draft = self.buckets.entry((root, name.to_owned())).or_default();
                draft.arguments.insert(walked.argument);
                match inside {
                    InBucket::Answer(subject) => draft.files.push((subject, walked.file)),
                    InBucket::Object => draft.objects.push(walked.file),
                    InBucket::Unread => draft.rest.push(walked),
                    InBucket::Strange(certain) => {
                        draft.certain |= certain;
                        draft.rest.push(walked);
                    }
                }
            }
            Place::AccessPoint(root, name, is_policy) if takes(request, root.layout) => {
                let draft = self.access_points.entry((root, name.to_owned()));
                let (arguments, files) = draft.or_insert_with(|| (BTreeSet::new(), AccessPointFiles::new(name)));
                arguments.insert(walked.argument);
                let slot = if is_policy {
                    &mut files.policy
                } else {
                    &mut files.description
                };
                match slot {
                    Some(first) => self.doubles.push((first.clone(), walked.file)),
                    None => *slot = Some(walked.file),
                }
            }
            Place::Answer(root, task) if takes(request, root.layout) => self.answers.push((root, task, walked)),
            Place::Bucket(..) | Place::AccessPoint(..) | Place::Answer(..) | Place::Loose => self.loose.push(walked),
        }
    }

    /// A bucket without any file is a bucket all the same.
    fn directory(&mut self, argument: usize, path: &str, request: &Request) {
        let path: Vec<&str> = path.split('/').collect();
        if let Some((root, name)) = bucket_directory(&path).filter(|_| takes(request, Layout::Snapshot)) {
            let draft = self.buckets.entry((root, name.to_owned())).or_default();
            draft.arguments.insert(argument);
            draft.certain = true;
        }
    }

    /// Takes the files of Terraform, one unit for each root.
    fn terraform(&mut self, reach: (Vec<PathBuf>, Texts), found: &mut Discovery, request: &Request) {
        if request.kind.is_some_and(|kind| kind != Kind::Terraform) || request.attach.is_some() {
            return;
        }
        let (files, rest): (Vec<Walked>, Vec<Walked>) = self
            .loose
            .drain(..)
            .partition(|walked| is_terraform(walked.file.name()));
        self.loose = rest;
        if files.is_empty() {
            return;
        }
        let tree = Arc::new(Tree::new(&found.files, reach));
        let arguments: BTreeMap<FileId, usize> = files.iter().map(|walked| (walked.file.id, walked.argument)).collect();
        for (number, (directory, first)) in roots(&tree).into_iter().enumerate() {
            let argument = arguments.get(&first).copied().unwrap_or_default();
            let root = RootFiles {
                tree: tree.clone(),
                below: below(found.arguments.get(argument), &directory).into(),
                directory: directory.clone(),
                number,
                first,
                given: found.given.clone(),
            };
            let group = Root::new(Layout::Loose, &[&directory]);
            found.add([argument].into(), group, What::Terraform(root));
        }
    }

    /// Settles which directories are buckets', and warns about files there that nobody knows.
    fn settle(&mut self, found: &mut Discovery) {
        for draft in self.buckets.values_mut() {
            let is_bucket = draft.certain || !draft.files.is_empty() || !draft.objects.is_empty();
            let rest = std::mem::take(&mut draft.rest);
            if is_bucket {
                rest.iter().for_each(|walked| strange(&walked.file, found));
            } else {
                self.loose.extend(rest);
            }
        }
        self.buckets
            .retain(|_, draft| draft.certain || !draft.files.is_empty() || !draft.objects.is_empty());
        self.loose.sort_by_key(|walked| walked.file.id);
    }

    /// Of two files with the same answer the first is read.
    fn single_answers(&mut self, found: &mut Discovery) {
        for (first, second) in &self.doubles {
            two_files(first, second, found);
        }
        for draft in self.buckets.values_mut() {
            let mut seen = BTreeMap::new();
            draft.files.retain(|(subject, file)| {
                let first = seen.entry(*subject).or_insert_with(|| file.clone());
                let is_first = first.id == file.id;
                if !is_first {
                    two_files(first, file, found);
                }
                is_first
            });
        }
    }

    /// A directory outside of any snapshot that holds two answers about a bucket, by their names, is a bucket's.
    fn bucket_directories(&mut self) {
        let mut known: BTreeMap<String, Vec<(Subject, Walked)>> = BTreeMap::new();
        for walked in &self.loose {
            let subject = Subject::from_stem(walked.file.stem());
            if let (Some(subject), Some((parent, _))) = (subject, walked.file.shown.rsplit_once('/')) {
                known
                    .entry(parent.to_owned())
                    .or_default()
                    .push((subject, walked.clone()));
            }
        }
        let mut taken = BTreeSet::new();
        for (directory, files) in known {
            let (root, name) = directory.rsplit_once('/').unwrap_or(("", &directory));
            if files.len() < 2 || !could_be_bucket(name) {
                continue;
            }
            taken.extend(files.iter().map(|(_, walked)| walked.file.id));
            let root = Root::new(Layout::Snapshot, &[root]);
            let draft = self.buckets.entry((root, name.to_owned())).or_default();
            draft.arguments.extend(files.iter().map(|(_, walked)| walked.argument));
            draft
                .files
                .extend(files.into_iter().map(|(subject, walked)| (subject, walked.file)));
        }
        self.loose.retain(|walked| !taken.contains(&walked.file.id));
    }

    fn finish(self, mut found: Discovery, request: &Request) -> Discovery {
        let mut asked: BTreeMap<Root, BTreeSet<Subject>> = BTreeMap::new();
        for ((root, _), draft) in &self.buckets {
            let subjects = draft.files.iter().map(|(subject, _)| *subject);
            asked.entry(root.clone()).or_default().extend(subjects);
        }
        let asked: BTreeMap<Root, Arc<BTreeSet<Subject>>> = asked
            .into_iter()
            .map(|(root, subjects)| (root, Arc::new(subjects)))
            .collect();
        for ((root, name), draft) in self.buckets {
            let asked = asked.get(&root).cloned().unwrap_or_default();
            let what = What::Bucket(BucketFiles {
                directory: draft.is_empty().then(|| found.directory(&root, &name)),
                closed: self.closed.contains(&root.bucket(&name)),
                name: name.into(),
                exported: (root.layout == Layout::Flat).then(|| BTreeSet::clone(&asked)),
                asked,
                files: draft.files,
                objects: draft.objects,
            });
            found.add(draft.arguments, root, what);
        }
        for ((root, _), (arguments, files)) in self.access_points {
            found.add(arguments, root, What::AccessPoint(files));
        }
        for (root, task, walked) in self.answers {
            let what = What::File(SingleFile::new(task, &walked, request, &found.given));
            found.add([walked.argument].into(), root, what);
        }
        for walked in self.loose {
            if !walked.explicit && !holds_data(walked.file.name()) {
                found.unread.push((walked.argument, walked.file));
                continue;
            }
            let root = found.surroundings(&walked.file);
            let what = What::File(SingleFile::new(Task::Loose, &walked, request, &found.given));
            found.add([walked.argument].into(), root, what);
        }
        found.units.sort_by_key(Unit::first);
        found
    }
}

impl BucketDraft {
    fn is_empty(&self) -> bool {
        self.files.is_empty() && self.objects.is_empty()
    }
}

/// Whether the request lets a layout count.
fn takes(request: &Request, layout: Layout) -> bool {
    match request.kind {
        None => true,
        Some(Kind::CliSnapshot) => layout == Layout::Snapshot,
        Some(Kind::FlatExport) => layout == Layout::Flat,
        Some(
            Kind::CliAnswer
            | Kind::AuthorizationDetails
            | Kind::AwsConfig
            | Kind::Policy
            | Kind::Recording
            | Kind::CloudFormation
            | Kind::Terraform
            | Kind::TerraformPlan
            | Kind::TerraformState,
        ) => false,
    }
}

/// A directory as it is called below the path that was named.
fn below<'d>(argument: Option<&String>, directory: &'d str) -> &'d str {
    let inside = argument.and_then(|argument| directory.strip_prefix(argument.as_str()));
    inside.unwrap_or(directory).trim_start_matches('/')
}

/// Whether the name is one under which JSON or a template is kept.
fn holds_data(name: &str) -> bool {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    stem(name) != name || is_template_name(name) || name.ends_with(".tfstate")
}

/// Says that two files hold the same answer: nobody knows which one is true.
fn two_files(first: &FileRef, second: &FileRef, found: &mut Discovery) {
    let message = format!(
        "this holds the same answer as `{}`, which is read instead",
        first.name()
    );
    found.incomplete = true;
    found.diagnostics.push(
        Diagnostic::warning("bucketproof::ingest::two_files", second.span(), message)
            .with_help("keep the one that is true"),
    );
}

/// Warns about a file in a bucket's directory that nobody will read.
fn strange(file: &FileRef, found: &mut Discovery) {
    let stem = file.stem();
    let name = stem.strip_prefix("get-").unwrap_or(stem);
    if UNREAD.contains(&name) || file.name().starts_with('.') {
        return;
    }
    let near = Subject::ALL
        .iter()
        .map(|subject| (strsim::osa_distance(name, subject.stem()), subject.stem()))
        .min()
        .filter(|(distance, _)| *distance < 4);
    // Something that was meant to be read and is not: an answer is missing.
    found.incomplete |= near.is_some();
    let help = match near {
        Some((_, near)) => format!("did you mean `{near}.json`?"),
        None => "files are named after the command, such as `bucket-policy.json`".to_owned(),
    };
    let message = format!("`{}` is no answer about a bucket", file.name());
    found
        .diagnostics
        .push(Diagnostic::warning("bucketproof::ingest::unknown_file", file.span(), message).with_help(help));
}

#[cfg(test)]
mod tests {
    use super::super::read::read;
    use super::*;
    use crate::source::UnknownReason;

    /// Nobody knows what lies in a directory that cannot be looked into.
    #[test]
    fn a_closed_directory_tells_nothing_of_its_bucket() {
        let directory = |name: &str| (0, format!("x/111122223333/s3/{name}"));
        let mut walk = Walk::default();
        walk.arguments.push("x".into());
        walk.directories.extend(["open", "shut"].map(directory));
        walk.closed.insert(directory("shut").1);
        let found = group(walk, &Request::default());
        let parts: Vec<_> = found.units.iter().map(read).collect();
        let buckets = parts.iter().flat_map(|part| &part.buckets).map(|found| &found.bucket);
        let reasons: Vec<_> = buckets
            .map(|bucket| {
                let reason = match &bucket.policy {
                    crate::model::Setting::Unknown(why) => Some(why.reason.clone()),
                    crate::model::Setting::Absent | crate::model::Setting::Set(_) => None,
                };
                (&*bucket.name, reason, bucket.acl.is_absent())
            })
            .collect();
        let expected = [("open", None, true), ("shut", Some(UnknownReason::Unreadable), false)];
        assert_eq!(reasons, expected);
    }
}
