use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::time_text;
use crate::iam::Timestamp;
use crate::model::ApiEvent;

/// An unusual rate of calls or errors, as CloudTrail Insights saw it [CT-92].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InsightHit {
    /// When.
    #[serde(with = "time_text")]
    pub time: Timestamp,
    /// `eventID`.
    pub event_id: String,
    /// `Start` or `End`.
    pub state: Option<String>,
    /// Kind, such as `ApiCallRateInsight`.
    pub kind: Option<String>,
    /// Call that it is about.
    pub event_name: String,
    /// Service of the call.
    pub service: String,
    /// Error that it is about.
    pub error: Option<String>,
    /// Account that it was seen in.
    pub account: Option<String>,
    /// Usual calls a minute.
    pub baseline: Option<String>,
    /// Calls a minute that were seen.
    pub seen: Option<String>,
    /// Callers that it is attributed to.
    pub principals: Vec<String>,
}

impl InsightHit {
    /// The insight that an event is, if it is one.
    pub(super) fn of(event: &ApiEvent) -> Option<Self> {
        let details: Value = serde_json::from_str(event.insight.as_deref()?).unwrap_or(Value::Null);
        let text = |path: &str| details.pointer(path).and_then(Value::as_str).map(ToOwned::to_owned);
        let number = |path: &str| {
            details
                .pointer(path)
                .filter(|value| value.is_number())
                .map(Value::to_string)
        };
        Some(Self {
            time: event.time,
            event_id: event.id.to_string(),
            state: text("/state"),
            kind: text("/insightType"),
            event_name: event.name.to_string(),
            service: event.service.to_string(),
            error: text("/errorCode"),
            account: event.account.map(|account| account.to_string()),
            baseline: number("/insightContext/statistics/baseline/average"),
            seen: number("/insightContext/statistics/insight/average"),
            principals: principals(&details),
        })
    }
}

/// The callers among the attributions.
fn principals(details: &Value) -> Vec<String> {
    let attributions = details
        .pointer("/insightContext/attributions")
        .and_then(Value::as_array);
    let of_callers =
        |attribution: &&Value| attribution.get("attribute").and_then(Value::as_str) == Some("userIdentityArn");
    let values = attributions
        .into_iter()
        .flatten()
        .filter(of_callers)
        .flat_map(|attribution| {
            let seen = attribution.get("insight").and_then(Value::as_array);
            seen.into_iter()
                .flatten()
                .filter_map(|one| one.get("value").and_then(Value::as_str))
        });
    values.map(ToOwned::to_owned).collect()
}
