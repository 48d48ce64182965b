use serde_json::{Map, Value, json};

use super::case::Case;
use super::snapshot::{SETTINGS, is_on};
use super::terraform::{canned, split_path};

/// The case as a template in JSON, with intrinsics in their long form.
pub fn json(case: &Case) -> Option<Vec<(String, String)>> {
    let template = template(case)?;
    Some(vec![("template.json".into(), format!("{template:#}"))])
}

/// The case as a template in YAML, with intrinsics in their short form, and with what people leave unquoted unquoted.
pub fn yaml(case: &Case) -> Option<Vec<(String, String)>> {
    let mut text = String::new();
    emit(&template(case)?, 0, &mut text);
    Some(vec![("template.yaml".into(), text)])
}

fn template(case: &Case) -> Option<Value> {
    // CloudFormation knows neither an account's block nor who pays, and of ACLs only the predefined ones.
    if case.blocks.account.is_some() || case.requester_pays == Some(true) || !case.objects.is_empty() {
        return None;
    }
    let mut resources = Map::new();
    if let Some(name) = &case.bucket {
        bucket(case, name, &mut resources)?;
    }
    if let Some(role) = &case.role {
        let (path, name) = split_path(role);
        let mut properties = json!({
            "RoleName": name, "Path": path,
            "AssumeRolePolicyDocument": policy(case.trust_policy.as_ref()?, "")?,
        });
        if let Some(tags) = tags(case) {
            properties["Tags"] = tags;
        }
        resources.insert("R".into(), json!({"Type": "AWS::IAM::Role", "Properties": properties}));
    }
    Some(json!({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}))
}

fn bucket(case: &Case, name: &str, resources: &mut Map<String, Value>) -> Option<()> {
    let mut properties = json!({
        "BucketName": name,
        "PublicAccessBlockConfiguration": block(case.blocks.bucket.as_deref().unwrap_or_default()),
        "OwnershipControls": {"Rules": [{"ObjectOwnership": case.ownership.as_deref().unwrap_or("ObjectWriter")}]},
    });
    if let Some(grants) = &case.bucket_acl {
        properties["AccessControl"] = canned(grants)?.1.into();
    }
    if let Some(tags) = tags(case) {
        properties["Tags"] = tags;
    }
    resources.insert("B".into(), json!({"Type": "AWS::S3::Bucket", "Properties": properties}));
    if let Some(text) = &case.bucket_policy {
        let document = policy(text, name)?;
        let properties = json!({"Bucket": {"Ref": "B"}, "PolicyDocument": document});
        resources.insert(
            "P".into(),
            json!({"Type": "AWS::S3::BucketPolicy", "Properties": properties}),
        );
    }
    for (index, point) in case.access_points.iter().enumerate() {
        if point.account.is_some() || point.region.is_some() {
            return None;
        }
        let mut properties = json!({"Name": point.name, "Bucket": {"Ref": "B"}});
        if let Some(names) = &point.blocks {
            properties["PublicAccessBlockConfiguration"] = block(names);
        }
        if point.origin.as_deref() == Some("VPC") {
            properties["VpcConfiguration"] = json!({"VpcId": point.vpc.as_ref()?});
        }
        if let Some(text) = &point.policy {
            properties["Policy"] = policy(text, "")?;
        }
        // The Region of a template is not known; the ARNs of the examples have one.
        if point.policy.is_some() {
            return None;
        }
        let resource = json!({"Type": "AWS::S3::AccessPoint", "Properties": properties});
        resources.insert(format!("A{index}"), resource);
    }
    Some(())
}

fn block(names: &[String]) -> Value {
    let settings = SETTINGS.map(|setting| (setting.to_owned(), Value::from(is_on(names, setting))));
    settings.into_iter().collect::<Map<_, _>>().into()
}

fn tags(case: &Case) -> Option<Value> {
    let tags = case.tags.as_ref()?.iter();
    Some(tags.map(|(key, value)| json!({"Key": key, "Value": value})).collect())
}

/// A policy in which resources of the bucket are written by reference.
fn policy(text: &str, bucket: &str) -> Option<Value> {
    let mut document: Value = serde_json::from_str(text).ok()?;
    let statements = match document.get_mut("Statement")? {
        Value::Array(statements) => statements.iter_mut().collect(),
        one => vec![one],
    };
    for statement in statements {
        for name in ["Resource", "NotResource"] {
            match statement.get_mut(name) {
                Some(Value::Array(items)) => items.iter_mut().for_each(|item| refer(item, bucket)),
                Some(one) => refer(one, bucket),
                None => {}
            }
        }
    }
    Some(document)
}

/// `arn:aws:s3:::b/*` as `${B.Arn}/*`, with policy variables escaped [FMT-77].
fn refer(resource: &mut Value, bucket: &str) {
    let own = format!("arn:aws:s3:::{bucket}");
    let Some(rest) = resource.as_str().and_then(|text| text.strip_prefix(&own)) else {
        return;
    };
    if bucket.is_empty() || !(rest.is_empty() || rest.starts_with('/')) {
        return;
    }
    *resource = if rest.is_empty() {
        json!({"Fn::GetAtt": ["B", "Arn"]})
    } else {
        json!({"Fn::Sub": format!("${{B.Arn}}{}", rest.replace("${", "${!"))})
    };
}

/// Block style; `Version` and `Null` stand unquoted as people write them [FMT-70].
fn emit(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if key == "Version" && value.is_string() {
                    text.push_str(&format!("{indent}Version: {}\n", value.as_str().expect("a string")));
                    continue;
                }
                text.push_str(&format!("{indent}{}:", plain_key(key)));
                below(value, depth, text);
            }
        }
        Value::Array(items) => {
            for item in items {
                text.push_str(&format!("{indent}-"));
                below(item, depth, text);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            text.push_str(&format!("{indent}{value}\n"))
        }
    }
}

fn below(value: &Value, depth: usize, text: &mut String) {
    if let Some(short) = short(value) {
        text.push_str(&format!(" {short}\n"));
        return;
    }
    match value {
        Value::Object(members) if !members.is_empty() => {
            text.push('\n');
            emit(value, depth + 1, text);
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            emit(value, depth + 1, text);
        }
        other => text.push_str(&format!(" {other}\n")),
    }
}

fn short(value: &Value) -> Option<String> {
    let (key, argument) = value.as_object().filter(|members| members.len() == 1)?.iter().next()?;
    match &**key {
        "Ref" => Some(format!("!Ref {}", argument.as_str()?)),
        "Fn::Sub" => Some(format!("!Sub {argument}")),
        "Fn::GetAtt" => Some(format!("!GetAtt {}.{}", argument[0].as_str()?, argument[1].as_str()?)),
        _ => None,
    }
}

fn plain_key(key: &str) -> String {
    let plain = key
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b':' || byte == b'-');
    if plain {
        key.to_owned()
    } else {
        Value::from(key).to_string()
    }
}
