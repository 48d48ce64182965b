use crate::iam::AccountId;
use crate::model::{Account, Bucket, Role, Setting};
use crate::source::UnknownReason;

/// Whether a setting is known.
pub(super) fn known<T>(setting: &Setting<T>) -> bool {
    setting.as_unknown().is_none()
}

/// A setting that nothing tells.
pub(super) fn not_told<T>() -> Setting<T> {
    Setting::unknown(UnknownReason::NotInInput, None)
}

/// Takes a setting for granted no more.
pub(super) fn doubt<T>(setting: &mut Setting<T>) {
    if setting.value().is_some() {
        *setting = not_told();
    }
}

/// An account of which nothing is told.
pub(super) fn unknown_account(id: Option<AccountId>) -> Account {
    Account {
        id,
        public_access_block: not_told(),
        ..Account::default()
    }
}

/// A bucket of which nothing is told but its name.
pub(super) fn unknown_bucket(name: &str) -> Bucket {
    Bucket {
        name: name.into(),
        policy: not_told(),
        policy_status: not_told(),
        acl: not_told(),
        public_access_block: not_told(),
        ownership: not_told(),
        request_payment: not_told(),
        tags: not_told(),
        versioning: not_told(),
        abac: not_told(),
        ..Bucket::default()
    }
}

/// A role of which nothing is told but its name.
pub(super) fn unknown_role(name: &str, account: Option<AccountId>) -> Role {
    Role {
        name: name.into(),
        path: "/".into(),
        account,
        trust: not_told(),
        tags: not_told(),
        ..Role::default()
    }
}

/// Whether nothing tells a setting.
pub(super) fn is_not_told<T>(setting: &Setting<T>) -> bool {
    let reason = setting.as_unknown().map(|unknown| &unknown.reason);
    reason == Some(&UnknownReason::NotInInput)
}
