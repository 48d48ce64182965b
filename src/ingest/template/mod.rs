//! Joins what a template declares into what will be deployed.
//!
//! In: the resources of one CloudFormation template or one Terraform root, each with its values evaluated ([`Declared`]).
//! Out: buckets, access points and roles in the [`Part`](super::part::Part). Policies, ACLs and settings are joined with their
//! bucket by its name, and where the template is silent the defaults of new buckets hold [OWN-08], [FMT-72].
//!
//! Where tests are not known before deployment, each outcome that makes a difference makes a bucket of its own.

mod access_point;
mod alternatives;
mod bucket;
mod declared;
mod policy;
mod scenarios;

pub(super) use bucket::{join, not_deployed, placeholder_in};
pub(super) use declared::{Declared, Defaults, Piece, What};
pub(super) use policy::policy;
pub(super) use scenarios::that_differ;
