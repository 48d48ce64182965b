//! The part of OCSF 1.3 that is written, by the names of its schema.

use serde::Serialize;

use super::json_access::{PlaceView, WitnessView};

#[derive(Serialize)]
pub(super) struct Event<'a> {
    pub activity_id: u8,
    pub activity_name: &'static str,
    pub category_uid: u8,
    pub category_name: &'static str,
    pub class_uid: u16,
    pub class_name: &'static str,
    pub type_uid: u32,
    pub type_name: &'static str,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub time: i64,
    pub severity_id: u8,
    pub severity: &'static str,
    pub status_id: u8,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_detail: Option<&'a str>,
    pub message: &'a str,
    pub metadata: Metadata<'a>,
    pub cloud: Cloud,
    pub finding_info: FindingInfo<'a>,
    pub compliance: Compliance<'a>,
    pub resources: [Resource<'a>; 1],
    pub remediation: Remediation<'a>,
    /// What the class has no place for.
    pub unmapped: Unmapped<'a>,
}

#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    pub version: &'static str,
    pub profiles: [&'static str; 1],
    pub product: Product<'a>,
}

#[derive(Serialize)]
pub(super) struct Product<'a> {
    pub name: &'static str,
    pub vendor_name: &'static str,
    pub version: &'a str,
}

#[derive(Serialize)]
pub(super) struct Cloud {
    pub provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
}

#[derive(Serialize)]
pub(super) struct Account {
    pub uid: String,
    pub type_id: u8,
    #[serde(rename = "type")]
    pub name: &'static str,
}

#[derive(Serialize)]
pub(super) struct FindingInfo<'a> {
    pub uid: &'a str,
    pub title: &'a str,
    pub desc: &'a str,
    pub created_time: i64,
    pub analytic: Analytic<'a>,
}

#[derive(Serialize)]
pub(super) struct Analytic<'a> {
    pub uid: &'a str,
    pub name: &'a str,
    pub type_id: u8,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

#[derive(Serialize)]
pub(super) struct Compliance<'a> {
    pub control: &'a str,
    pub standards: [String; 1],
    pub status_id: u8,
    pub status: &'static str,
}

#[derive(Serialize)]
pub(super) struct Resource<'a> {
    pub uid: &'a str,
    pub name: &'a str,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_partition: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Remediation<'a> {
    pub desc: &'a str,
}

#[derive(Serialize)]
pub(super) struct Unmapped<'a> {
    pub status: &'static str,
    pub location: PlaceView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<WitnessView<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub references: &'a [String],
}
