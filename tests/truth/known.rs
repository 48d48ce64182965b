use super::label::Truth;

/// A case on which the specification decides otherwise than the label.
pub struct Known {
    /// The case.
    pub case: &'static str,
    /// What the engine says, and rightly.
    pub verdict: Truth,
    /// The clause of the specification that decides.
    pub clause: &'static str,
    /// How it decides.
    pub reason: &'static str,
}

/// All of them. An entry for a case that agrees with its label is an error.
pub const KNOWN: &[Known] = &[
    Known {
        case: "prowler/tests/providers/aws/services/iam/lib/policy_test.py.test_has_public_principal_empty_principal.json",
        verdict: Truth::Unknown,
        clause: "POL-18, PRIN-01",
        reason: "an empty text is no principal: AWS refuses the policy, and what it would do is not known",
    },
    Known {
        case: "prowler/tests/providers/aws/services/iam/lib/policy_test.py.test_has_public_principal_no_principal.json",
        verdict: Truth::Unknown,
        clause: "POL-08, POL-18",
        reason: "a bucket policy without a principal is refused; the label takes it for an identity policy",
    },
    Known {
        case: "prowler/tests/providers/aws/services/iam/lib/policy_test.py.test_is_policy_public_with_secure_conditions_and_allowed_conditions_nested_dict_key.json",
        verdict: Truth::Unknown,
        clause: "COND-06, POL-18",
        reason: "an object is no condition value",
    },
    Known {
        case: "prowler/tests/providers/aws/services/s3/s3_bucket_cross_account_access/s3_bucket_cross_account_access_test.py.test_bucket_policy_allow_delete.json",
        verdict: Truth::Internal,
        clause: "S3A-23",
        reason: "S3 refuses DeleteBucketPolicy to whoever is not of the owner's account, whatever the policy says",
    },
    Known {
        case: "policyuniverse/policyuniverse/tests/test_policy.py.policy01.json",
        verdict: Truth::Unknown,
        clause: "POL-02, POL-18",
        reason: "there is no version 2012-10-08",
    },
    Known {
        case: "policyuniverse/policyuniverse/tests/test_policy.py.policy02.json",
        verdict: Truth::Unknown,
        clause: "POL-02, PRIN-01, POL-18",
        reason: "there is no version 2010-08-14, and the principal is a bare ARN",
    },
    Known {
        case: "policyuniverse/policyuniverse/tests/test_policy.py.test_evasion_policies.1.json",
        verdict: Truth::Unknown,
        clause: "PRIN-02, POL-18",
        reason: "the account of the first statement is still the placeholder `%s`: the document as a whole is invalid",
    },
    Known {
        case: "policyuniverse/policyuniverse/tests/test_statement.py.statement02.json",
        verdict: Truth::Unknown,
        clause: "PRIN-01, POL-18",
        reason: "the principal is a bare ARN",
    },
    Known {
        case: "policyuniverse/policyuniverse/tests/test_statement.py.statement09_wildcard.json",
        verdict: Truth::NotPublic,
        clause: "CTX-10, COND-30, OP-T25",
        reason: "only requests that a service makes for a customer carry `aws:SourceOwner`: any service gets in, nobody directly",
    },
    Known {
        case: "policyuniverse/policyuniverse/tests/test_statement.py.statement22.json",
        verdict: Truth::NotPublic,
        clause: "CTX-10, CTX-36",
        reason: "no source has that ARN, as the label says itself, and so nobody gets in; the document is well-formed",
    },
    Known {
        case: "policyuniverse/policyuniverse/tests/test_statement.py.statement36.json",
        verdict: Truth::NotPublic,
        clause: "CTX-05, OPEN-04",
        reason: "whatever the session, a value that begins with one unique id is at most one role; the document is well-formed",
    },
    Known {
        case: "cloud-custodian/tests/data/iam/s3-policies.13-ForAnyValuesInvalid.json",
        verdict: Truth::Unknown,
        clause: "COND-41, POL-18",
        reason: "`ForAnyValues:StringEquals` is no condition operator; the label guesses what was meant",
    },
    Known {
        case: "kics/assets/queries/cloudFormation/aws/s3_bucket_access_to_any_principal/test/positive2.json",
        verdict: Truth::NotPublic,
        clause: "POL-16, FMT-73",
        reason: "the policies name buckets `Bucket` and `Bucket2`, not the resources, and resources of another bucket: S3 refuses them",
    },
    Known {
        case: "guard-rules-registry/rules/aws/amazon_s3/tests/s3_bucketpolicy_no_allow_plus_notprincipal_tests.02.json",
        verdict: Truth::Unknown,
        clause: "POL-08, POL-18",
        reason: "a statement without action and resource is refused, and with it the policy",
    },
    Known {
        case: "cfripper/tests/test_templates/rules/CrossAccountTrustRule/valid_with_canonical_id.json",
        verdict: Truth::NotPublic,
        clause: "POL-16",
        reason: "the policy of `bucket` grants `backup-bucket` only: S3 refuses it, and nobody reaches `bucket` by it",
    },
];
