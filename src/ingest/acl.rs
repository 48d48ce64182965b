use super::document::View;
use super::notes::Wrong;
use crate::iam::CanonicalId;
use crate::model::{Acl, AclGrant, AclGrantee, AclPermission, Setting};

/// An ACL as `get-bucket-acl` and `get-object-acl` write it [FMT-13], [FMT-14].
///
/// # Errors
/// When it has another shape: a grant that is not understood would otherwise be lost.
pub(super) fn acl(view: View<'_>) -> Result<Setting<Acl>, Wrong> {
    let grants = view.get("Grants").ok_or_else(|| Wrong::missing(view, "Grants"))?;
    if !grants.node.is_array() {
        return Err(Wrong::new(grants, "a list of grants"));
    }
    let owner = view.get("Owner").and_then(|owner| owner.text_of("ID"));
    let acl = Acl {
        owner: owner.map(CanonicalId::new),
        grants: grants
            .items()
            .map(|view| grant(view, grantee))
            .collect::<Result<_, _>>()?,
    };
    Ok(Setting::set(acl, view.span()))
}

/// An ACL as AWS Config writes it, in whatever encoding [FMT-53], [FMT-54].
///
/// # Errors
/// When it has another shape.
pub(super) fn config_acl(view: View<'_>) -> Result<Setting<Acl>, Wrong> {
    let decoded = view.decode().map_err(|_| Wrong::value(view, "ACL in JSON"))?;
    let inner = decoded.view();
    if !(inner.has("GrantList") || inner.has("Owner")) {
        return Err(Wrong::missing(inner, "grantList"));
    }
    let mut grants = Vec::new();
    for name in ["GrantList", "GrantSet"] {
        for item in inner.items_of(name) {
            grants.push(grant(item, config_grantee)?);
        }
    }
    let owner = inner.get("Owner").and_then(|owner| owner.text_of("Id"));
    let acl = Acl {
        owner: owner.map(CanonicalId::new),
        grants,
    };
    Ok(Setting::set(acl, inner.span()))
}

fn grant(view: View<'_>, grantee: fn(View<'_>) -> Result<AclGrantee, Wrong>) -> Result<AclGrant, Wrong> {
    let named = |name| view.get(name).ok_or_else(|| Wrong::missing(view, name));
    let to = grantee(named("Grantee")?)?;
    let permission = named("Permission")?;
    let permission = permission
        .node
        .as_str()
        .and_then(AclPermission::from_name)
        .ok_or_else(|| Wrong::value(permission, "permission of an ACL"))?;
    Ok(AclGrant {
        grantee: to,
        permission,
        span: view.span(),
    })
}

/// `Type` may be missing in old exports [FMT-13]; what is there tells it as well.
fn grantee(view: View<'_>) -> Result<AclGrantee, Wrong> {
    let uri = || view.text_of("URI").map(AclGrantee::from_uri);
    let id = || view.text_of("ID").map(|id| AclGrantee::Canonical(CanonicalId::new(id)));
    let email = || {
        view.text_of("EmailAddress")
            .map(|address| AclGrantee::Email(address.into()))
    };
    match view.text_of("Type") {
        Some("Group") => uri().ok_or_else(|| Wrong::missing(view, "URI")),
        Some("CanonicalUser") => id().ok_or_else(|| Wrong::missing(view, "ID")),
        Some("AmazonCustomerByEmail") => email().ok_or_else(|| Wrong::missing(view, "EmailAddress")),
        Some(_) => Err(Wrong::value(view.get("Type").unwrap_or(view), "kind of grantee")),
        None => uri()
            .or_else(id)
            .or_else(email)
            .ok_or_else(|| Wrong::missing(view, "Type")),
    }
}

/// Groups are plain strings, accounts are objects [FMT-54].
fn config_grantee(view: View<'_>) -> Result<AclGrantee, Wrong> {
    match view.node.as_str() {
        Some("AllUsers") => Ok(AclGrantee::AllUsers),
        Some("AuthenticatedUsers") => Ok(AclGrantee::AuthenticatedUsers),
        Some("LogDelivery") => Ok(AclGrantee::LogDelivery),
        Some(other) => Ok(AclGrantee::from_uri(other)),
        None => {
            let id = view.text_of("Id").map(CanonicalId::new).map(AclGrantee::Canonical);
            let email = || {
                view.text_of("EmailAddress")
                    .map(|address| AclGrantee::Email(address.into()))
            };
            id.or_else(email).ok_or_else(|| Wrong::missing(view, "id"))
        }
    }
}
