use std::collections::BTreeMap;

use serde::Serialize;

use super::super::Report;
use super::super::access_table::{grantee_in_words, resource_in_words};
use super::super::subject::owner;
use super::page::UNKNOWN;
use crate::finding::{Grant, GrantEffect, Grantee, ResourceKind, Sharing};
use crate::iam::Level;

/// That somebody outside the zone of trust reaches a resource.
pub(super) struct Reached {
    pub grantee: String,
    /// The grantee without its fence, by which the drawing puts arrows together.
    pub whom: String,
    pub resource: String,
    /// The resource as the drawing names it: of several accounts only buckets have names of their own.
    pub target: String,
    pub arn: String,
    pub account: String,
    pub levels: Vec<Level>,
    pub is_role: bool,
    pub kind: Reach,
}

/// How somebody reaches a resource, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// A stranger does.
    Public,
    /// Somebody outside the zone of trust does.
    External,
    /// Somebody would, if nothing stopped it.
    Blocked,
}

/// A line of the table.
#[derive(Serialize)]
pub(super) struct ReachRow {
    grantee: String,
    resource: String,
    arn: String,
    account: String,
    levels: String,
    kind: &'static str,
}

impl ReachRow {
    pub fn of(reached: &Reached) -> Self {
        Self {
            grantee: reached.grantee.clone(),
            resource: reached.resource.clone(),
            arn: reached.arn.clone(),
            account: reached.account.clone(),
            levels: reached.levels_in_words(),
            kind: reached.kind.as_str(),
        }
    }
}

impl Reached {
    /// What the grantee can do, in AWS's words.
    pub fn levels_in_words(&self) -> String {
        if self.is_role {
            return "assume".into();
        }
        let names: Vec<&str> = self.levels.iter().map(|level| level.as_str()).collect();
        names.join(", ")
    }
}

impl Reach {
    /// The name in words, which is also the class in the style.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::External => "external",
            Self::Blocked => "blocked",
        }
    }

    fn of(grant: &Grant) -> Option<Self> {
        match grant.effect {
            GrantEffect::Effective if grant.is_public() => Some(Self::Public),
            GrantEffect::Effective if grant.outside_zone => Some(Self::External),
            GrantEffect::Blocked if grant.outside_zone || grant.is_public() => Some(Self::Blocked),
            GrantEffect::Effective | GrantEffect::Blocked | GrantEffect::Ineffective => None,
        }
    }
}

/// Who outside the zone of trust reaches what, worst first.
pub(super) fn reached(report: &Report<'_>) -> Vec<Reached> {
    let mut all = Vec::new();
    for access in report.resources {
        let mut of_resource: BTreeMap<(Reach, String), Reached> = BTreeMap::new();
        let account = owner(access).unwrap_or(UNKNOWN.into());
        let resource = report.shown(&resource_in_words(access));
        for grant in &access.grants {
            let Some(kind) = Reach::of(grant) else { continue };
            let grantee = report.shown(&grantee_in_words(grant));
            let entry = of_resource.entry((kind, grantee.clone())).or_insert_with(|| Reached {
                whom: report.shown(&whom(&grant.grantee)),
                target: match access.resource.kind {
                    ResourceKind::Bucket | ResourceKind::Object => resource.clone(),
                    ResourceKind::AccessPoint | ResourceKind::Role => format!("{resource} of {account}"),
                },
                resource: resource.clone(),
                arn: report.shown(&access.resource.arn),
                account: account.clone(),
                levels: Vec::new(),
                is_role: access.resource.kind == ResourceKind::Role,
                kind,
                grantee,
            });
            entry.levels.extend(grant.levels());
            entry.levels.sort_unstable();
            entry.levels.dedup();
        }
        all.extend(of_resource.into_values());
    }
    // The order of the resources holds within a kind.
    all.sort_by_key(|reached| reached.kind);
    all
}

/// The grantee as the drawing names it: principals by their accounts.
fn whom(grantee: &Grantee) -> String {
    match grantee {
        Grantee::Anonymous => "anyone on the internet".into(),
        Grantee::AnyAwsAccount => "any AWS account".into(),
        Grantee::Principal(arn) => match arn.split(':').nth(4).filter(|account| !account.is_empty()) {
            Some(account) => format!("account {account}"),
            None => arn.to_string(),
        },
        Grantee::Federated(provider) => {
            let issuer = provider.split_once("-provider/").map_or(&**provider, |(_, name)| name);
            format!("identities of {issuer}")
        }
        Grantee::Organization(id) => format!("organization {id}"),
        Grantee::Service(Some(name)) => format!("the service {name}"),
        Grantee::Service(None) => "any AWS service".into(),
        Grantee::Account(account) => format!("account {account}"),
        Grantee::CanonicalUser(id) => format!("canonical id {id}"),
        Grantee::CloudFrontOai(id) => format!("CloudFront origin access identity {id}"),
        Grantee::Unknown(what) => what.to_string(),
    }
}

/// Whether a resource is listed although no finding is about it.
pub(super) fn is_shared(sharing: Sharing) -> bool {
    match sharing {
        Sharing::Public | Sharing::External | Sharing::Unknown => true,
        Sharing::Internal | Sharing::NotShared => false,
    }
}
