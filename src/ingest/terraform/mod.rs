//! Terraform: roots written in HCL or JSON, plans and states, as what they will deploy.
//!
//! In: the directories with Terraform files that were found, and JSON that Terraform writes. Out: the resources of each,
//! with every value evaluated and with the span of the expression that wrote it, joined by `template`.
//!
//! A value that is not known before deployment is a placeholder with the name of what it is; an unknown test makes
//! scenarios. A budget bounds the work on each root: a diagnostic says where it ends.
//!
//! Nothing here runs Terraform or asks a provider.

mod access;
mod acl;
mod body;
mod calls;
mod coerce;
mod computed;
mod configuration;
#[cfg(test)]
mod console_tests;
mod convert;
mod declare;
mod describe;
mod encoding_functions;
mod eval;
mod expr;
mod file_functions;
mod files;
mod format_functions;
mod functions;
mod instance;
mod json;
mod kinds;
mod list_functions;
mod literal;
mod load;
mod map_functions;
mod names;
mod network_functions;
mod node;
mod number_functions;
mod organization;
mod parse;
mod plan;
mod policy_document;
mod reader;
mod repeat;
mod root;
mod roots;
mod set_functions;
mod syntax;
mod template;
mod text_functions;
mod types;
mod upkeep;
mod value;

pub use files::seen_from;
pub(super) use files::{Tree, is_code, is_terraform};
pub(super) use parse::literals;
pub(super) use plan::{is_plan, is_state, read_plan};
pub(super) use reader::{RootFiles, read_root};
pub(super) use roots::roots;
