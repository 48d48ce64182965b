use std::collections::BTreeMap;

use super::cut::{self, Cuts};
use super::effect::{breaks, closes, decide, gains};
use super::{Phase, Step, aws, credentials};
use crate::engine::{DocumentKind, Grant, Options, Verdict, Zone};
use crate::iam::{Level, Plane, action};
use crate::incident::{Credentials, Incident, Remaining, Seen, remaining};
use crate::model::{Acl, Inventory, PublicAccessBlock, Setting};

/// A way in that must be shut.
pub type Door = Remaining;

/// What a plan is made of.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// The state that is to be shut.
    pub inventory: &'a Inventory,
    /// Requests of the log, if there is one.
    pub seen: &'a [Seen],
    /// What the log tells of credentials.
    pub credentials: &'a Credentials,
    /// Who counts as us.
    pub zone: &'a Zone,
    /// How access is decided.
    pub options: &'a Options,
}

/// A plan.
#[derive(Clone, Debug, Default)]
pub struct Containment {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The state after all of them.
    pub after: Inventory,
    /// What is still open then, or cannot be told, in words.
    pub left: Vec<String>,
    /// Buckets and roles of the incident that are not in the snapshot.
    pub foreign: Vec<String>,
}

/// Plans how to shut these doors, those of the hostile principals among them.
pub fn contain(scene: Scene<'_>, mut doors: Vec<Door>) -> Containment {
    let remains = remaining(scene.incident, scene.inventory, scene.zone, scene.options);
    doors.extend(remains.access);
    let mut planner = Planner {
        scene,
        doors,
        state: scene.inventory.clone(),
        steps: credentials::keys(&scene),
        left: [remains.undecided, credentials::unknown_roles(&scene)].concat(),
    };
    planner.documents(Phase::Trust);
    planner.steps.extend(credentials::sessions(&scene));
    planner.documents(Phase::ControlPlane);
    planner.documents(Phase::DataPlane);
    planner.documents(Phase::Acls);
    planner.blocks();
    planner.still_open();
    Containment {
        steps: planner.steps,
        after: planner.state,
        left: planner.left,
        foreign: remains.foreign,
    }
}

/// A document of a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Trust(String),
    Policy(String),
    Point(String),
    BucketAcl(String),
    ObjectAcl(String, String),
}

struct Planner<'a> {
    scene: Scene<'a>,
    doors: Vec<Door>,
    state: Inventory,
    steps: Vec<Step>,
    left: Vec<String>,
}

impl Planner<'_> {
    /// A step for each document of a kind that lets somebody through one of the doors.
    fn documents(&mut self, phase: Phase) {
        let mut cuts: BTreeMap<Place, Cuts> = BTreeMap::new();
        for door in &self.doors {
            for source in &door.grant.sources {
                let Some(place) = self
                    .place(door, source.document)
                    .filter(|_| phase_of(door, source.document) == Some(phase))
                else {
                    continue;
                };
                let grantees = cuts.entry(place).or_default().entry(source.index).or_default();
                grantees.push(door.grant.grantee.clone());
            }
        }
        for (place, cuts) in cuts {
            let mut next = self.state.clone();
            if let Some(step) = change(&mut next, phase, &place, &cuts) {
                self.prove(step, next);
            }
        }
    }

    /// The document of this kind that a door is in.
    fn place(&self, door: &Door, document: DocumentKind) -> Option<Place> {
        let arn = door.resource.as_str();
        let name = arn.split_once(":s3:::").map(|(_, name)| name);
        let bucket = || name.and_then(|name| name.split('/').next()).map(ToOwned::to_owned);
        match document {
            DocumentKind::TrustPolicy => Some(Place::Trust(arn.to_owned())),
            DocumentKind::AccessPointPolicy => Some(Place::Point(arn.to_owned())),
            DocumentKind::BucketPolicy => {
                let behind = || self.state.access_points.iter().find(|point| point.arn() == arn);
                bucket()
                    .or_else(|| behind().map(|point| point.bucket.to_string()))
                    .map(Place::Policy)
            }
            DocumentKind::BucketAcl => bucket().map(Place::BucketAcl),
            DocumentKind::ObjectAcl => {
                let (bucket, key) = name?.split_once('/')?;
                Some(Place::ObjectAcl(bucket.to_owned(), key.to_owned()))
            }
            DocumentKind::ResourceControlPolicy => None,
        }
    }

    /// Switches all four blocks on for the buckets of the incident.
    fn blocks(&mut self) {
        let named = &self.scene.incident.buckets;
        let buckets: Vec<String> = self
            .state
            .buckets
            .iter()
            .map(|bucket| bucket.name.to_string())
            .collect();
        for name in buckets.into_iter().filter(|name| named.contains(name)) {
            let mut next = self.state.clone();
            if let Some(step) = block(&mut next, &name) {
                self.prove(step, next);
            }
        }
    }

    /// Decides the state after a step, and takes the step only if nobody gains by it.
    fn prove(&mut self, mut step: Step, next: Inventory) {
        let Scene {
            zone, options, seen, ..
        } = self.scene;
        if gains(&self.state, &next, zone, options) {
            self.left.push(format!(
                "{}: not planned, because it could give somebody access: {}",
                step.resource, step.what
            ));
            return;
        }
        step.closes = closes(&self.doors, &self.state, &next, options);
        step.breaks = breaks(seen, &self.state, &next, options);
        self.steps.push(step);
        self.state = next;
    }

    /// Says which doors are open after all steps.
    fn still_open(&mut self) {
        let Scene {
            incident,
            zone,
            options,
            ..
        } = self.scene;
        let remains = remaining(incident, &self.state, zone, options);
        let of_doors = self.doors.iter().filter(|door| {
            let decision = decide(&door.grant.witness, &self.state, options);
            decision.is_none_or(|decision| decision.verdict != Verdict::Denied)
        });
        let open = of_doors.chain(&remains.access).map(|door| {
            let witness = &door.grant.witness;
            format!(
                "`{}` on `{}` by `{}` is still allowed",
                witness.action.name, witness.resource, witness.caller
            )
        });
        self.left.extend(open);
        self.left.extend(remains.undecided);
        self.left.sort();
        self.left.dedup();
    }
}

fn phase_of(door: &Door, document: DocumentKind) -> Option<Phase> {
    match document {
        DocumentKind::TrustPolicy => Some(Phase::Trust),
        DocumentKind::BucketPolicy | DocumentKind::AccessPointPolicy if is_control(&door.grant) => {
            Some(Phase::ControlPlane)
        }
        DocumentKind::BucketPolicy | DocumentKind::AccessPointPolicy => Some(Phase::DataPlane),
        DocumentKind::BucketAcl | DocumentKind::ObjectAcl => Some(Phase::Acls),
        DocumentKind::ResourceControlPolicy => None,
    }
}

/// Whether a grant lets somebody change settings or who has access, and not only look at them [S3A-01…11].
fn is_control(grant: &Grant) -> bool {
    let mut actions = grant.actions.iter().filter_map(|id| action(*id));
    actions.any(|action| match action.level {
        Level::PermissionsManagement => true,
        Level::Write | Level::Tagging => action.plane() == Plane::Control,
        Level::List | Level::Read => false,
    })
}

/// Makes a change of one document, and tells how it is made.
fn change(state: &mut Inventory, phase: Phase, place: &Place, cuts: &Cuts) -> Option<Step> {
    match place {
        Place::Trust(arn) => trust(state, arn, cuts),
        Place::Policy(name) => {
            let bucket = state.buckets.iter_mut().find(|bucket| *bucket.name == **name)?;
            let what = format!("the bucket policy no longer lets in {}", cut::whom(cuts));
            let mut step = Step::new(phase, bucket.account.map(|id| id.to_string()), bucket.arn(), what);
            let after = cut::policy(bucket.policy.value()?, cuts);
            let files = files(name, phase, "policy");
            let (command, document) = aws::set_policy(bucket, Some(&after), &files.1);
            let (back, original) = aws::set_policy(bucket, bucket.policy.value(), &files.0);
            fill(&mut step, (command, document), (back, original), files);
            replace(&mut bucket.policy, after);
            Some(step)
        }
        Place::Point(arn) => {
            let point = state.access_points.iter_mut().find(|point| point.arn() == *arn)?;
            let what = format!("the access point policy no longer lets in {}", cut::whom(cuts));
            let mut step = Step::new(phase, point.account.map(|id| id.to_string()), &**arn, what);
            let after = cut::policy(point.policy.value()?, cuts);
            let files = files(&point.name, phase, "access-point-policy");
            let (command, document) = aws::set_point_policy(point, Some(&after), &files.1);
            let (back, original) = aws::set_point_policy(point, point.policy.value(), &files.0);
            fill(&mut step, (command, document), (back, original), files);
            replace(&mut point.policy, after);
            Some(step)
        }
        Place::BucketAcl(name) => {
            let bucket = state.buckets.iter_mut().find(|bucket| *bucket.name == **name)?;
            let before = bucket.acl.value()?.clone();
            let step = of_acl(bucket, None, &before, cuts);
            replace(&mut bucket.acl, cut::acl(&before, cuts));
            Some(step)
        }
        Place::ObjectAcl(name, key) => {
            let bucket = state.buckets.iter_mut().find(|bucket| *bucket.name == **name)?;
            let object = bucket.objects.iter().find(|object| *object.key == **key)?;
            let before = object.acl.value()?.clone();
            let step = of_acl(bucket, Some(key), &before, cuts);
            let object = bucket.objects.iter_mut().find(|object| *object.key == **key)?;
            replace(&mut object.acl, cut::acl(&before, cuts));
            Some(step)
        }
    }
}

fn trust(state: &mut Inventory, arn: &str, cuts: &Cuts) -> Option<Step> {
    let role = state.roles.iter_mut().find(|role| role.arn() == arn)?;
    let what = format!("the trust policy no longer lets in {}", cut::whom(cuts));
    let mut step = Step::new(Phase::Trust, role.account.map(|id| id.to_string()), arn, what);
    let before = role.trust.value()?.clone();
    let after = cut::trust(&before, cuts);
    let files = files(&role.name, Phase::Trust, "policy");
    let (command, back) = (aws::set_trust(role, &files.1), aws::set_trust(role, &files.0));
    fill(
        &mut step,
        (command, Some(after.to_json())),
        (back, Some(before.to_json())),
        files,
    );
    step.notes
        .push("sessions that are there stay valid until they are revoked".into());
    replace(&mut role.trust, after);
    Some(step)
}

fn of_acl(bucket: &crate::model::Bucket, key: Option<&str>, before: &Acl, cuts: &Cuts) -> Step {
    let (verb, about) = match key {
        Some(key) => ("put-object-acl", format!("{}/{key}", bucket.arn())),
        None => ("put-bucket-acl", bucket.arn()),
    };
    let mut step = Step::new(
        Phase::Acls,
        bucket.account.map(|id| id.to_string()),
        about,
        format!("the ACL no longer lets in {}", cut::whom(cuts)),
    );
    let stem = bucket.objects.iter().position(|object| Some(&*object.key) == key);
    let stem = stem.map_or_else(
        || bucket.name.to_string(),
        |place| format!("{}-object-{place}", bucket.name),
    );
    let files = files(&stem, Phase::Acls, "acl");
    let set = |acl: Option<serde_json::Value>, file: &str| match (key, acl) {
        (Some(key), acl) => {
            let document = aws::object_acl(bucket, key, acl.as_ref());
            let command = aws::aws(&["s3api", verb, &aws::of_file("cli-input-json", file)]);
            (command, Some(document))
        }
        (None, Some(acl)) => {
            let from = aws::of_file("access-control-policy", file);
            (aws::s3api(verb, bucket, &[&from]), Some(acl))
        }
        (None, None) => (aws::s3api(verb, bucket, &["--acl=private"]), None),
    };
    match (aws::acl(before), aws::acl(&cut::acl(before, cuts))) {
        (Some(original), Some(document)) => {
            let (command, back) = (set(Some(document), &files.1), set(Some(original), &files.0));
            fill(&mut step, command, back, files);
        }
        (_, _) => {
            let (command, document) = set(None, &files.1);
            step.commands.push(command);
            step.documents.extend(document.map(|document| (files.1, document)));
            step.notes
                .push("the snapshot does not tell the owner: all grants go, and there is no way back".into());
        }
    }
    step
}

fn block(state: &mut Inventory, name: &str) -> Option<Step> {
    let bucket = state.buckets.iter_mut().find(|bucket| *bucket.name == *name)?;
    let before = match &bucket.public_access_block {
        Setting::Set(block) if block.value == PublicAccessBlock::ALL => return None,
        Setting::Set(block) => Some(block.value),
        Setting::Absent | Setting::Unknown(_) => None,
    };
    let what = "nothing public has effect on the bucket any more, whatever policies and ACLs say";
    let mut step = Step::new(
        Phase::Blocks,
        bucket.account.map(|id| id.to_string()),
        bucket.arn(),
        what,
    );
    let set = |block| {
        let setting = aws::block(block);
        let setting = format!("--public-access-block-configuration={setting}");
        aws::s3api("put-public-access-block", bucket, &[&setting])
    };
    step.commands.push(set(PublicAccessBlock::ALL));
    step.rollback.push(match before {
        Some(before) => set(before),
        None => aws::s3api("delete-public-access-block", bucket, &[]),
    });
    if bucket.public_access_block.as_unknown().is_some() {
        step.notes
            .push("the snapshot does not tell what was set: look before, the way back may not be this one".into());
    }
    bucket.public_access_block = Setting::set(PublicAccessBlock::ALL, bucket.span);
    Some(step)
}

/// Names of the files of a document as it is, and as it will be.
fn files(name: &str, phase: Phase, document: &str) -> (String, String) {
    let of = |when| aws::file_name(&format!("{name}-{}-{document}-{when}.json", phase.as_str()));
    (of("before"), of("after"))
}

type Set = (super::Command, Option<serde_json::Value>);

fn fill(step: &mut Step, (command, document): Set, (back, original): Set, (before, after): (String, String)) {
    step.commands.push(command);
    step.rollback.push(back);
    step.documents.extend(document.map(|document| (after, document)));
    step.documents.extend(original.map(|original| (before, original)));
}

fn replace<T>(setting: &mut Setting<T>, value: T) {
    if let Setting::Set(spanned) = setting {
        spanned.value = value;
    }
}
