use super::iam_change;
use super::notes::note;
use super::parameters::{Field, Written};
use super::s3_change;
use crate::iam::{AccountId, PolicyDocument, PolicyKind, parse_policy};
use crate::model::{
    AccessPoint, Acl, ApiEvent, Bucket, EventResource, ObjectOwnership, Payer, PublicAccessBlock, Role, Setting, Tags,
    Versioning,
};
use crate::source::{Diagnostic, UnknownReason};

/// What an event is about, what it does there, and the same in words.
#[derive(Debug)]
pub(super) struct Change {
    pub target: Target,
    pub set: Set,
    pub words: String,
    /// Why what it changes of access is not told, where it is not.
    pub open: Option<&'static str>,
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Account(Option<AccountId>),
    Bucket(Box<str>, Option<AccountId>),
    AccessPoint(Box<str>, Option<AccountId>),
    Role(Box<str>, Option<AccountId>),
    /// Something else, as the event names it.
    Other(String),
}

/// What an event does to the state [CT-95].
#[derive(Debug)]
pub(super) enum Set {
    AccountBlock(Setting<PublicAccessBlock>),
    BucketPolicy(Setting<PolicyDocument>),
    BucketAcl(Setting<Acl>),
    BucketBlock(Setting<PublicAccessBlock>),
    Ownership(Setting<ObjectOwnership>),
    Payer(Setting<Payer>),
    Tags(Setting<Tags>),
    Versioning(Setting<Versioning>),
    NewBucket(Box<Bucket>),
    NoBucket,
    /// The ACL of an object that was there.
    ObjectAcl(Box<str>, Setting<Acl>),
    /// An object, with its ACL, in place of what was there.
    NewObject(Box<str>, Setting<Acl>),
    NoObject(Box<str>),
    NewPoint(Box<AccessPoint>),
    PointPolicy(Setting<PolicyDocument>),
    NoPoint,
    NewRole(Box<Role>),
    Trust(Setting<PolicyDocument>),
    NoRole,
    /// Nothing that is followed.
    Nothing,
}

/// An event with its parameters and answer.
pub(super) struct Told<'e> {
    pub event: &'e ApiEvent,
    pub parameters: Option<&'e Written>,
    pub response: Option<&'e Written>,
    pub diagnostics: &'e mut Vec<Diagnostic>,
}

/// What an event changes; none where it changes nothing that is told.
pub(super) fn change(told: &mut Told<'_>) -> Option<Change> {
    let name = told.event.name.clone();
    let change = match service(told.event) {
        "s3" => s3_change::change(&name, told),
        "iam" => iam_change::change(&name, told),
        _ => None,
    };
    change.or_else(|| told_in_words(told))
}

/// The service, as the rules name it: S3 has several [CT-30].
pub(super) fn service(event: &ApiEvent) -> &str {
    let name = event.service.split('.').next().unwrap_or_default();
    match name {
        "s3-control" | "s3express" | "s3-outposts" => "s3",
        other => other,
    }
}

fn told_in_words(told: &mut Told<'_>) -> Option<Change> {
    let service = service(told.event);
    let note = note(service, &told.event.name)?;
    let name = told.event.name.as_ref();
    let open = match service {
        "organizations" => Some("what policies of the organization change of access is not followed"),
        "s3" if name.contains("AccessGrant") => Some("what S3 Access Grants change of access is not followed"),
        "s3" if name.contains("MultiRegion") => {
            Some("what multi-Region access points change of access is not followed")
        }
        _ => None,
    };
    Some(Change {
        target: told.target(),
        set: Set::Nothing,
        words: told.fill(note.words),
        open,
    })
}

impl<'e> Told<'e> {
    /// A parameter that is a text.
    pub fn text(&self, name: &str) -> Option<&'e str> {
        self.parameters?.field().text(name)
    }

    /// A parameter.
    pub fn field(&self, name: &str) -> Option<Field<'e>> {
        self.parameters?.field().get(name)
    }

    /// The account that the event is about: that of the resource, of the trail, of the caller.
    pub fn account(&self) -> Option<AccountId> {
        let event = self.event;
        let of_resource = event.resources.iter().find_map(|resource| resource.account);
        of_resource.or(event.account).or(event.actor.account)
    }

    /// A bucket, by the parameters, and else by the resources [CT-52].
    pub fn bucket(&self) -> Option<Target> {
        let resources = self.event.resources.iter();
        let of_resource = || {
            resources
                .clone()
                .find_map(|resource| bucket_in(resource.arn.as_deref()?))
        };
        let name = self.text("bucketName").or_else(of_resource)?;
        // A copy has resources of two buckets.
        let is_it = |resource: &&EventResource| resource.arn.as_deref().and_then(bucket_in) == Some(name);
        let owner = resources.clone().filter(is_it).find_map(|resource| resource.account);
        Some(Target::Bucket(name.into(), owner.or(self.account())))
    }

    /// What an event is about, by whatever names it.
    fn target(&self) -> Target {
        let account = self.event.account.or(self.event.actor.account);
        let id = account.map(|id| id.to_string()).unwrap_or_default();
        if let Some(name) = self.text("roleName") {
            return Target::Role(name.into(), account);
        }
        for (parameter, kind) in [("userName", "user"), ("groupName", "group")] {
            if let Some(name) = self.text(parameter) {
                return Target::Other(format!("arn:aws:iam::{id}:{kind}/{name}"));
            }
        }
        let arn = ["policyArn", "trailArn", "sAMLProviderArn", "openIDConnectProviderArn"]
            .iter()
            .find_map(|name| self.text(name));
        let named = arn.map(|arn| Target::Other(arn.to_owned()));
        let denied = || self.denied_on().map(Target::Other);
        named
            .or_else(|| self.bucket())
            .or_else(denied)
            .unwrap_or(Target::Account(account))
    }

    /// What a refusal says that it was about: the parameters of those of IAM are not told [CT-05].
    fn denied_on(&self) -> Option<String> {
        let message = self.event.error_message.as_deref()?;
        let (_, behind) = message.split_once("on resource: ")?;
        let named = behind.split_whitespace().next()?;
        (named != "*").then(|| named.to_owned())
    }

    /// Words with the parameters that they name.
    pub fn fill(&self, words: &str) -> String {
        let mut filled = String::new();
        let mut rest = words;
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
            filled.push_str(before);
            filled.push_str(self.named(name).unwrap_or("?"));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// A parameter; a user that is not named is the caller [CT-67].
    fn named(&self, name: &str) -> Option<&'e str> {
        let own = || self.event.actor.user_name.as_deref().filter(|_| name == "userName");
        self.text(name).or_else(own)
    }

    /// A policy document: an object, or text that holds one.
    pub fn policy(&mut self, field: Option<Field<'_>>, kind: PolicyKind) -> Setting<PolicyDocument> {
        let Some(field) = field.filter(|field| !field.is_empty()) else {
            return Setting::unknown(UnknownReason::Unreadable, None);
        };
        let inside = field.is_text().then(|| Written::inside(field));
        let node = match &inside {
            None => field.node(),
            Some(Some(inside)) => inside.root(),
            Some(None) => return Setting::unknown(UnknownReason::Unreadable, Some(field.span())),
        };
        match parse_policy(node, kind).document {
            Ok(document) => {
                let span = document.span;
                Setting::set(document, span)
            }
            Err(problems) => {
                self.diagnostics.extend(problems);
                Setting::unknown(UnknownReason::Invalid, Some(field.span()))
            }
        }
    }
}

/// The bucket that the ARN of a bucket or an object names.
fn bucket_in(arn: &str) -> Option<&str> {
    let (_, name) = arn.split_once(":s3:::")?;
    name.split('/').next()
}

/// The four settings; one that is not written is off [BPA-07].
pub(super) fn block(field: Option<Field<'_>>) -> Setting<PublicAccessBlock> {
    let Some(field) = field else {
        return Setting::unknown(UnknownReason::Unreadable, None);
    };
    let on = |name| field.get(name).map_or(Some(false), Field::truth);
    let read = || {
        Some(PublicAccessBlock {
            block_public_acls: on("BlockPublicAcls")?,
            ignore_public_acls: on("IgnorePublicAcls")?,
            block_public_policy: on("BlockPublicPolicy")?,
            restrict_public_buckets: on("RestrictPublicBuckets")?,
        })
    };
    let unreadable = || Setting::unknown(UnknownReason::Unreadable, Some(field.span()));
    read().map_or_else(unreadable, |block| Setting::set(block, field.span()))
}
