use std::collections::HashMap;

use super::Report;
use crate::finding::{Caller, ContextValue, Finding, Grant, Request, ResourceAccess};
use crate::model::When;

/// The witnesses of a report in words, such as `anyone on the internet: s3:GetObject arn:aws:s3:::b/k from 203.0.113.7`.
pub(super) struct Witnesses<'a> {
    /// Each with its place.
    resources: HashMap<(&'a str, &'a [When]), (usize, &'a ResourceAccess)>,
}

impl<'a> Witnesses<'a> {
    pub(super) fn new(report: &Report<'a>) -> Self {
        let by_arn = report
            .resources
            .iter()
            .enumerate()
            .map(|(place, access)| ((access.resource.arn.as_str(), &*access.resource.when), (place, access)));
        Self {
            resources: by_arn.collect(),
        }
    }

    /// The witness of a finding, if it has one.
    pub(super) fn of(&self, finding: &Finding) -> Option<String> {
        let request = finding.witness.as_ref()?;
        Some(request_in_words(request, self.grant(finding)))
    }

    /// What was not known and was assumed for a finding.
    pub(super) fn assumed(&self, finding: &Finding) -> impl Iterator<Item = &'a str> {
        let assumed = self.grant(finding).map(|grant| &grant.assumed);
        assumed
            .into_iter()
            .flatten()
            .map(|assumption| assumption.unknown.as_str())
    }

    /// The grant that a finding is about, if it is about one.
    pub(super) fn grant(&self, finding: &Finding) -> Option<&'a Grant> {
        self.access(finding)?.grants.get(finding.grant?)
    }

    /// The resource that a finding is about, where it is one of those that were judged.
    pub(super) fn access(&self, finding: &Finding) -> Option<&'a ResourceAccess> {
        self.placed(finding).map(|(_, access)| access)
    }

    /// The places of resource and grant of a finding about a grant.
    pub(super) fn place(&self, finding: &Finding) -> Option<(usize, usize)> {
        let (place, _) = self.placed(finding)?;
        Some((place, finding.grant?))
    }

    fn placed(&self, finding: &Finding) -> Option<(usize, &'a ResourceAccess)> {
        let key = (finding.resource.as_str(), &*finding.when);
        self.resources.get(&key).copied()
    }
}

/// A request in words, with the circumstances that matter: those that people ask about, and those the grant asks for.
pub(super) fn request_in_words(request: &Request, grant: Option<&Grant>) -> String {
    let (caller, mut said) = caller_in_words(request);
    let mut words = format!("{caller}: {} {}", request.action.name, request.resource);
    for (keys, phrase) in CIRCUMSTANCES {
        // Of keys that say the same more or less exactly, the first one that is there is enough.
        let value = keys
            .iter()
            .find_map(|key| request.context.one(key).map(|value| (*key, value)));
        if let Some((key, value)) = value {
            words.push_str(&phrase.replace("{}", value));
            said.push(key.to_lowercase());
        }
    }
    for (key, value) in request.context.iter() {
        let folded = key.folded();
        let asked_for = grant.is_some_and(|grant| asks_for(grant, folded));
        match (folded, value_in_words(value).as_str()) {
            ("aws:securetransport", "false") => words.push_str(" without TLS"),
            ("aws:securetransport", "true") if asked_for => words.push_str(" over TLS"),
            (_, value) if asked_for && !said.iter().any(|said| said == folded) => {
                words.push_str(&format!(" with {} {value}", key.name()));
            }
            (_, _) => {}
        }
    }
    words
}

/// Who makes a request, in words, and the context keys that have been said so.
fn caller_in_words(request: &Request) -> (String, Vec<String>) {
    let words = match &request.caller {
        Caller::Anonymous if ON_ENDPOINT.iter().any(|key| request.context.contains(key)) => "anyone".into(),
        Caller::Anonymous => "anyone on the internet".into(),
        Caller::Aws(_) | Caller::UniqueId(_) => request.caller.to_string(),
        Caller::Canonical(id) => format!("the account with canonical id {id}"),
        Caller::Service(name) => format!("the service {name}"),
        Caller::OriginAccessIdentity(id) => format!("CloudFront origin access identity {id}"),
        Caller::Federated(provider) => {
            let issuer = provider.issuer().map_or(provider.to_string(), str::to_owned);
            let key = format!("{issuer}:sub");
            return match request.context.one(&key) {
                Some(subject) => (format!("{subject} of {issuer}"), vec![key.to_lowercase()]),
                None => (format!("an identity of {issuer}"), Vec::new()),
            };
        }
    };
    (words, Vec::new())
}

pub(super) fn value_in_words(value: &ContextValue) -> String {
    match value {
        ContextValue::One(value) => visible(value).to_owned(),
        ContextValue::Many(values) => {
            let values: Vec<&str> = values.iter().map(|value| visible(value)).collect();
            values.join(", ")
        }
    }
}

/// A value, and an empty one as such.
pub(super) fn visible(value: &str) -> &str {
    if value.is_empty() { "\"\"" } else { value }
}

/// The outcomes of tests not known before deployment that a finding depends on, in words.
pub(super) fn when_in_words(finding: &Finding) -> Option<String> {
    let outcomes = finding.when.iter().map(|when| {
        let verb = if when.holds { "holds" } else { "does not hold" };
        format!("`{}` {verb}", when.test)
    });
    let outcomes: Vec<String> = outcomes.collect();
    (!outcomes.is_empty()).then(|| outcomes.join(" and "))
}

/// A text of at most so many characters; an ellipsis stands for what was cut.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

fn asks_for(grant: &Grant, folded: &str) -> bool {
    let conditions = grant.conditions.iter().map(|residual| &residual.key);
    let fences = grant.confined_by.iter().map(|confinement| &confinement.key);
    conditions.chain(fences).any(|key| key.to_lowercase() == folded)
}

/// Keys of requests that do not come over the internet [CTX-13].
const ON_ENDPOINT: &[&str] = &["aws:SourceVpce", "aws:SourceVpc", "aws:SourceVpcArn", "aws:VpcSourceIp"];

/// Keys that people ask about first, and how a sentence says them.
const CIRCUMSTANCES: &[(&[&str], &str)] = &[
    (&["aws:SourceIp", "aws:VpcSourceIp"], " from {}"),
    (&["aws:SourceVpce", "aws:SourceVpc"], " through {}"),
    (&["s3:DataAccessPointArn"], " through {}"),
    (&["aws:SourceArn"], " on behalf of {}"),
    (&["aws:SourceAccount"], " on behalf of account {}"),
    (&["sts:ExternalId"], " with external id {}"),
];
