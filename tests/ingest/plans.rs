//! Plans and states of Terraform [FMT-90…96].

use super::support::{codes, ingest_texts};
use super::terraform::{at, buckets, policy};

#[test]
fn a_plan_joins_what_is_known_after_apply() {
    // [FMT-93], [FMT-96], FX-T14
    let plan = r#"{"format_version": "1.2", "terraform_version": "1.11.4",
      "planned_values": {"root_module": {"resources": [
        {"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": {"bucket_prefix": "x"}}]}},
      "resource_changes": [
        {"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b",
         "change": {"actions": ["create"], "before": null, "after": {"bucket_prefix": "x"},
          "after_unknown": {"bucket": true, "policy": true, "arn": true}}},
        {"address": "aws_s3_bucket.gone", "mode": "managed", "type": "aws_s3_bucket", "name": "gone",
         "change": {"actions": ["delete"], "before": {"bucket": "gone"}, "after": null, "after_unknown": {}}},
        {"address": "aws_s3_bucket_policy.p", "mode": "managed", "type": "aws_s3_bucket_policy", "name": "p",
         "change": {"actions": ["create"], "before": null, "after": {}, "after_unknown": {"bucket": true, "policy": true}}},
        {"address": "data.aws_iam_policy_document.d", "mode": "data", "type": "aws_iam_policy_document", "name": "d",
         "change": {"actions": ["read"], "before": null,
          "after": {"statement": [{"actions": ["s3:GetObject"], "effect": "Allow", "resources": [null],
                                   "principals": [{"type": "*", "identifiers": ["*"]}]}], "version": null},
          "after_unknown": {"json": true, "statement": [{"actions": [false], "resources": [true],
                                                         "principals": [{"identifiers": [false]}]}]}}}],
      "configuration": {"root_module": {"resources": [
        {"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b",
         "expressions": {"bucket_prefix": {"constant_value": "x"}}},
        {"address": "aws_s3_bucket_policy.p", "mode": "managed", "type": "aws_s3_bucket_policy", "name": "p",
         "expressions": {"bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]},
                         "policy": {"references": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"]}}},
        {"address": "data.aws_iam_policy_document.d", "mode": "data", "type": "aws_iam_policy_document", "name": "d",
         "expressions": {"statement": [{"actions": {"constant_value": ["s3:GetObject"]},
            "resources": {"references": ["aws_s3_bucket.b.arn", "aws_s3_bucket.b"]},
            "principals": [{"type": {"constant_value": "*"}, "identifiers": {"constant_value": ["*"]}}]}]}}]}}}"#;
    let got = ingest_texts(&[("plan.json", plan)]);
    assert_eq!(codes(&got), [""; 0]);
    assert_eq!(buckets(&got), ["${aws_s3_bucket.b}"]);
    assert!(
        policy(&got).contains("arn:aws:s3:::${aws_s3_bucket.b}/*"),
        "{}",
        policy(&got)
    );
}

#[test]
fn a_state_is_read_in_both_forms() {
    let policy_text = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::data/*\"}]}"#;
    let values = |name: &str| match name {
        "bucket" => format!(
            r#"{{"bucket": "data", "acl": null, "policy": "{policy_text}", "grant": [{{"id": "x", "type": "CanonicalUser", "permissions": ["FULL_CONTROL"], "uri": ""}}]}}"#
        ),
        _ => format!(r#"{{"bucket": "data", "policy": "{policy_text}"}}"#),
    };
    let shown = format!(
        r#"{{"format_version": "1.0", "terraform_version": "1.11.4", "values": {{"root_module": {{"child_modules": [{{"address": "module.m", "resources": [
            {{"address": "module.m.aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": {}}},
            {{"address": "module.m.aws_s3_bucket_policy.p", "mode": "managed", "type": "aws_s3_bucket_policy", "name": "p", "values": {}}}]}}]}}}}}}"#,
        values("bucket"),
        values("policy")
    );
    let raw = format!(
        r#"{{"version": 4, "terraform_version": "1.11.4", "resources": [
            {{"mode": "managed", "type": "aws_s3_bucket", "name": "b", "instances": [{{"attributes": {}}}]}},
            {{"mode": "managed", "type": "aws_s3_bucket_policy", "name": "p", "instances": [{{"index_key": 0, "attributes": {}}}]}}]}}"#,
        values("bucket"),
        values("policy")
    );
    for (name, text) in [("state.json", shown), ("terraform.tfstate", raw)] {
        let got = ingest_texts(&[(name, text)]);
        assert_eq!(codes(&got), [""; 0], "{name}");
        assert!(policy(&got).contains("arn:aws:s3:::data/*"), "{name}");
        let statement = &got.inventory.buckets[0].policy.value().expect("a policy").statements[0];
        assert!(
            at(&got, statement.span).starts_with('{'),
            "{name}: {}",
            at(&got, statement.span)
        );
    }
}

/// [OWN-08]: of a bucket that is there already nobody knows by which defaults it was made; one that the plan makes is new.
#[test]
fn only_a_bucket_that_is_made_has_the_defaults_of_new_ones() {
    let known = |text: String, name: &str| {
        let got = ingest_texts(&[(name, text)]);
        let bucket = &got.inventory.buckets[0];
        (
            bucket.public_access_block.value().is_some(),
            bucket.ownership.value().is_some(),
        )
    };
    let bucket = r#""mode": "managed", "type": "aws_s3_bucket", "name": "b""#;
    let state = format!(
        r#"{{"format_version": "1.0", "terraform_version": "1.11.4", "values": {{"root_module": {{"resources": [
            {{"address": "aws_s3_bucket.b", {bucket}, "values": {{"bucket": "data"}}}}]}}}}}}"#
    );
    assert_eq!(known(state, "state.json"), (false, false));
    let plan = |action: &str| {
        format!(
            r#"{{"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {{}}, "resource_changes": [
                {{"address": "aws_s3_bucket.b", {bucket}, "change": {{"actions": ["{action}"], "after": {{"bucket": "data"}}}}}}]}}"#
        )
    };
    assert_eq!(known(plan("no-op"), "plan.json"), (false, false));
    assert_eq!(known(plan("create"), "plan.json"), (true, true));
}
