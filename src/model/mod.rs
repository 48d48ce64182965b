//! What is under audit, in one form for every input: accounts, buckets, access points, roles.
//!
//! Every value keeps the span it came from. A setting that could not be read is
//! [`Setting::Unknown`] with the reason, never a default; a setting that does not exist is
//! [`Setting::Absent`]. Nothing here knows input formats or decides access.

mod account;
mod acl;
mod actor;
mod bucket;
mod canned;
mod event;
mod inventory;
mod role;
mod setting;
mod when;

pub use account::{Account, Organization, OrganizationPolicy, ResourceControlPolicy, Target};
pub use acl::{Acl, AclGrant, AclGrantee, AclPermission, CannedAcl};
pub use actor::{Actor, ActorKind};
pub use bucket::{
    AccessPoint, Bucket, Encryption, Lifecycle, NetworkOrigin, ObjectAcl, ObjectOwnership, Payer, PublicAccessBlock,
    Tags, Versioning,
};
pub use event::{ApiEvent, EventOrigin, EventResource};
pub use inventory::Inventory;
pub use role::Role;
pub use setting::Setting;
pub use when::When;
