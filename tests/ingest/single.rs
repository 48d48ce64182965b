//! Documents and answers that stand alone.

use bucketproof::ingest::{Attachment, Kind, Request};
use bucketproof::model::NetworkOrigin;

use super::support::{
    block, bucket, codes, fixture, ingest, ingest_file, ingest_texts, said, settings, shown, statuses,
};

const BUCKET: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":["arn:aws-cn:s3:::data","arn:aws-cn:s3:::data/*"]}}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":["sts:AssumeRole","STS:TagSession"]}]}"#;

#[test]
fn a_policy_tells_what_it_belongs_to() {
    let got = ingest_file("anything.json", BUCKET, None);
    let found = bucket(&got, "data");
    assert!(found.policy.value().is_some() && found.account.is_none());
    // What decides who gets in is judged as if nothing else were there; the rest is not known.
    let (judged, rest): (Vec<String>, Vec<String>) = settings(found)
        .into_iter()
        .skip(1)
        .partition(|line| line.ends_with(" -"));
    assert_eq!(judged.len(), 6, "{judged:?}");
    assert!(rest.iter().all(|line| line.ends_with(" not in input")), "{rest:?}");
    assert_eq!(found.partition.as_str(), "aws-cn");
    assert!(got.inventory.accounts.is_empty());
    assert_eq!((statuses(&got), got.inputs[0].kind), (vec!["read"], Some(Kind::Policy)));

    let got = ingest_file("deploy-role.json", TRUST, None);
    assert_eq!(&*got.inventory.roles[0].name, "deploy-role");
    assert!(got.inventory.roles[0].trust.value().is_some());

    let point = BUCKET.replace(
        "arn:aws-cn:s3:::data",
        "arn:aws:s3:us-west-2:111122223333:accesspoint/p",
    );
    let got = ingest_file("p.json", &point, None);
    assert_eq!(
        got.inventory.access_points[0].arn(),
        "arn:aws:s3:us-west-2:111122223333:accesspoint/p"
    );
    assert_eq!(codes(&got), ["ingest::no_bucket"]);
}

#[test]
fn a_policy_that_is_not_audited_is_no_error() {
    let identity = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let queue = BUCKET.replace("arn:aws-cn:s3:::data", "arn:aws:sqs:us-east-1:111122223333:q");
    let key = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}]}"#;
    let multi_region =
        r#"{"AccessPoint":{"Name":"m","PublicAccessBlock":{"BlockPublicAcls":true},"Regions":[{"Bucket":"data"}]}}"#;
    let proposed = r#"{"Policy":{"Established":{"Policy":"{}"},"Proposed":{"Policy":"{}"}}}"#;
    for text in [identity, &queue, key, multi_region, proposed] {
        let got = ingest_file("policy.json", text, None);
        assert_eq!(statuses(&got), ["not-audited"], "{text}");
        assert!(!got.incomplete && said(&got).is_empty(), "{text}");
        assert_eq!(got.diagnostics[0].code, "bucketproof::ingest::not_audited");
    }
}

#[test]
fn a_policy_that_does_not_tell_asks_for_as() {
    let several = BUCKET.replace("data/*", "other/*");
    let anywhere = BUCKET.replace("arn:aws-cn:s3:::data", "arn:aws:s3:::*");
    let endpoint = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*"}]}"#;
    for text in [&*several, &*anywhere, endpoint] {
        let got = ingest_file("policy.json", text, None);
        assert_eq!(codes(&got), ["ingest::unbound"], "{text}");
        assert!(got.incomplete && got.inventory.buckets.is_empty());
        let help = got.diagnostics[0].help.as_deref().unwrap_or_default();
        assert!(help.contains("--as bucket-policy:NAME"), "{help}");
        let got = ingest_file("policy.json", text, Some("bucket-policy:named"));
        let known = settings(bucket(&got, "named"))[0].clone();
        assert!(known.contains("Allow") || known.contains("invalid"), "{text} {known}");
    }
}

#[test]
fn as_says_what_a_document_belongs_to() {
    let got = ingest_file("x.txt", BUCKET, Some("bucket-policy:arn:aws-cn:s3:::data"));
    assert!(
        bucket(&got, "data").policy.value().is_some() && !got.incomplete,
        "{:?}",
        said(&got)
    );
    let envelope = serde_json::json!({ "Policy": BUCKET }).to_string();
    let got = ingest_file("x.json", &envelope, Some("bucket-policy:other"));
    assert_eq!(codes(&got), ["ingest::other_bucket"]);
    let acl = r#"{"Owner":{"ID":"f00"},"Grants":[{"Grantee":{"URI":"http://acs.amazonaws.com/groups/global/AllUsers"},"Permission":"READ"}]}"#;
    let got = ingest_file("x.json", acl, Some("bucket-acl:data"));
    assert_eq!(settings(bucket(&got, "data"))[2], "acl AllUsers READ");
    let got = ingest_file(
        "x.json",
        TRUST,
        Some("trust-policy:arn:aws:iam::111122223333:role/a/b/deploy"),
    );
    assert_eq!(
        got.inventory.roles[0].arn(),
        "arn:aws:iam::111122223333:role/a/b/deploy"
    );
    let got = ingest_file("x.json", TRUST, Some("bucket-policy:data"));
    assert_eq!(settings(bucket(&got, "data"))[0], "policy invalid");
    let point = BUCKET.replace(
        "arn:aws-cn:s3:::data",
        "arn:aws:s3:us-west-2:111122223333:accesspoint/p",
    );
    let got = ingest_file("x.json", &point, Some("access-point-policy:p"));
    assert_eq!(&*got.inventory.access_points[0].name, "p");

    let attach = Some(Attachment::BucketPolicy("data".into()));
    let got = ingest(&Request {
        attach,
        paths: vec![fixture("agree")],
        ..Request::default()
    });
    assert_eq!(codes(&got), ["ingest::as_needs_one_file"]);
    assert!(got.incomplete);
}

#[test]
fn standard_input_is_a_file() {
    let request = |kind| Request {
        paths: vec!["-".into()],
        stdin: Some(BUCKET.into()),
        kind,
        ..Request::default()
    };
    let got = ingest(&request(None));
    assert!(bucket(&got, "data").policy.value().is_some());
    assert_eq!(got.inputs[0].path, "-");
    let got = ingest(&request(Some(Kind::AwsConfig)));
    assert_eq!(codes(&got), ["ingest::other_kind"]);
    assert!(got.incomplete && got.inventory.buckets.is_empty());
}

#[test]
fn authorization_details_are_read() {
    let nested = r#"{"RoleName":"r","Arn":"arn:aws:iam::111122223333:role/r","AssumeRolePolicyDocument":"%7B%7D"}"#;
    let page = |name: &str, document: &str, more: &str| {
        format!(
            r#"{{"UserDetailList":[],"RoleDetailList":[{{"Path":"/","RoleName":"{name}","RoleId":"AROA{name}","Arn":"arn:aws:iam::111122223333:role/{name}",
            "AssumeRolePolicyDocument":{document},"InstanceProfileList":[{{"Roles":[{nested}]}}],"RolePolicyList":[{{"PolicyName":"inline"}}],
            "AttachedManagedPolicies":[{{"PolicyArn":"arn:aws:iam::aws:policy/P"}}],"Tags":[{{"Key":"k","Value":"v"}}]}}]{more}}}"#
        )
    };
    let percent: String = TRUST.bytes().map(|byte| format!("%{byte:02X}")).collect();
    // FX-T05
    let text =
        page("one", TRUST, r#","IsTruncated":true,"Marker":"m""#) + "\n" + &page("two", &format!("\"{percent}\""), "");
    let got = ingest_file("gaad.json", &text, None);
    assert!(!got.incomplete, "{:?}", said(&got));
    assert_eq!(got.inputs[0].kind, Some(Kind::AuthorizationDetails));
    let roles: Vec<_> = got
        .inventory
        .roles
        .iter()
        .map(|role| (role.arn(), role.trust.value().is_some()))
        .collect();
    assert_eq!(
        roles,
        [
            ("arn:aws:iam::111122223333:role/one".to_owned(), true),
            ("arn:aws:iam::111122223333:role/two".to_owned(), true)
        ]
    );
    assert_eq!(
        got.inventory.roles[0].policies,
        ["inline".into(), "arn:aws:iam::aws:policy/P".into()]
    );
    let account = &got.inventory.accounts[0];
    assert_eq!(account.id.map(|id| id.to_string()).as_deref(), Some("111122223333"));
    assert_eq!(
        account.unique_ids.get("AROAone").map(|arn| &**arn),
        Some("arn:aws:iam::111122223333:role/one")
    );
    assert_eq!(shown(&account.public_access_block, block), "not in input");

    let elsewhere = page("other", TRUST, "").replace("111122223333", "444455556666");
    let got = ingest_texts(&[("a.json", &page("one", TRUST, "")), ("b.json", &elsewhere)]);
    let ids: Vec<_> = got.inventory.accounts.iter().filter_map(|account| account.id).collect();
    assert_eq!(
        ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["111122223333", "444455556666"]
    );
    assert_eq!(got.inventory.accounts[1].unique_ids.len(), 1);
    let got = ingest_texts(&[("111122223333/iam/account-authorization-details.json", &elsewhere)]);
    assert_eq!(codes(&got), ["ingest::other_account"]);

    let cut = page("one", TRUST, r#","IsTruncated":true,"Marker":"m""#);
    assert_eq!(codes(&ingest_file("gaad.json", &cut, None)), ["ingest::more_pages"]);
    let role = format!(r#"{{"Role":{{"RoleName":"r","AssumeRolePolicyDocument":{TRUST}}}}}"#);
    let got = ingest_file("role.json", &role, None);
    assert!(got.inventory.roles[0].account.is_none() && got.inventory.roles[0].trust.value().is_some());
    let list = format!(
        r#"{{"Roles":[{{"RoleName":"r","Arn":"arn:aws:iam::111122223333:role/x/r","AssumeRolePolicyDocument":{TRUST}}}]}}"#
    );
    assert_eq!(&*ingest_file("roles.json", &list, None).inventory.roles[0].path, "/x/");
}

#[test]
fn names_repeated_in_one_role_leave_the_others() {
    let role = |name: &str, more: &str| {
        format!(
            r#"{{"RoleName":"{name}","Arn":"arn:aws:iam::111122223333:role/{name}",{more}"AssumeRolePolicyDocument":{TRUST}}}"#
        )
    };
    let text = format!(
        r#"{{"RoleDetailList":[{},{}]}}"#,
        role("one", r#""AssumeRolePolicyDocument":{},"#),
        role("two", "")
    );
    let got = ingest_file("gaad.json", &text, None);
    let known: Vec<_> = got
        .inventory
        .roles
        .iter()
        .map(|role| shown(&role.trust, |_| "known".to_owned()))
        .collect();
    assert_eq!(known, ["invalid", "known"], "{:?}", said(&got));
    let text = format!(
        r#"{{"RoleDetailList":[{},{}]}}"#,
        role("one", r#""RoleName":"x","#),
        role("two", "")
    );
    let got = ingest_file("gaad.json", &text, None);
    let known: Vec<_> = got
        .inventory
        .roles
        .iter()
        .map(|role| shown(&role.trust, |_| "known".to_owned()))
        .collect();
    assert_eq!(
        (known, codes(&got)),
        (vec!["unreadable".into(), "known".into()], vec!["ingest::duplicate_key"])
    );
}

#[test]
fn single_answers_are_bound_by_their_file_names() {
    let acl =
        r#"{"Grants":[{"Grantee":{"URI":"http://acs.amazonaws.com/groups/global/AllUsers"},"Permission":"READ"}]}"#;
    let four = r#"{"PublicAccessBlockConfiguration":{"BlockPublicAcls":true}}"#;
    let policy = serde_json::json!({ "Policy": BUCKET }).to_string();
    let got = ingest_texts(&[
        ("d/get-bucket-acl-data.json", acl),
        ("d/data.public-access-block.json", four),
        ("d/x.json", &policy),
    ]);
    let found = bucket(&got, "data");
    assert!(found.policy.value().is_some());
    assert_eq!(
        settings(found)[2..5],
        ["acl AllUsers READ", "block 1000", "ownership not in input"]
    );
    assert!(!got.incomplete, "{:?}", said(&got));
    // One document alone is judged alone.
    let got = ingest_texts(&[("d/bucket-acl_data.json", acl)]);
    assert_eq!(settings(bucket(&got, "data"))[3..5], ["block -", "ownership -"]);
    // Without a policy and an ACL nothing is known about access.
    let got = ingest_texts(&[("d/public-access-block-data.json", four)]);
    assert_eq!(
        settings(bucket(&got, "data"))[..3],
        ["policy not in input", "policy status not in input", "acl not in input"]
    );
    // Several policies of one bucket in one directory stay apart.
    let got = ingest_texts(&[("d/a.json", &policy), ("d/b.json", &policy)]);
    assert_eq!(got.inventory.buckets.len(), 2);

    let got = ingest_texts(&[("d/acl.json", acl)]);
    assert_eq!(codes(&got), ["ingest::unbound"]);
    assert!(got.incomplete);
    let many: Vec<_> = (0..9).map(|n| format!("d/{n}.json")).collect();
    let many: Vec<_> = many.iter().map(|path| (&**path, acl)).collect();
    assert_eq!(codes(&ingest_texts(&many)), ["ingest::unbound"]);
}

#[test]
fn recorded_answers_are_unwrapped() {
    let recorded = |data: &str| format!(r#"{{"status_code":200,"data":{data}}}"#);
    let policy = serde_json::json!({ "Policy": BUCKET, "ResponseMetadata": {} }).to_string();
    let caller =
        r#"{"UserId":"A","Account":"111122223333","Arn":"arn:aws:iam::111122223333:user/a","ResponseMetadata":{}}"#;
    let got = ingest_texts(&[
        ("t/s3.GetBucketPolicy_1.json", recorded(&policy)),
        ("t/sts.GetCallerIdentity_1.json", recorded(caller)),
    ]);
    let found = bucket(&got, "data");
    assert_eq!(found.account.map(|id| id.to_string()).as_deref(), Some("111122223333"));
    let refused = r#"{"status_code":403,"data":{"Error":{"Code":"AccessDenied"}}}"#;
    assert_eq!(
        codes(&ingest_texts(&[("t/s3.GetBucketPolicy_1.json", refused)])),
        ["ingest::refused"]
    );

    let test = serde_json::json!({ "tests/a.py::T::test_b": { "recorded-date": "x", "recorded-content": {
        "get-policy": { "Policy": BUCKET, "ResponseMetadata": {} }, "other": { "Anything": 1 } } } });
    let got = ingest_texts(&[("a.snapshot.json", test.to_string())]);
    assert!(bucket(&got, "test_b/get-policy").policy.value().is_some());
    assert_eq!(got.inputs[0].kind, Some(Kind::Recording));
}

#[test]
fn access_points_alone_are_joined_with_their_policies() {
    let point = r#"{"Name":"p","Bucket":"data","NetworkOrigin":"Internet","AccessPointArn":"arn:aws:s3:us-west-2:111122223333:accesspoint/p",
        "PublicAccessBlockConfiguration":{"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}}"#;
    let policy = BUCKET.replace(
        "arn:aws-cn:s3:::data",
        "arn:aws:s3:us-west-2:111122223333:accesspoint/p",
    );
    let policy = serde_json::json!({ "Policy": policy }).to_string();
    let got = ingest_texts(&[("a.json", point), ("b.json", &policy)]);
    let [found] = &*got.inventory.access_points else {
        panic!("one access point: {:?}", said(&got));
    };
    assert_eq!((&*found.bucket, &found.origin), ("data", &NetworkOrigin::Internet));
    assert!(found.policy.value().is_some() && !got.incomplete, "{:?}", said(&got));
}
