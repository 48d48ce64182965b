use serde::Deserialize;
use serde_json::value::RawValue;

use super::word::Word;

/// A record as written: an event, or what wraps one or several [CT-02], [CT-03]. Tables spell names in lower case [CT-90].
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), default, rename_all = "camelCase")]
#[derive(Default)]
pub(super) struct RawRecord<'a> {
    #[serde(alias = "eventtime")]
    pub event_time: Word<'a>,
    #[serde(alias = "eventsource")]
    pub event_source: Word<'a>,
    #[serde(alias = "eventname")]
    pub event_name: Word<'a>,
    #[serde(rename = "eventID", alias = "eventid", alias = "eventId")]
    pub event_id: Word<'a>,
    #[serde(rename = "sharedEventID", alias = "sharedeventid", alias = "sharedEventId")]
    pub shared_event_id: Word<'a>,
    #[serde(alias = "awsregion")]
    pub aws_region: Word<'a>,
    #[serde(rename = "sourceIPAddress", alias = "sourceipaddress", alias = "sourceIpAddress")]
    pub source_ip_address: Word<'a>,
    #[serde(alias = "useragent")]
    pub user_agent: Word<'a>,
    #[serde(alias = "errorcode")]
    pub error_code: Word<'a>,
    #[serde(alias = "errormessage")]
    pub error_message: Word<'a>,
    #[serde(alias = "recipientaccountid")]
    pub recipient_account_id: Word<'a>,
    #[serde(alias = "vpcendpointid")]
    pub vpc_endpoint_id: Word<'a>,
    #[serde(alias = "useridentity")]
    pub user_identity: Option<&'a RawValue>,
    #[serde(alias = "requestparameters")]
    pub request_parameters: Option<&'a RawValue>,
    #[serde(alias = "responseelements")]
    pub response_elements: Option<&'a RawValue>,
    #[serde(alias = "additionaleventdata")]
    pub additional_event_data: Option<&'a RawValue>,
    pub resources: Option<&'a RawValue>,
    #[serde(alias = "insightdetails")]
    pub insight_details: Option<&'a RawValue>,

    /// EventBridge.
    pub detail: Option<&'a RawValue>,
    /// CloudTrail Lake, where events are copied out [CT-91].
    #[serde(alias = "eventdata")]
    pub event_data: Option<&'a RawValue>,
    /// An event inside of an envelope of somebody's own.
    pub data: Option<&'a RawValue>,
    /// CloudWatch Logs: the text of an event.
    pub message: Option<&'a RawValue>,
    /// `aws cloudtrail lookup-events`: the text of an event.
    #[serde(rename = "CloudTrailEvent")]
    pub cloud_trail_event: Option<&'a RawValue>,
    #[serde(rename = "Records", alias = "records")]
    pub records: Option<&'a RawValue>,
}

/// `userIdentity` [CT-10…CT-20].
#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), default, rename_all = "camelCase")]
pub(super) struct RawIdentity<'a> {
    #[serde(rename = "type")]
    pub kind: Word<'a>,
    pub arn: Word<'a>,
    #[serde(alias = "accountid")]
    pub account_id: Word<'a>,
    #[serde(alias = "principalid")]
    pub principal_id: Word<'a>,
    #[serde(alias = "username")]
    pub user_name: Word<'a>,
    #[serde(alias = "accesskeyid")]
    pub access_key_id: Word<'a>,
    #[serde(alias = "invokedby")]
    pub invoked_by: Word<'a>,
    #[serde(alias = "identityprovider")]
    pub identity_provider: Word<'a>,
    #[serde(alias = "sessioncontext")]
    pub session_context: Option<RawSession<'a>>,
}

/// `sessionContext` [CT-12].
#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), default, rename_all = "camelCase")]
pub(super) struct RawSession<'a> {
    #[serde(alias = "sessionissuer")]
    pub session_issuer: Option<RawIssuer<'a>>,
    pub attributes: Option<RawAttributes<'a>>,
    #[serde(alias = "webidfederationdata")]
    pub web_id_federation_data: Option<RawFederation<'a>>,
    #[serde(alias = "sourceidentity")]
    pub source_identity: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), default)]
pub(super) struct RawIssuer<'a> {
    pub arn: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), default, rename_all = "camelCase")]
pub(super) struct RawAttributes<'a> {
    #[serde(alias = "creationdate")]
    pub creation_date: Word<'a>,
    #[serde(alias = "mfaauthenticated")]
    pub mfa_authenticated: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), default, rename_all = "camelCase")]
pub(super) struct RawFederation<'a> {
    #[serde(alias = "federatedprovider")]
    pub federated_provider: Word<'a>,
}

/// `additionalEventData`, as far as it is of use [CT-82], [CT-83].
#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), default)]
pub(super) struct RawAdditional<'a> {
    #[serde(rename = "AuthenticationMethod", alias = "authenticationmethod")]
    pub authentication: Word<'a>,
    #[serde(rename = "bytesTransferredIn", alias = "bytestransferredin")]
    pub bytes_in: Word<'a>,
    #[serde(rename = "bytesTransferredOut", alias = "bytestransferredout")]
    pub bytes_out: Word<'a>,
    #[serde(rename = "CipherSuite", alias = "ciphersuite")]
    pub cipher: Word<'a>,
    #[serde(rename = "aclRequired", alias = "aclrequired")]
    pub acl_required: Word<'a>,
}

/// A member of `resources` [CT-52].
#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), default)]
pub(super) struct RawResource<'a> {
    #[serde(rename = "ARN", alias = "arn")]
    pub arn: Word<'a>,
    #[serde(rename = "ARNPrefix", alias = "arnprefix")]
    pub prefix: Word<'a>,
    #[serde(rename = "type")]
    pub kind: Word<'a>,
    #[serde(rename = "accountId", alias = "accountid")]
    pub account: Word<'a>,
}

/// `insightDetails`: what an Insights event says in place of a call [CT-92].
#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), default, rename_all = "camelCase")]
pub(super) struct RawInsight<'a> {
    #[serde(alias = "eventsource")]
    pub event_source: Word<'a>,
    #[serde(alias = "eventname")]
    pub event_name: Word<'a>,
}
