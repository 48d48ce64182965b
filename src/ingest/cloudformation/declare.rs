use super::evaluator::Evaluator;
use super::template::Resource;
use crate::iam::{AccountId, PolicyKind};
use crate::ingest::document::View;
use crate::ingest::notes::Notes;
use crate::ingest::settings::{four_settings, tags};
use crate::ingest::template::{Declared, What, not_deployed, placeholder_in, policy};
use crate::model::{AccessPoint, NetworkOrigin, Role, Setting, When};
use crate::source::{Node, Placeholder, Text, UnknownReason};

/// A resource with its properties evaluated, as it is under some outcomes.
pub(super) struct Evaluated<'e> {
    pub resource: Resource<'e>,
    pub properties: &'e Node,
    pub when: Vec<When>,
}

impl Evaluated<'_> {
    /// One thing that the resource declares.
    pub fn declares(&self, what: What) -> Declared {
        Declared {
            address: self.resource.id.into(),
            what,
            when: self.when.clone(),
            span: self.resource.span,
        }
    }

    /// The same, written at a property.
    pub fn declares_at(&self, node: &Node, what: What) -> Declared {
        Declared {
            span: node.span,
            ..self.declares(what)
        }
    }

    /// The text of a property that is there and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let text = self.properties.get(name).and_then(super::parameters::scalar);
        text.filter(|text| !text.is_empty())
    }

    /// A name of its own, or the placeholder of what AWS will call it.
    fn name(&self, property: &str, evaluator: &mut Evaluator<'_>) -> String {
        match self.text(property) {
            Some(name) => name.to_owned(),
            None => evaluator.identity(self.resource.id, self.resource.span),
        }
    }
}

/// `AWS::IAM::Role` [FMT-75].
pub(super) fn role(found: &Evaluated<'_>, evaluator: &mut Evaluator<'_>, notes: &mut Notes) -> Declared {
    let properties = found.properties;
    let trust = match properties.get("AssumeRolePolicyDocument") {
        Some(document) => policy(document, PolicyKind::Trust, notes),
        None => Setting::unknown(UnknownReason::NotInInput, Some(found.resource.span)),
    };
    let inline = properties.get("Policies").map(Node::items).unwrap_or_default();
    let inline = inline.iter().filter_map(|policy| policy.get("PolicyName")?.as_str());
    let managed = properties.get("ManagedPolicyArns").map(Node::items).unwrap_or_default();
    let policies = inline
        .chain(managed.iter().filter_map(Node::as_str))
        .map(Into::into)
        .collect();
    let role = Role {
        name: found.name("RoleName", evaluator).into(),
        path: found.text("Path").unwrap_or("/").into(),
        trust,
        tags: tag_set(properties.get("Tags"), notes),
        policies,
        span: found.resource.span,
        ..Role::default()
    };
    found.declares(What::Role(role))
}

/// `AWS::S3::AccessPoint` [FMT-74].
pub(super) fn access_point(found: &Evaluated<'_>, evaluator: &mut Evaluator<'_>, notes: &mut Notes) -> Declared {
    let properties = found.properties;
    let vpc = properties.get("VpcConfiguration").and_then(|vpc| vpc.get("VpcId"));
    let account = |name: &str| found.text(name).and_then(account_of);
    let point = AccessPoint {
        name: found.name("Name", evaluator).into(),
        bucket: found.text("Bucket").unwrap_or_default().into(),
        bucket_account: account("BucketAccountId"),
        // The one that `AWS::Region` stands for in its policy.
        region: Some(evaluator.identity("region", found.resource.span).into()),
        origin: vpc.map_or(NetworkOrigin::Internet, |vpc| {
            NetworkOrigin::Vpc(vpc.as_str().map(Into::into))
        }),
        policy: match properties.get("Policy") {
            Some(document) => policy(document, PolicyKind::AccessPoint, notes),
            None => Setting::Absent,
        },
        public_access_block: match properties.get("PublicAccessBlockConfiguration") {
            Some(block) => settle(block, notes, four_settings),
            None => Setting::Absent,
        },
        span: found.resource.span,
        ..AccessPoint::default()
    };
    found.declares(What::AccessPoint(point))
}

/// An account id, or the placeholder of one.
fn account_of(text: &str) -> Option<AccountId> {
    match text.parse::<Placeholder>() {
        Ok(placeholder) => Some(AccountId::from_placeholder(placeholder)),
        Err(_) => text.parse().ok(),
    }
}

/// Reads a value that AWS writes in the same shape elsewhere; what is not known before deployment stays so.
pub(super) fn settle<T>(
    node: &Node,
    notes: &mut Notes,
    read: impl FnOnce(View<'_>) -> Result<Setting<T>, crate::ingest::notes::Wrong>,
) -> Setting<T> {
    if let Some(unknown) = placeholder_in(node) {
        return not_deployed(unknown);
    }
    let text = Text::new(node.span.file, "");
    match read(View::new(&text, node)) {
        Ok(setting) => setting,
        Err(wrong) => {
            notes.not_a_property(wrong);
            Setting::unknown(UnknownReason::Invalid, Some(node.span))
        }
    }
}

/// The tags of a resource; the value of one that is not known is left as its placeholder.
pub(super) fn tag_set(node: Option<&Node>, notes: &mut Notes) -> Setting<crate::model::Tags> {
    let Some(node) = node.filter(|node| !node.is_null()) else {
        return Setting::Absent;
    };
    if node.as_str().is_some_and(Placeholder::is_in) {
        return not_deployed(node);
    }
    let text = Text::new(node.span.file, "");
    tags(View::new(&text, node)).unwrap_or_else(|wrong| {
        notes.not_a_property(wrong);
        Setting::unknown(UnknownReason::Invalid, Some(node.span))
    })
}
