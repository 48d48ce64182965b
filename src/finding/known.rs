use serde::{Deserialize, Serialize};

use super::{Finding, Matter};
use crate::source::Placeholders;

/// A finding as it is known over time: one entry of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Id of the rule.
    pub rule: String,
    /// ARN of the resource.
    pub resource: String,
    /// The finding in words, for those who read the baseline; it is not compared.
    pub finding: String,
    /// What of the resource it is about.
    pub about: Matter,
}

impl Known {
    /// A finding, with what is not known before deployment by its name and where it belongs, as a file can hold it.
    pub fn of(finding: &Finding, names: &Placeholders) -> Self {
        Self {
            rule: finding.rule.to_string(),
            resource: names.identify(&finding.resource).into_owned(),
            finding: names.reveal(&finding.message).into_owned(),
            about: finding.matter.map(&|text| names.identify(text).into_owned()),
        }
    }

    /// The same about a resource that is called otherwise now.
    pub(super) fn renamed(&self, resource: &str) -> Self {
        Self {
            resource: resource.to_owned(),
            about: self.about.map(&|text| text.replace(&self.resource, resource)),
            ..self.clone()
        }
    }
}
