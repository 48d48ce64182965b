use serde::{Deserialize, Serialize};

use super::{Finding, Matter};
use crate::source::{Placeholders, Sources, Span, is_identified};

/// A finding as it is known over time: one entry of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Known {
    /// Id of the rule.
    pub rule: String,
    /// The resource.
    #[serde(flatten)]
    pub resource: KnownResource,
    /// The finding in words, for those who read the baseline; it is not compared.
    pub finding: String,
    /// What of the resource it is about.
    pub about: Matter,
}

/// A resource as it is known over time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownResource {
    /// Its ARN, with what is not known before deployment by its name and where it belongs.
    pub resource: String,
    /// The template, where the ARN is not known: another one may have a resource at the same address. Addresses of
    /// Terraform belong to their root already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

impl KnownResource {
    /// The resource of an ARN that something at a place is about.
    pub fn new(arn: &str, span: Span, sources: &Sources, names: &Placeholders) -> Self {
        let resource = names.identify(arn).into_owned();
        let path = sources.path(span);
        let is_scoped = [".tf", ".tf.json", ".tofu", ".tofu.json"]
            .iter()
            .any(|end| path.ends_with(end));
        let file = (is_identified(&resource) && !is_scoped).then(|| path.to_owned());
        Self { resource, file }
    }

    /// Whether its name is not known before deployment.
    pub(super) fn is_unnamed(&self) -> bool {
        is_identified(&self.resource)
    }
}

impl Known {
    /// A finding, as a file can hold it.
    pub fn of(finding: &Finding, sources: &Sources, names: &Placeholders) -> Self {
        Self {
            rule: finding.rule.to_string(),
            resource: KnownResource::new(&finding.resource, finding.locations.primary.span, sources, names),
            finding: names.reveal(&finding.message).into_owned(),
            about: finding.matter.map(&|text| names.identify(text).into_owned()),
        }
    }

    /// The same about a resource that is called otherwise now.
    pub(super) fn renamed(&self, resource: &KnownResource) -> Self {
        let was = &self.resource.resource;
        Self {
            resource: resource.clone(),
            about: self.about.map(&|text| text.replace(was, &resource.resource)),
            ..self.clone()
        }
    }
}
