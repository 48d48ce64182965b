//! CLI snapshots: DESIGN section 5.1.

use bucketproof::ingest::Kind;
use bucketproof::model::{NetworkOrigin, Target};

use super::support::{
    block, bucket, codes, fixture, ingest, ingest_texts, is_bare, paths, said, settings, shown, slice, statuses,
};

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}}"#;

#[test]
fn two_accounts_with_everything_in_them() {
    let got = ingest(&paths(&[&fixture("two-accounts")]));
    let open = bucket(&got, "open-data");
    assert_eq!(
        settings(open)[1..],
        [
            "policy status true",
            "acl e7c8 FULL_CONTROL, AllUsers READ",
            "block -",
            "ownership ObjectWriter",
            "payer Requester",
            "tags -",
            "abac true",
            "versioning -",
            "encryption aws:kms",
            "lifecycle not in input",
            "logging -",
            "object lock true",
            "website true",
        ]
    );
    assert_eq!(open.account.map(|id| id.to_string()).as_deref(), Some("111122223333"));
    // FX-T04
    assert_eq!(open.region.as_deref(), Some("us-east-1"));
    assert_eq!(
        open.created.map(|time| time.to_string()).as_deref(),
        Some("2020-01-02T03:04:05Z")
    );
    let objects: Vec<_> = open
        .objects
        .iter()
        .map(|object| {
            format!(
                "{} {}",
                object.key,
                shown(&object.acl, |acl| format!("{:?}", acl.grants[0].grantee))
            )
        })
        .collect();
    assert_eq!(
        objects,
        ["report.pdf AuthenticatedUsers", "secret.pdf refused AccessDenied"]
    );
    let locked = bucket(&got, "locked-data");
    assert_eq!(settings(locked)[0], "policy refused AccessDenied");
    let plain = bucket(&got, "plain-data");
    assert!(plain.policy.is_absent() && plain.public_access_block.is_absent());

    let blocks: Vec<_> = got
        .inventory
        .accounts
        .iter()
        .map(|account| {
            format!(
                "{:?} {}",
                account.id.map(|id| id.to_string()),
                shown(&account.public_access_block, block)
            )
        })
        .collect();
    assert_eq!(blocks, ["Some(\"111122223333\") -", "Some(\"444455556666\") 1111"]);
    let canonical = got.inventory.accounts[0].canonical_id.as_ref().map(|id| id.as_str());
    assert_eq!(canonical, open.owner.as_ref().map(|id| id.as_str()));

    let [point] = &*got.inventory.access_points else {
        panic!("one access point");
    };
    assert_eq!(point.arn(), "arn:aws:s3:us-west-2:111122223333:accesspoint/finance");
    assert_eq!(
        (&*point.bucket, &point.origin),
        ("open-data", &NetworkOrigin::Vpc(Some("vpc-0a1b2c3d".into())))
    );
    assert!(point.policy.value().is_some());
    assert_eq!(shown(&point.public_access_block, block), "1111");

    assert_eq!(codes(&got), ["ingest::refused", "ingest::refused"], "{:?}", said(&got));
    assert!(got.incomplete);
    assert_eq!(
        got.inputs.iter().map(|input| input.kind).collect::<Vec<_>>(),
        [Some(Kind::CliSnapshot)]
    );
    assert_eq!(statuses(&got), ["incomplete"]);
}

#[test]
fn organizations_are_read() {
    let got = ingest(&paths(&[&fixture("two-accounts/organization")]));
    let organization = got.inventory.organization.as_ref().expect("an organization");
    assert_eq!(organization.id.as_deref(), Some("o-exampleorgid"));
    assert_eq!(
        organization.management_account.map(|id| id.to_string()).as_deref(),
        Some("111122223333")
    );
    let member = organization.accounts.iter().nth(1).map(|(_, paths)| paths.clone());
    assert_eq!(member, Some(vec!["o-exampleorgid/r-ab12/ou-ab12-11111111/".into()]));
    let [perimeter] = &*organization.resource_control_policies else {
        panic!("one resource control policy");
    };
    assert_eq!(perimeter.targets, Some(vec![Target::Unit("ou-ab12-11111111".into())]));
    let [blocks] = &*organization.s3_policies else {
        panic!("one S3 policy");
    };
    assert!(blocks.content);
    let account = "444455556666".parse().expect("an account");
    assert_eq!(blocks.targets, Some(vec![Target::Root, Target::Account(account)]));
    // An organization alone makes no account.
    assert!(got.inventory.accounts.is_empty());
    assert!(!got.incomplete, "{:?}", said(&got));
}

#[test]
fn policies_of_an_organization_come_in_several_envelopes() {
    let policy = r#"{"Policy":{"PolicySummary":{"Name":"p","Type":"S3_POLICY"},"Content":"{\"s3_attributes\":{\"public_access_block_configuration\":{\"@@assign\":\"none\"}}}"}}"#;
    let effective = r#"{"EffectivePolicy":{"PolicyType":"S3_POLICY","TargetId":"111122223333","PolicyContent":"{\"s3_attributes\":{\"public_access_block_configuration\":\"all\"}}"}}"#;
    let check = |text: String, expected: &[bool]| {
        let got = ingest_texts(&[("organization/policies.json", &text)]);
        let organization = got.inventory.organization.as_ref().expect("an organization");
        let found: Vec<_> = organization.s3_policies.iter().map(|policy| policy.content).collect();
        assert_eq!(found, expected, "{text} {:?}", said(&got));
    };
    check(policy.to_owned(), &[false]);
    check(format!("[{policy},{effective}]"), &[false, true]);
    check(format!("{{\"Policies\":[{policy},{policy}]}}"), &[false, false]);
    check(format!("{policy}\n{policy}\n"), &[false, false]);
    let got = ingest_texts(&[("organization/policies.json", policy.replace("none", "some"))]);
    assert_eq!(codes(&got), ["ingest::wrong_shape"]);
    assert_eq!(got.inventory.organization.map(|found| found.unknown.len()), Some(1));
    let nothing =
        "An error occurred (AWSOrganizationsNotInUseException) when calling the DescribeOrganization operation";
    let got = ingest_texts(&[("organization/organization.json", nothing)]);
    assert!(got.inventory.organization.is_none() && !got.incomplete);
    let got = ingest_texts(&[(
        "organization/organization.json",
        nothing.replace("AWSOrganizationsNotInUse", "AccessDenied"),
    )]);
    assert!(got.inventory.organization.is_some_and(|found| found.unknown.len() == 1) && got.incomplete);
}

#[test]
fn a_policy_is_taken_in_its_envelope_bare_or_as_text() {
    let expected = {
        let got = ingest_texts(&[("s3/data/bucket-policy.json", POLICY)]);
        settings(bucket(&got, "data"))[0].clone()
    };
    let text = serde_json::to_string(POLICY).expect("text");
    let percent = POLICY
        .replace('%', "%25")
        .replace('{', "%7B")
        .replace('"', "%22")
        .replace(' ', "%20");
    // FX-T01
    for written in [
        format!("{{\"Policy\":{text}}}"),
        format!("{{\"Policy\":{POLICY}}}"),
        text,
        format!("\"{percent}\""),
        format!("{{\"Policy\":\"{percent}\"}}"),
        format!("\u{feff}{POLICY}"),
    ] {
        let got = ingest_texts(&[("s3/data/bucket-policy.json", &written)]);
        assert_eq!(
            settings(bucket(&got, "data"))[0],
            expected,
            "{written} {:?}",
            said(&got)
        );
        assert!(!got.incomplete);
        let policy = bucket(&got, "data").policy.value().expect("a policy");
        let action = policy.statements[0].action.entries[0].span;
        assert!(slice(&got, action).contains("GetObject"), "{written}");
    }
}

#[test]
fn errors_that_say_it_does_not_exist_mean_absent() {
    let files = [
        ("bucket-policy", "NoSuchBucketPolicy"),
        ("bucket-policy-status", "NoSuchBucketPolicy"),
        // FX-T02
        ("public-access-block", "NoSuchPublicAccessBlockConfiguration"),
        ("bucket-ownership-controls", "OwnershipControlsNotFoundError"),
        ("bucket-tagging", "NoSuchTagSet"),
        ("bucket-website", "NoSuchWebsiteConfiguration"),
        ("bucket-encryption", "ServerSideEncryptionConfigurationNotFoundError"),
        ("object-lock-configuration", "ObjectLockConfigurationNotFoundError"),
    ];
    let text = |code: &str| format!("\nAn error occurred ({code}) when calling the X operation: y\n");
    let json = |code: &str| format!(r#"{{"Error":{{"Code":"{code}","Message":"y"}}}}"#);
    for (file, code) in files {
        let path = format!("s3/data/{file}.json");
        for written in [text(code), json(code)] {
            let got = ingest_texts(&[(&*path, &written)]);
            assert!(is_bare(bucket(&got, "data")), "{file}");
            assert!(!got.incomplete && got.diagnostics.is_empty(), "{file} {:?}", said(&got));
        }
        for written in [text("AccessDenied"), json("AccessDenied"), text("NoSuchBucket")] {
            let got = ingest_texts(&[(&*path, &written)]);
            let unknown = settings(bucket(&got, "data"));
            let refused = unknown.iter().filter(|line| line.contains("refused")).count();
            assert_eq!(
                (refused, codes(&got)),
                (1, vec!["ingest::refused"]),
                "{file} {unknown:?}"
            );
            assert!(got.incomplete);
        }
    }
    // An ACL always exists: no error makes it absent.
    let got = ingest_texts(&[("s3/data/bucket-acl.json", text("NoSuchBucketPolicy"))]);
    assert_eq!(settings(bucket(&got, "data"))[2], "acl refused NoSuchBucketPolicy");
}

#[test]
fn a_missing_file_is_a_missing_setting() {
    let got = ingest_texts(&[("s3/data/bucket-location.json", r#"{"LocationConstraint":"EU"}"#)]);
    let found = bucket(&got, "data");
    assert!(is_bare(found));
    assert_eq!(found.region.as_deref(), Some("eu-west-1"));
    assert_eq!(found.account, None);
    assert_eq!(got.inventory.accounts.len(), 1);
    assert!(got.inventory.accounts[0].public_access_block.is_absent());
}

#[test]
fn an_unnamed_account_is_named_by_its_caller_or_its_roles() {
    let acl = ("s3/data/bucket-acl.json", r#"{"Grants":[]}"#);
    let caller = r#"{"UserId":"A","Account":"111122223333","Arn":"arn:aws:iam::111122223333:user/a"}"#;
    let roles =
        r#"{"RoleDetailList":[],"UserDetailList":[{"UserId":"AIDA","Arn":"arn:aws:iam::111122223333:user/a"}]}"#;
    let expected = "111122223333".parse().ok();
    for (path, text) in [
        ("sts/caller-identity.json", caller),
        ("caller.json", caller),
        ("iam/account-authorization-details.json", roles),
    ] {
        let got = ingest_texts(&[acl, (path, text)]);
        assert_eq!(bucket(&got, "data").account, expected, "{path}");
        assert_eq!(
            got.inventory
                .accounts
                .iter()
                .map(|account| account.id)
                .collect::<Vec<_>>(),
            [expected]
        );
    }
    let other = [
        ("444455556666/s3/data/bucket-acl.json", acl.1),
        ("444455556666/sts/caller-identity.json", caller),
    ];
    let got = ingest_texts(&other);
    assert_eq!(codes(&got), ["ingest::other_account"]);
}

#[test]
fn files_that_nobody_knows_are_warned_about() {
    let got = ingest_texts(&[
        ("s3/data/bucket-acl.json", r#"{"Grants":[]}"#),
        ("s3/data/bucket-polcy.json", POLICY),
        ("s3/data/notes.txt", "x"),
        ("s3/data/bucket-cors.json", "{}"),
        ("s3/data/.DS_Store", "x"),
    ]);
    assert_eq!(codes(&got), ["ingest::unknown_file", "ingest::unknown_file"]);
    let help: Vec<_> = got.diagnostics.iter().filter_map(|said| said.help.as_deref()).collect();
    assert_eq!(help[0], "did you mean `bucket-policy.json`?");
    // A policy that was meant to be read and is not.
    assert!(got.incomplete);
}

#[test]
fn a_bucket_that_is_only_listed_is_unknown() {
    let listing = r#"{"Buckets":[{"Name":"data"},{"Name":"lost","BucketRegion":"cn-north-1"}],"Owner":{"ID":"f00"}}"#;
    let got = ingest_texts(&[
        ("1/s3/buckets.json", listing),
        ("1/s3/data/bucket-acl.json", r#"{"Grants":[]}"#),
    ]);
    assert!(
        settings(bucket(&got, "lost"))
            .iter()
            .all(|line| line.ends_with("not in input"))
    );
    assert_eq!(codes(&got), ["ingest::listed_only"]);
    assert!(got.incomplete);
    assert_eq!(bucket(&got, "data").owner.as_ref().map(|id| id.as_str()), Some("f00"));
    let pages = format!(
        "{}\n{}",
        r#"{"Buckets":[{"Name":"data"}],"ContinuationToken":"x"}"#, r#"{"Buckets":[{"Name":"more"}]}"#
    );
    let got = ingest_texts(&[("s3/buckets.json", pages)]);
    assert_eq!(got.inventory.buckets.len(), 2);
    assert_eq!(codes(&got), ["ingest::listed_only", "ingest::listed_only"]);
    let cut = r#"{"Buckets":[],"ContinuationToken":"x"}"#;
    assert_eq!(
        codes(&ingest_texts(&[("s3/buckets.json", cut)])),
        ["ingest::more_pages"]
    );
}

#[test]
fn grantees_without_a_type_are_inferred() {
    // FX-T19
    let acl = r#"{"Grants":[{"Grantee":{"URI":"http://acs.amazonaws.com/groups/global/AllUsers"},"Permission":"READ"},
        {"Grantee":{"ID":"abcdef"},"Permission":"WRITE_ACP"},{"Grantee":{"EmailAddress":"a@example.com","Type":"AmazonCustomerByEmail"},"Permission":"WRITE"},
        {"Grantee":{"URI":"https://acs.amazonaws.com/groups/global/AllUsers","Type":"Group"},"Permission":"READ_ACP"}]}"#;
    let got = ingest_texts(&[("s3/data/bucket-acl.json", acl)]);
    assert_eq!(
        settings(bucket(&got, "data"))[2],
        "acl AllUsers READ, abcd WRITE_ACP, Email(\"a@example.com\") WRITE, OtherGroup(\"https://acs.amazonaws.com/groups/global/AllUsers\") READ_ACP"
    );
    for wrong in [
        r#"{"Owner":{}}"#,
        r#"{"Grants":[{"Grantee":{},"Permission":"READ"}]}"#,
        r#"{"Grants":[{"Grantee":{"ID":"a"},"Permission":"ALL"}]}"#,
    ] {
        let got = ingest_texts(&[("s3/data/bucket-acl.json", wrong)]);
        assert_eq!(settings(bucket(&got, "data"))[2], "acl unreadable", "{wrong}");
        assert_eq!(codes(&got), ["ingest::wrong_shape"]);
    }
}

#[test]
fn an_access_point_without_its_description_is_reported() {
    let policy = POLICY.replace(
        "arn:aws:s3:::data/*",
        "arn:aws:s3:us-west-2:111122223333:accesspoint/p/object/*",
    );
    let got = ingest_texts(&[(
        "111122223333/s3control/access-points/p/access-point-policy.json",
        policy,
    )]);
    assert_eq!(codes(&got), ["ingest::no_bucket"]);
    assert!(got.incomplete && got.inventory.access_points.len() == 1);
    // [AP-12]: attached to a file system.
    let volume = r#"{"Name":"p","NetworkOrigin":"Internet","DataSourceId":"fsvol-1","DataSourceType":"FSX_OPENZFS"}"#;
    let got = ingest_texts(&[("s3control/access-points/p/access-point.json", volume)]);
    assert!(got.inventory.access_points.is_empty() && !got.incomplete);
}

#[test]
fn a_policy_in_the_wrong_directory_is_reported() {
    let got = ingest_texts(&[("s3/other-data/bucket-policy.json", POLICY)]);
    assert_eq!(codes(&got), ["ingest::other_bucket"]);
    let everywhere = POLICY.replace("arn:aws:s3:::data/*", "arn:aws:s3:::*");
    let got = ingest_texts(&[("s3/other-data/bucket-policy.json", everywhere)]);
    assert_eq!(codes(&got), Vec::<&str>::new());
}

#[test]
fn two_files_with_the_same_answer_are_reported() {
    let open = POLICY.replace("Allow", "Deny");
    let got = ingest_texts(&[
        ("s3/data/bucket-policy.json", &*open),
        ("s3/data/get-bucket-policy.json", POLICY),
    ]);
    assert_eq!(codes(&got), ["ingest::two_files"]);
    assert!(got.incomplete && settings(bucket(&got, "data"))[0].contains("Deny"));
    let point = r#"{"Name":"p","Bucket":"data","NetworkOrigin":"Internet"}"#;
    let got = ingest_texts(&[
        ("s3control/access-points/p/access-point.json", point),
        ("s3control/access-points/p/get-access-point.json", point),
    ]);
    assert_eq!(codes(&got), ["ingest::two_files"]);
}

#[test]
fn the_order_of_the_parts_does_not_matter() {
    let run = |reverse: bool| {
        let discovery = bucketproof::ingest::discover(&paths(&[&fixture("two-accounts"), &fixture("agree")]));
        let mut parts: Vec<_> = discovery.units.iter().map(bucketproof::ingest::read).collect();
        if reverse {
            parts.reverse();
        }
        let got = bucketproof::ingest::assemble(discovery, parts);
        format!("{:?} {:?} {:?}", got.inventory, got.diagnostics, got.inputs)
    };
    assert_eq!(run(false), run(true));
}
