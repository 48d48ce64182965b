use bucketproof::finding::{ConfinementKind, DocumentKind, GrantEffect, Grantee, Indeterminate, ResourceKind};
use bucketproof::iam::CanonicalId;
use bucketproof::model::{Bucket, Inventory, PublicAccessBlock, Role, Setting};
use bucketproof::rules::{Intent, Packs, Settings, evaluate};

use crate::given::{
    OTHER, OWNER, account, blocked, bucket, check, conditioned, confined, grant, judged, now, resource, role, source,
    span, verdicts,
};

#[test]
fn public_access_is_reported_by_level() {
    let public = |actions: &[&str]| bucket(vec![grant(Grantee::Anonymous, actions)]);
    check(public(&["s3:GetObject"]), &["s3/public-read critical new"]);
    check(public(&["s3:GetObjectAcl"]), &["s3/public-read medium new"]);
    check(
        public(&["s3:GetObject", "s3:GetObjectAcl"]),
        &["s3/public-read critical new"],
    );
    check(public(&["s3:ListBucket"]), &["s3/public-list high new"]);
    check(public(&["s3:PutObject"]), &["s3/public-write critical new"]);
    check(public(&["s3:PutObjectTagging"]), &["s3/public-write high new"]);
    check(public(&["s3:PutBucketAcl"]), &["s3/public-control-plane critical new"]);
    check(public(&["s3:PutObjectAcl"]), &["s3/public-control-plane critical new"]);
    check(
        public(&["s3:PutReplicationConfiguration"]),
        &["s3/public-control-plane critical new"],
    );
    check(public(&["s3:GetBucketAcl"]), &["s3/public-control-plane medium new"]);
    let any = bucket(vec![grant(Grantee::AnyAwsAccount, &["s3:GetObject", "s3:ListBucket"])]);
    check(any, &["s3/any-aws-account critical new"]);
    let any = |action: &str| bucket(vec![grant(Grantee::AnyAwsAccount, &[action])]);
    check(any("s3:ListBucket"), &["s3/any-aws-account high new"]);
    check(any("s3:PutObjectTagging"), &["s3/any-aws-account high new"]);
    check(any("s3:GetObjectTagging"), &["s3/any-aws-account medium new"]);
    check(any("s3:PutBucketAcl"), &["s3/public-control-plane critical new"]);
}

#[test]
fn objects_and_access_points_are_judged_like_buckets() {
    let object = |grantee| {
        let grants = vec![grant(grantee, &["s3:GetObject"])];
        resource(ResourceKind::Object, "arn:aws:s3:::b/k", "k", grants)
    };
    check(object(Grantee::Anonymous), &["s3/public-read critical new"]);
    check(object(Grantee::AnyAwsAccount), &["s3/any-aws-account critical new"]);
    let point = |action| {
        let arn = "arn:aws:s3:eu-west-1:111122223333:accesspoint/p";
        let grants = vec![grant(Grantee::AnyAwsAccount, &[action])];
        resource(ResourceKind::AccessPoint, arn, "p", grants)
    };
    check(point("s3:GetObject"), &["s3/access-point-public critical new"]);
    check(point("s3:ListBucket"), &["s3/access-point-public high new"]);
    check(point("s3:PutObjectAcl"), &["s3/public-control-plane critical new"]);
}

#[test]
fn what_is_fenced_is_not_public_but_must_be_declared() {
    let fenced = || grant(Grantee::Anonymous, &["s3:GetObject"]);
    let by_network = confined(fenced(), ConfinementKind::Network, "aws:SourceVpce", "vpce-1a2b3c4d");
    let evaluation = judged(
        &[bucket(vec![by_network.clone()])],
        &Intent::default(),
        &Settings::at(now()),
    );
    assert_eq!(verdicts(&evaluation.findings), ["unintended-access medium new"]);
    assert_eq!(
        evaluation.findings[0].message,
        "anyone through vpce-1a2b3c4d, outside the zone of trust, can use s3:GetObject on arn:aws:s3:::b/*"
    );
    let mut inside = by_network;
    inside.outside_zone = false;
    check(bucket(vec![inside]), &[]);
}

#[test]
fn blocked_access_is_latent() {
    let held = |action: &str, by: &str| bucket(vec![blocked(grant(Grantee::Anonymous, &[action]), by)]);
    check(
        held("s3:GetObject", "bucket:RestrictPublicBuckets"),
        &["s3/latent-public low new"],
    );
    check(
        held("s3:PutObject", "bucket:RestrictPublicBuckets"),
        &["s3/latent-public medium new"],
    );
    check(
        held("s3:PutObject", "account:RestrictPublicBuckets"),
        &["s3/latent-public low new"],
    );
    check(
        held("s3:PutObject", "organization:IgnorePublicAcls"),
        &["s3/latent-public low new"],
    );
    let mut named = grant(Grantee::Account(account(OTHER)), &["s3:GetObject"]);
    named.open = false;
    check(bucket(vec![blocked(named, "account:RestrictPublicBuckets")]), &[]);
}

#[test]
fn what_s3_never_allows_is_no_finding() {
    let mut ineffective = grant(Grantee::Anonymous, &["s3:PutBucketPolicy"]);
    ineffective.effect = GrantEffect::Ineffective;
    check(bucket(vec![ineffective]), &[]);
}

#[test]
fn named_outsiders_are_external() {
    let named = |grantee: Grantee, action: &str| {
        let mut named = grant(grantee, &[action]);
        named.open = false;
        bucket(vec![named])
    };
    let other = || Grantee::Account(account(OTHER));
    check(named(other(), "s3:GetObject"), &["s3/external-account medium new"]);
    check(named(other(), "s3:GetBucketAcl"), &["s3/external-account medium new"]);
    check(named(other(), "s3:DeleteObject"), &["s3/external-account high new"]);
    check(
        named(other(), "s3:PutLifecycleConfiguration"),
        &["s3/external-account high new"],
    );
    let arn = Grantee::Principal("arn:aws:iam::444455556666:role/x".into());
    check(named(arn, "s3:GetObject"), &["s3/external-account medium new"]);
    let canonical = Grantee::CanonicalUser(CanonicalId::new(&"7".repeat(64)));
    check(
        named(canonical, "s3:ListBucket"),
        &["s3/foreign-canonical-user medium new"],
    );
    let organization = Grantee::Organization("o-exampleorgid".into());
    check(
        named(organization, "s3:GetObject"),
        &["s3/foreign-organization medium new"],
    );
    check(
        named(Grantee::Unknown("somebody".into()), "s3:PutObject"),
        &["unintended-access high new"],
    );
    check(
        named(Grantee::CloudFrontOai("E1".into()), "s3:GetObject"),
        &["unintended-access medium new"],
    );
}

#[test]
fn own_access_is_nobodys_business() {
    let mut own = grant(
        Grantee::Account(account(OWNER)),
        &["s3:GetObject", "s3:PutBucketPolicy"],
    );
    own.open = false;
    own.outside_zone = false;
    check(bucket(vec![own]), &[]);
}

#[test]
fn log_delivery_accounts_may_deliver_and_no_more() {
    let delivery = |action: &str| {
        let mut named = grant(Grantee::Account(account("127311923021")), &[action]);
        named.open = false;
        bucket(vec![named])
    };
    check(delivery("s3:PutObject"), &[]);
    check(delivery("s3:GetBucketAcl"), &[]);
    check(delivery("s3:GetObject"), &["s3/external-account medium new"]);
    check(delivery("s3:PutBucketAcl"), &["s3/external-account high new"]);
    // CloudFront puts its account into the ACL with full control.
    let id = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0";
    let mut canonical = grant(
        Grantee::CanonicalUser(CanonicalId::new(id)),
        &["s3:ListBucket", "s3:PutBucketAcl"],
    );
    canonical.open = false;
    check(bucket(vec![canonical]), &[]);
}

#[test]
fn trust_in_everyone_is_reported_even_behind_an_external_id() {
    let anyone = || grant(Grantee::AnyAwsAccount, &["sts:AssumeRole"]);
    check(role(vec![anyone()]), &["iam-trust/anyone critical new"]);
    let by_id = confined(anyone(), ConfinementKind::ExternalId, "sts:ExternalId", "x");
    check(role(vec![by_id]), &["iam-trust/anyone critical new"]);
    let by_network = confined(anyone(), ConfinementKind::Network, "aws:SourceIp", "203.0.113.0/24");
    check(role(vec![by_network]), &["unintended-access high new"]);
}

#[test]
fn an_external_id_counts_where_it_is_asked_for() {
    let foreign = || {
        let mut named = grant(Grantee::Account(account(OTHER)), &["sts:AssumeRole", "sts:TagSession"]);
        named.open = false;
        named
    };
    let without = ["iam-trust/external-without-external-id high new"];
    let with = ["unintended-access high new"];
    check(role(vec![foreign()]), &without);
    let ask = |operator: &str, value: &str| role(vec![conditioned(foreign(), operator, "STS:externalid", value)]);
    check(ask("StringEquals", "x"), &with);
    check(ask("ForAnyValue:StringLike", "x-*"), &with);
    check(ask("StringNotEquals", "x"), &without);
    check(ask("StringEqualsIfExists", "x"), &without);
    check(ask("ForAllValues:StringEquals", "x"), &without);
    check(ask("StringLike", "*"), &without);
    check(ask("Null", "false"), &without);
    let mut by_deny = foreign();
    by_deny.witness.context.set("sts:ExternalId", "x");
    check(role(vec![by_deny]), &with);
}

#[test]
fn modifiers_alone_assume_nothing() {
    let mut modifier = grant(Grantee::Account(account(OTHER)), &["sts:TagSession"]);
    modifier.open = false;
    check(role(vec![modifier]), &[]);
}

#[test]
fn services_for_any_customer_are_confused_deputies() {
    let service = |actions: &[&str]| grant(Grantee::Service(Some("x.amazonaws.com".into())), actions);
    check(
        role(vec![service(&["sts:AssumeRole"])]),
        &["iam-trust/confused-deputy low new"],
    );
    check(
        bucket(vec![service(&["s3:PutObject"])]),
        &["s3/service-without-source-guard medium new"],
    );
    check(
        bucket(vec![service(&["s3:PutObject", "s3:GetObject"])]),
        &["s3/service-without-source-guard high new"],
    );
    let mut guarded = confined(
        service(&["s3:PutObject"]),
        ConfinementKind::Source,
        "aws:SourceAccount",
        OWNER,
    );
    guarded.outside_zone = false;
    check(bucket(vec![guarded]), &[]);
}

#[test]
fn advice_about_tokens_does_not_hide_that_nobody_declared_them() {
    let github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let key = |claim: &str| format!("token.actions.githubusercontent.com:{claim}");
    let tokens = |provider: &str| grant(Grantee::Federated(provider.into()), &["sts:AssumeRoleWithWebIdentity"]);
    let of_repository = || confined(tokens(github), ConfinementKind::Subject, &key("sub"), "repo:acme/app:*");
    check(
        role(vec![tokens(github)]),
        &["iam-trust/oidc-any-repository critical new"],
    );
    check(
        role(vec![of_repository()]),
        &["iam-trust/oidc-without-audience low new", "unintended-access high new"],
    );
    let audience = |operator: &str| {
        role(vec![conditioned(
            of_repository(),
            operator,
            &key("aud"),
            "sts.amazonaws.com",
        )])
    };
    check(audience("StringEquals"), &["unintended-access high new"]);
    check(
        audience("StringEqualsIfExists"),
        &["iam-trust/oidc-without-audience low new", "unintended-access high new"],
    );
    check(
        role(vec![tokens("accounts.google.com")]),
        &["iam-trust/oidc-without-audience critical new"],
    );
}

#[test]
fn roles_that_aws_made_are_not_graded() {
    let arn = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/r";
    let linked = Role {
        name: "r".into(),
        path: "/aws-service-role/x.amazonaws.com/".into(),
        account: Some(account(OWNER)),
        ..Role::default()
    };
    let inventory = Inventory {
        roles: vec![linked],
        ..Inventory::default()
    };
    let service = grant(Grantee::Service(Some("x.amazonaws.com".into())), &["sts:AssumeRole"]);
    let access = resource(ResourceKind::Role, arn, "r", vec![service]);
    let packs = Packs::built_in().expect("built-in packs");
    let evaluation =
        evaluate(&packs, &Intent::default(), &Settings::at(now()), &inventory, &[access]).expect("evaluation");
    assert_eq!(verdicts(&evaluation.findings), Vec::<String>::new());
}

#[test]
fn one_grant_found_twice_is_one_finding_with_two_places() {
    let first = grant(Grantee::Anonymous, &["s3:GetObject"]);
    let mut second = first.clone();
    second.sources = vec![source(DocumentKind::BucketPolicy, 40)];
    let evaluation = judged(&[bucket(vec![first, second])], &Intent::default(), &Settings::at(now()));
    assert_eq!(evaluation.findings.len(), 1);
    let locations = &evaluation.findings[0].locations;
    assert_eq!(locations.primary.span, span(10));
    assert_eq!(
        locations
            .secondary
            .iter()
            .map(|location| location.span)
            .collect::<Vec<_>>(),
        [span(40)]
    );
}

#[test]
fn findings_point_at_what_failed_to_block() {
    let inventory = Inventory {
        buckets: vec![Bucket {
            name: "b".into(),
            account: Some(account(OWNER)),
            public_access_block: Setting::set(PublicAccessBlock::default(), span(70)),
            ..Bucket::default()
        }],
        ..Inventory::default()
    };
    let packs = Packs::built_in()
        .expect("built-in packs")
        .only(|rule| rule.id.as_str() == "s3/public-read");
    let access = [bucket(vec![grant(Grantee::Anonymous, &["s3:GetObject"])])];
    let evaluation =
        evaluate(&packs, &Intent::default(), &Settings::at(now()), &inventory, &access).expect("evaluation");
    let labels: Vec<_> = evaluation.findings[0]
        .locations
        .secondary
        .iter()
        .map(|location| (location.span, location.label.as_str()))
        .collect();
    assert_eq!(labels, [(span(70), "`RestrictPublicBuckets` is off for the bucket")]);
}

#[test]
fn messages_name_what_counts() {
    let mut everything = grant(
        Grantee::Anonymous,
        &[
            "s3:CreateBucket",
            "s3:GetObjectAcl",
            "s3:GetObject",
            "s3:PutBucketAcl",
            "s3:PutObjectAcl",
            "s3:PutBucketCORS",
        ],
    );
    everything.resources = vec!["arn:aws:s3:::b".into(), "arn:aws:s3:::b/*".into()];
    let evaluation = judged(&[bucket(vec![everything])], &Intent::default(), &Settings::at(now()));
    let messages: Vec<_> = evaluation
        .findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "anyone on the internet reaches the control plane of arn:aws:s3:::b, arn:aws:s3:::b/* \
             (s3:PutBucketAcl, s3:PutObjectAcl, s3:CreateBucket and 1 more)",
            "anyone on the internet can read arn:aws:s3:::b/* (s3:GetObject, s3:GetObjectAcl)",
        ]
    );
}

#[test]
fn fingerprints_do_not_depend_on_the_order_of_grants() {
    let read = grant(Grantee::Anonymous, &["s3:GetObject"]);
    let list = grant(Grantee::AnyAwsAccount, &["s3:ListBucket"]);
    let prints = |grants| {
        let evaluation = judged(&[bucket(grants)], &Intent::default(), &Settings::at(now()));
        evaluation
            .findings
            .into_iter()
            .map(|finding| (finding.rule, finding.fingerprint))
            .collect::<Vec<_>>()
    };
    assert_eq!(prints(vec![read.clone(), list.clone()]), prints(vec![list, read]));
}

#[test]
fn what_the_engine_cannot_decide_is_said() {
    let mut access = bucket(Vec::new());
    access.indeterminate.push(Indeterminate {
        reason: "two free keys are coupled".into(),
        span: Some(span(5)),
    });
    let evaluation = judged(&[access], &Intent::default(), &Settings::at(now()));
    assert_eq!(evaluation.findings, []);
    let diagnostic = &evaluation.diagnostics[0];
    assert_eq!(
        (diagnostic.code, diagnostic.span),
        ("bucketproof::rules::cannot_decide", Some(span(5)))
    );
}

/// The console writes `"Sid": ""`, which is no name to show; and a place is shown once, however much is granted there.
#[test]
fn places_have_a_name_and_stand_once() {
    let mut granted = grant(Grantee::AnyAwsAccount, &["s3:GetObject"]);
    for source in &mut granted.sources {
        source.sid = Some("".into());
    }
    granted.sources.extend(granted.sources.clone());
    let evaluation = judged(&[bucket(vec![granted])], &Intent::default(), &Settings::at(now()));
    let locations = &evaluation.findings[0].locations;
    assert_eq!(locations.primary.label, "granted by statement 1 of the bucket policy");
    assert_eq!(locations.secondary, []);
}
