//! Events that change no document that is followed here, in words: what they do, and to what.

/// An event that is told in words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    /// The service, as `eventSource` begins.
    service: &'static str,
    /// The name of the event.
    pub name: &'static str,
    /// What happened; `{x}` stands for the parameter `x`.
    pub words: &'static str,
}

/// The note about events of this service and name.
pub(super) fn note(service: &str, name: &str) -> Option<Note> {
    notes().find(|note| note.service == service && note.name == name)
}

/// All of them.
pub(super) fn notes() -> impl Iterator<Item = Note> {
    let lines = NOTES.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let (service, rest) = line.split_once(' ')?;
        let (name, words) = rest.split_once(' ')?;
        Some(Note { service, name, words })
    })
}

/// One a line: service, name, words.
const NOTES: &str = "\
# [CT-44], [CT-46]: what these change of access is not followed.
s3 CreateMultiRegionAccessPoint multi-Region access point made
s3 PutMultiRegionAccessPointPolicy policy of a multi-Region access point set
s3 DeleteMultiRegionAccessPoint multi-Region access point deleted
s3 CreateAccessGrant access grant made
s3 DeleteAccessGrant access grant deleted
s3 CreateAccessGrantsInstance S3 Access Grants turned on
s3 DeleteAccessGrantsInstance S3 Access Grants turned off
s3 CreateAccessGrantsLocation location of S3 Access Grants made
s3 DeleteAccessGrantsLocation location of S3 Access Grants deleted
s3 PutAccessGrantsInstanceResourcePolicy policy of S3 Access Grants set
s3 DeleteAccessGrantsInstanceResourcePolicy policy of S3 Access Grants deleted
# [CT-45]
s3 PutBucketCors cross-origin rules set
s3 PutBucketWebsite served as a website from now on
s3 DeleteBucketWebsite served as a website no longer
s3 DeleteBucketReplication replication ended
s3 PutBucketNotification notifications set
s3 PutBucketLogging access logging set
s3 PutBucketLifecycle lifecycle rules set
s3 DeleteBucketLifecycle lifecycle rules deleted
s3 PutBucketEncryption default encryption set
s3 DeleteBucketEncryption default encryption deleted
s3 PutBucketInventoryConfiguration inventory set
s3 PutBucketAnalyticsConfiguration analytics set
s3 PutBucketObjectLockConfiguration Object Lock set
s3 PutAccelerateConfiguration transfer acceleration set
# [CT-62…65]
iam PutUserPolicy inline policy `{policyName}` put on user `{userName}`
iam PutGroupPolicy inline policy `{policyName}` put on group `{groupName}`
iam DeleteRolePolicy inline policy `{policyName}` taken from role `{roleName}`
iam DeleteUserPolicy inline policy `{policyName}` taken from user `{userName}`
iam DeleteGroupPolicy inline policy `{policyName}` taken from group `{groupName}`
iam AttachRolePolicy policy `{policyArn}` attached to role `{roleName}`
iam AttachUserPolicy policy `{policyArn}` attached to user `{userName}`
iam AttachGroupPolicy policy `{policyArn}` attached to group `{groupName}`
iam DetachRolePolicy policy `{policyArn}` detached from role `{roleName}`
iam DetachUserPolicy policy `{policyArn}` detached from user `{userName}`
iam DetachGroupPolicy policy `{policyArn}` detached from group `{groupName}`
iam CreatePolicy policy `{policyName}` made
iam CreatePolicyVersion new version of policy `{policyArn}` made
iam SetDefaultPolicyVersion version `{versionId}` of policy `{policyArn}` made the default
iam DeletePolicyVersion version `{versionId}` of policy `{policyArn}` deleted
iam DeletePolicy policy `{policyArn}` deleted
# [CT-66]
iam PutRolePermissionsBoundary permissions boundary of role `{roleName}` set to `{permissionsBoundary}`
iam DeleteRolePermissionsBoundary permissions boundary of role `{roleName}` taken away
iam PutUserPermissionsBoundary permissions boundary of user `{userName}` set to `{permissionsBoundary}`
iam DeleteUserPermissionsBoundary permissions boundary of user `{userName}` taken away
# [CT-67]
iam UpdateAccessKey access key `{accessKeyId}` of user `{userName}` set to {status}
iam DeleteAccessKey access key `{accessKeyId}` of user `{userName}` deleted
# [CT-68]
iam CreateUser user `{userName}` made
iam DeleteUser user `{userName}` deleted
iam CreateLoginProfile password for the console given to user `{userName}`
iam UpdateLoginProfile password for the console of user `{userName}` changed
iam DeleteLoginProfile password for the console of user `{userName}` deleted
iam AddUserToGroup user `{userName}` added to group `{groupName}`
iam RemoveUserFromGroup user `{userName}` removed from group `{groupName}`
iam EnableMFADevice MFA device `{serialNumber}` of user `{userName}` turned on
iam DeactivateMFADevice MFA device `{serialNumber}` of user `{userName}` turned off
iam DeleteVirtualMFADevice MFA device `{serialNumber}` deleted
# [CT-69]
iam CreateOpenIDConnectProvider OpenID Connect provider `{url}` trusted
iam DeleteOpenIDConnectProvider OpenID Connect provider `{openIDConnectProviderArn}` deleted
iam AddClientIDToOpenIDConnectProvider client `{clientID}` of `{openIDConnectProviderArn}` trusted
iam UpdateOpenIDConnectProviderThumbprint thumbprints of `{openIDConnectProviderArn}` changed
iam CreateSAMLProvider SAML provider `{name}` trusted
iam UpdateSAMLProvider metadata of SAML provider `{sAMLProviderArn}` changed
iam DeleteSAMLProvider SAML provider `{sAMLProviderArn}` deleted
# [CT-70]
iam UpdateRole settings of role `{roleName}` changed
iam TagRole tags put on role `{roleName}`
iam UntagRole tags taken from role `{roleName}`
# [CT-72]
rolesanywhere CreateTrustAnchor trust anchor `{name}` made: its certificates can get roles
rolesanywhere UpdateTrustAnchor trust anchor `{trustAnchorId}` changed
rolesanywhere EnableTrustAnchor trust anchor `{trustAnchorId}` turned on
rolesanywhere DisableTrustAnchor trust anchor `{trustAnchorId}` turned off
rolesanywhere DeleteTrustAnchor trust anchor `{trustAnchorId}` deleted
rolesanywhere CreateProfile profile `{name}` of IAM Roles Anywhere made
rolesanywhere UpdateProfile profile `{profileId}` of IAM Roles Anywhere changed
rolesanywhere EnableProfile profile `{profileId}` of IAM Roles Anywhere turned on
rolesanywhere DisableProfile profile `{profileId}` of IAM Roles Anywhere turned off
rolesanywhere DeleteProfile profile `{profileId}` of IAM Roles Anywhere deleted
# [CT-73]
access-analyzer DeleteAnalyzer analyzer `{analyzerName}` deleted
access-analyzer ArchiveFindings findings of an analyzer archived
access-analyzer UpdateFindings status of findings of an analyzer changed
access-analyzer CreateArchiveRule archive rule `{ruleName}` of analyzer `{analyzerName}` made
access-analyzer UpdateArchiveRule archive rule `{ruleName}` of analyzer `{analyzerName}` changed
# What the trail itself goes through: what happened meanwhile may not be told.
cloudtrail CreateTrail trail `{name}` made
cloudtrail StartLogging trail `{name}` started
cloudtrail StopLogging trail `{name}` stopped: events may be missing from here on
cloudtrail DeleteTrail trail `{name}` deleted: events may be missing from here on
cloudtrail UpdateTrail trail `{name}` changed
cloudtrail PutEventSelectors what trail `{trailName}` records changed
cloudtrail PutInsightSelectors insights of trail `{trailName}` changed
cloudtrail DeleteEventDataStore event data store deleted
cloudtrail StopEventDataStoreIngestion event data store stopped
# [CT-47]: what policies of the organization change of access is not followed.
organizations CreatePolicy policy `{name}` of the organization made
organizations UpdatePolicy policy `{policyId}` of the organization changed
organizations DeletePolicy policy `{policyId}` of the organization deleted
organizations AttachPolicy policy `{policyId}` of the organization attached to `{targetId}`
organizations DetachPolicy policy `{policyId}` of the organization detached from `{targetId}`
organizations EnablePolicyType policies of type `{policyType}` turned on
organizations DisablePolicyType policies of type `{policyType}` turned off
organizations LeaveOrganization the account leaves its organization";

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_line_is_a_note_of_its_own() {
        let lines = NOTES.lines().filter(|line| !line.starts_with('#')).count();
        let names: BTreeSet<_> = notes().map(|note| (note.service, note.name)).collect();
        assert_eq!(names.len(), lines);
        assert!(notes().all(|note| note.words.matches('{').count() == note.words.matches('}').count()));
    }
}
