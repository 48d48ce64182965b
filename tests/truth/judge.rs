use std::fs;
use std::ops::Range;
use std::path::Path;

use bucketproof::engine::{
    ConfinementKind, Estate, Grant, GrantEffect, Grantee, Options, ResourceAccess, Sharing, Zone, bucket_access,
    role_access,
};
use bucketproof::iam::Timestamp;
use bucketproof::ingest::{Deployment, Discovery, Ingested, Request, assemble, discover, discover_texts, read};
use bucketproof::model::Inventory;
use bucketproof::source::Span;
use serde_json::{Value, json};

use super::label::{Document, Label, Truth};

/// How a case came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    AsWritten,
    CarriedOver,
    TakenApart,
    Template,
}

/// What the engine makes of a case.
pub struct Judged {
    /// How it came in.
    pub way: Way,
    /// Whom the document lets in.
    pub verdict: Truth,
    /// What that rests on.
    pub why: String,
    /// Whether it is not known, and said so, because the template calls a module that is not here.
    pub lacks_module: bool,
}

impl Way {
    /// The name, for the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsWritten => "as written",
            Self::CarriedOver => "carried over to a bucket",
            Self::TakenApart => "taken apart into CLI answers",
            Self::Template => "template",
        }
    }
}

impl Judged {
    /// Whether a label says nothing else. One that says no more than `not-public` leaves open whose accounts get in.
    pub fn agrees(&self, truth: Truth) -> bool {
        let tells_more = matches!(self.verdict, Truth::External | Truth::Internal);
        self.verdict == truth || truth == Truth::NotPublic && tells_more
    }
}

/// Judges a case.
pub fn judge(corpus: &Path, label: &Label) -> Judged {
    let text = fs::read_to_string(corpus.join(&label.case)).expect("the case");
    if label.is_template() {
        let mut got = ingest_template(&text, label);
        if let Some(resource) = &label.resource {
            only(resource, &text, &mut got.inventory);
        }
        return decide(Way::Template, got, label);
    }
    let (way, got) = ingest(&text, label);
    decide(way, got, label)
}

/// Reads a template alone, whatever lies beside it.
fn ingest_template(text: &str, label: &Label) -> Ingested {
    let name = label.case.rsplit('/').next().unwrap_or_default();
    let request = Request {
        deployment: Deployment {
            legacy_defaults: true,
            ..Deployment::default()
        },
        ..Request::default()
    };
    assembled(discover_texts(
        "memory",
        vec![(name.to_owned(), text.as_bytes().to_vec())],
        &request,
    ))
}

/// Leaves the buckets and roles that a resource of the template is, or belongs to.
fn only(resource: &str, text: &str, inventory: &mut Inventory) {
    let Some(lines) = lines_of(resource, text) else { return };
    let is_in = |span: Option<Span>| span.is_some_and(|span| lines.contains(&(span.start as usize)));
    inventory.buckets.retain(|bucket| {
        let settings = [
            bucket.policy.span(),
            bucket.acl.span(),
            bucket.public_access_block.span(),
        ];
        is_in(Some(bucket.span)) || settings.into_iter().any(is_in)
    });
    inventory
        .roles
        .retain(|role| is_in(Some(role.span)) || is_in(role.trust.span()));
    let names: Vec<_> = inventory.buckets.iter().map(|bucket| bucket.name.clone()).collect();
    inventory
        .access_points
        .retain(|point| is_in(Some(point.span)) || names.contains(&point.bucket));
}

/// The bytes in which a template declares a resource: from the line that names it down to the next one that is indented as much.
fn lines_of(resource: &str, text: &str) -> Option<Range<usize>> {
    let heads = match resource.rsplit_once('.') {
        Some((kind, name)) => vec![
            format!("resource \"{kind}\" \"{name}\""),
            format!("resource {kind} {name}"),
        ],
        None => vec![
            format!("{resource}:"),
            format!("\"{resource}\":"),
            format!("\"{resource}\" :"),
        ],
    };
    let is_head = |line: &str| heads.iter().any(|head| line.trim_start().starts_with(&**head));
    let mut at = 0;
    let mut found: Option<(usize, usize)> = None;
    for line in text.split_inclusive('\n') {
        let depth = line.len() - line.trim_start().len();
        match found {
            None if is_head(line) => found = Some((at, depth)),
            Some((start, of)) if !line.trim().is_empty() && depth <= of => return Some(start..at + line.len()),
            Some(_) | None => {}
        }
        at += line.len();
    }
    found.map(|(start, _)| start..text.len())
}

fn ingest(text: &str, label: &Label) -> (Way, Ingested) {
    match label.document {
        Some(Document::PantherResource) => {
            let resource = serde_json::from_str(text).expect("a resource is JSON");
            (Way::TakenApart, ingest_files(taken_apart(&resource)))
        }
        Some(Document::Statement) => {
            let statement = serde_json::from_str(text).expect("a statement is JSON");
            let policy = json!({"Version": "2012-10-17", "Statement": carried_over(statement)});
            (
                Way::CarriedOver,
                ingest_policy(&policy.to_string(), Some(BUCKET_POLICY)),
            )
        }
        None => {
            let as_it_is = ingest_policy(text, None);
            if has_resources(&as_it_is) {
                return (Way::AsWritten, as_it_is);
            }
            let mut policy: Value = serde_json::from_str(text).expect("a policy is JSON");
            if speaks_of_s3(&policy) {
                return (Way::AsWritten, ingest_policy(text, Some(BUCKET_POLICY)));
            }
            policy["Statement"] = carried_over(policy["Statement"].take());
            (
                Way::CarriedOver,
                ingest_policy(&policy.to_string(), Some(BUCKET_POLICY)),
            )
        }
    }
}

/// Reads a policy as from standard input, so that the user can say what it belongs to.
fn ingest_policy(text: &str, attach: Option<&str>) -> Ingested {
    let discovery = discover(&Request {
        paths: vec!["-".into()],
        stdin: Some(text.as_bytes().to_vec()),
        attach: attach.map(|text| text.parse().expect("an attachment")),
        ..Request::default()
    });
    assembled(discovery)
}

fn ingest_files(files: Vec<(String, Vec<u8>)>) -> Ingested {
    assembled(discover_texts("memory", files, &Request::default()))
}

fn assembled(discovery: Discovery) -> Ingested {
    let parts = discovery.units.iter().map(read).collect();
    assemble(discovery, parts)
}

fn has_resources(got: &Ingested) -> bool {
    !got.inventory.buckets.is_empty() || !got.inventory.roles.is_empty()
}

/// Whether what a policy allows can be done in S3.
fn speaks_of_s3(policy: &Value) -> bool {
    let actions = statements(policy).into_iter().flat_map(|statement| {
        let action = &statement["Action"];
        let list = action.as_array().into_iter().flatten();
        let texts = list.chain([action]).filter_map(Value::as_str);
        texts.collect::<Vec<_>>()
    });
    let mut actions = actions.map(str::to_lowercase);
    actions.any(|action| action.starts_with("s3:") || action == "*")
}

fn statements(policy: &Value) -> Vec<&Value> {
    match &policy["Statement"] {
        Value::Array(list) => list.iter().collect(),
        single => vec![single],
    }
}

/// The same statements about one bucket's objects; what a fragment leaves out is added, but for the principal.
fn carried_over(statements: Value) -> Value {
    let statements = match statements {
        Value::Array(list) => list,
        single => vec![single],
    };
    let about_objects = |mut statement: Value| {
        let members = statement.as_object_mut().expect("a statement is an object");
        for name in ["Action", "NotAction", "Resource", "NotResource"] {
            members.remove(name);
        }
        members.insert("Action".to_owned(), json!("s3:GetObject"));
        members.insert("Resource".to_owned(), json!("arn:aws:s3:::example-bucket/*"));
        members.entry("Effect").or_insert_with(|| json!("Allow"));
        statement
    };
    statements.into_iter().map(about_objects).collect()
}

/// The answers of the AWS CLI from which Panther has made a resource.
fn taken_apart(resource: &Value) -> Vec<(String, Vec<u8>)> {
    let file = |path: String, value: Value| (path, value.to_string().into_bytes());
    if !resource["AssumeRolePolicyDocument"].is_null() {
        let member = |name: &str| (name.to_owned(), resource[name].clone());
        let names = [
            "Path",
            "RoleName",
            "RoleId",
            "Arn",
            "CreateDate",
            "AssumeRolePolicyDocument",
        ];
        let role: serde_json::Map<_, _> = names.map(member).into_iter().collect();
        return vec![file("role.json".to_owned(), json!({ "Role": role }))];
    }
    // The policies of these cases speak of another bucket than the case; they are about the one that they speak of.
    let policy = resource["Policy"].as_str();
    let spoken_of = policy.and_then(|text| text.split("arn:aws:s3:::").nth(1)?.split(['"', '/']).next());
    let name = spoken_of.or(resource["Name"].as_str()).expect("a bucket has a name");
    let at = |answer: &str| format!("s3/{name}/{answer}.json");
    let grants = resource["Grants"].as_array().into_iter().flatten();
    let acl = json!({"Owner": resource["Owner"], "Grants": grants.map(acl_grant).collect::<Vec<_>>()});
    let mut files = vec![file(at("bucket-acl"), acl)];
    if let Some(policy) = policy {
        files.push(file(at("bucket-policy"), json!({ "Policy": policy })));
    }
    let block = &resource["PublicAccessBlockConfiguration"];
    if !block.is_null() {
        let block = json!({ "PublicAccessBlockConfiguration": block });
        files.push(file(at("public-access-block"), block));
    }
    files
}

/// A grant as S3 answers it: a group has nothing but its address.
fn acl_grant(grant: &Value) -> Value {
    let uri = &grant["Grantee"]["URI"];
    let grantee = match uri.is_null() {
        true => grant["Grantee"].clone(),
        false => json!({"Type": "Group", "URI": uri}),
    };
    json!({"Grantee": grantee, "Permission": grant["Permission"]})
}

fn decide(way: Way, mut got: Ingested, label: &Label) -> Judged {
    let own = label.own_account.as_deref().and_then(|text| text.parse().ok());
    if let Some(own) = own {
        got.inventory.attribute(own);
    }
    let options = [&label.options.allowed_accounts, &label.options.trusted_account_ids];
    let named = options.into_iter().flat_map(texts);
    // The peer's list may hold hosts of identity providers beside accounts.
    let allowed = named.filter_map(|text| text.parse().ok());
    let known = got.inventory.accounts.iter().filter_map(|account| account.id);
    let zone = Zone {
        accounts: own.into_iter().chain(known).chain(allowed).collect(),
        organizations: texts(&label.options.allowed_orgid).map(Into::into).collect(),
        ..Zone::default()
    };
    let options = Options::at("2026-01-31".parse::<Timestamp>().expect("a day"));
    let estate = Estate::new(&got.inventory);
    let buckets = got.inventory.buckets.iter();
    let roles = got.inventory.roles.iter();
    let access: Vec<ResourceAccess> = buckets
        .flat_map(|bucket| bucket_access(&estate.bucket(bucket), &zone, &options))
        .chain(roles.flat_map(|role| role_access(&estate.role(role), &zone, &options)))
        .collect();
    let said: Vec<_> = got
        .diagnostics
        .iter()
        .map(|said| format!("{}: {}", said.code, said.message))
        .collect();
    assert!(
        !access.is_empty() || way == Way::Template,
        "{}: nothing to decide: {said:?}",
        label.case
    );
    let lacks_module = got
        .diagnostics
        .iter()
        .any(|said| said.code.ends_with("::module_not_here"));
    if access.is_empty() {
        return Judged {
            lacks_module,
            way,
            verdict: Truth::Unknown,
            why: format!("nothing to decide: {said:?}"),
        };
    }
    let verdict = verdict(&access, zone != Zone::default());
    let is_shared = access.iter().any(|access| access.status.sharing == Sharing::Public);
    assert_eq!(is_shared, verdict == Truth::Public, "{}: what sharing says", label.case);
    let why: Vec<String> = access.iter().map(summary).chain(said).collect();
    Judged {
        way,
        verdict,
        lacks_module: lacks_module && verdict == Truth::Unknown,
        why: why.join("\n    "),
    }
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The kind of truth that grants make together.
///
/// Public comes first: an open door is open whatever else is not known. With nobody known as ours, the relation of a named
/// account or organization is not known either; an identity provider is somebody else in any case [TRUST-81].
fn verdict(access: &[ResourceAccess], knows_us: bool) -> Truth {
    let grants = || {
        let all = access.iter().flat_map(|access| &access.grants);
        all.filter(|grant| grant.effect == GrantEffect::Effective)
    };
    let is_others = |grant: &Grant| match &grant.grantee {
        Grantee::Federated(_) => true,
        Grantee::Account(_) | Grantee::Principal(_) | Grantee::CanonicalUser(_) | Grantee::Organization(_) => {
            knows_us && grant.outside_zone
        }
        Grantee::Service(_) => knows_us && grant.outside_zone && is_for_one_account(grant),
        Grantee::Anonymous | Grantee::AnyAwsAccount | Grantee::CloudFrontOai(_) | Grantee::Unknown(_) => false,
    };
    let is_ours = |grant: &Grant| match &grant.grantee {
        Grantee::Account(_) | Grantee::Principal(_) => knows_us && !grant.outside_zone,
        _ => false,
    };
    if grants().any(Grant::is_public) {
        Truth::Public
    } else if access.iter().any(|access| !access.indeterminate.is_empty()) {
        Truth::Unknown
    } else if grants().any(is_others) {
        Truth::External
    } else if grants().any(is_ours) && grants().all(is_ours) {
        Truth::Internal
    } else {
        Truth::NotPublic
    }
}

/// Whether a service acts under the grant for one account only.
fn is_for_one_account(grant: &Grant) -> bool {
    let confinements = grant.confined_by.iter();
    confinements
        .filter(|confinement| confinement.kind == ConfinementKind::Source)
        .any(|confinement| confinement.key.eq_ignore_ascii_case("aws:SourceAccount"))
}

fn summary(access: &ResourceAccess) -> String {
    let grants = access.grants.iter().map(|grant| {
        let how = if grant.open { "open" } else { "confined" };
        let zone = if grant.outside_zone { "outside" } else { "inside" };
        format!(
            "{} {how} {zone} {} {:?}",
            grant.grantee,
            grant.effect.as_str(),
            grant.confined_by
        )
    });
    let open = access
        .indeterminate
        .iter()
        .map(|open| format!("undecided: {}", open.reason));
    let all: Vec<String> = grants.chain(open).collect();
    format!("{}: {}", access.resource.arn, all.join("; "))
}

/// Where a document goes that does not say to which bucket it belongs.
const BUCKET_POLICY: &str = "bucket-policy:example-bucket";
