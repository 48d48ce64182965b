use super::parameters::Field;
use crate::iam::CanonicalId;
use crate::model::{Acl, AclGrant, AclGrantee, AclPermission, CannedAcl, Setting};
use crate::source::UnknownReason;

/// What an ACL is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    Bucket,
    Object,
}

/// The ACL that a call sets: predefined, by headers, or in its body [CT-32]; none where it sets none.
///
/// One of them replaces the whole ACL [CT-98]. What is not understood is unknown, and never an ACL without grants.
pub(super) fn acl(parameters: Field<'_>, on: On) -> Option<Setting<Acl>> {
    let unreadable = || Setting::unknown(UnknownReason::Unreadable, Some(parameters.span()));
    if let Some(name) = parameters.text("x-amz-acl") {
        let canned = CannedAcl::from_name(name).map(|canned| match on {
            On::Bucket => canned.on_bucket(parameters.span()),
            On::Object => canned.on_object(parameters.span()),
        });
        return Some(canned.map_or_else(unreadable, |acl| Setting::set(acl, parameters.span())));
    }
    if let Some(policy) = parameters.get("AccessControlPolicy") {
        return Some(body(policy).map_or_else(unreadable, |acl| Setting::set(acl, policy.span())));
    }
    let mut grants = Vec::new();
    let mut is_set = false;
    for (header, permission) in HEADERS {
        if let Some(field) = parameters.get(header) {
            is_set = true;
            match header_grants(field, *permission) {
                Some(named) => grants.extend(named),
                None => return Some(unreadable()),
            }
        }
    }
    let acl = Acl { owner: None, grants };
    is_set.then(|| Setting::set(acl, parameters.span()))
}

/// Whether the text of parameters may set an ACL; quick, for what is one of millions.
pub(super) fn may_set_acl(parameters: &str) -> bool {
    SETS_ACL.iter().any(|header| parameters.contains(header))
}

fn body(policy: Field<'_>) -> Option<Acl> {
    let owner = policy.at(&["Owner", "ID"]).and_then(Field::own_text);
    let list = policy.get("AccessControlList");
    let grants = list.and_then(|list| list.get("Grant"));
    let grants = grants.into_iter().flat_map(Field::each);
    Some(Acl {
        owner: owner.map(CanonicalId::new),
        grants: grants.map(grant).collect::<Option<_>>()?,
    })
}

fn grant(field: Field<'_>) -> Option<AclGrant> {
    let grantee = field.get("Grantee")?;
    let uri = grantee.text("URI").map(AclGrantee::from_uri);
    let id = || grantee.text("ID").map(|id| AclGrantee::Canonical(CanonicalId::new(id)));
    let email = || {
        grantee
            .text("EmailAddress")
            .map(|address| AclGrantee::Email(address.into()))
    };
    Some(AclGrant {
        grantee: uri.or_else(id).or_else(email)?,
        permission: field.text("Permission").and_then(AclPermission::from_name)?,
        span: field.span(),
    })
}

/// The grants of one header: `uri="…", id="…"`, with or without the quotes.
fn header_grants(field: Field<'_>, permission: AclPermission) -> Option<Vec<AclGrant>> {
    let named = field.own_text().unwrap_or_default().split(',').map(str::trim);
    let named = named.filter(|part| !part.is_empty()).map(|part| {
        let (kind, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"');
        let grantee = match kind.trim() {
            kind if kind.eq_ignore_ascii_case("uri") => AclGrantee::from_uri(value),
            kind if kind.eq_ignore_ascii_case("id") => AclGrantee::Canonical(CanonicalId::new(value)),
            kind if kind.eq_ignore_ascii_case("emailAddress") => AclGrantee::Email(value.into()),
            _ => return None,
        };
        Some(AclGrant {
            grantee,
            permission,
            span: field.span(),
        })
    });
    named.collect()
}

/// What stands in parameters that set an ACL by headers.
pub const SETS_ACL: &[&str] = &["x-amz-acl", "x-amz-grant-"];

const HEADERS: &[(&str, AclPermission)] = &[
    ("x-amz-grant-read", AclPermission::Read),
    ("x-amz-grant-write", AclPermission::Write),
    ("x-amz-grant-read-acp", AclPermission::ReadAcp),
    ("x-amz-grant-write-acp", AclPermission::WriteAcp),
    ("x-amz-grant-full-control", AclPermission::FullControl),
];
