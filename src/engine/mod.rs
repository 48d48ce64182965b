//! Who can reach what: the decision engine.
//!
//! In: the [`Inventory`](crate::model::Inventory) and the zone of trust. Out: for every bucket,
//! object with an ACL, access point and role the grants that its documents make together, each with
//! a witness, or the statement why something cannot be decided.
//!
//! `concrete` decides one request by the book; `symbolic` works on sets of requests. Neither calls
//! the other, and a property test holds them equal. What both need is settled once: the join of
//! Block Public Access over its levels, and S3's own definition of public.

mod address;
mod blocks;
mod claims;
mod concrete;
mod grant;
mod issuers;
mod public;
mod questions;
mod request;
mod scope;
mod settings;
mod status;
mod symbolic;
mod tokens;

pub use blocks::{Block, Blocks, UnknownLevel, access_point_blocks, bucket_blocks};
pub use concrete::{
    Decision, Element, Outcome, Question, Refusal, Step, Verdict, complete, decide_bucket, decide_role,
};
pub use grant::{
    Assumption, Confinement, ConfinementKind, ConsoleLabel, DocumentKind, Grant, GrantEffect, GrantSource, Grantee,
    Indeterminate, Residual, Resource, ResourceAccess, ResourceKind, Sharing, Status,
};
pub use issuers::{SharedIssuer, Tenant, shared_issuer};
pub use public::{PolicyOf, PublicNote, PublicVerdict, policy_is_public};
pub use questions::{
    Answer, Can, Closed, NewAccess, NewGrant, Terms, Unless, WithoutTls, bucket_grants_of, caller_from_text,
    can_bucket, can_role, new_bucket_access, new_role_access, problems_of_context, role_grants_of, without_tls,
    works_on_nothing,
};
pub use request::{Caller, Context, ContextValue, Request};
pub use scope::{BucketScope, Doubts, Estate, Options, RoleScope, Zone};
pub use status::{acl_public, console_label, policy_public};
pub use symbolic::{Presence, bucket_access, is_known_key, is_multivalued, key_names, presence, role_access};
pub use tokens::{Admission, Token, admits};
