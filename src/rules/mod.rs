//! Rules: which grants and settings are findings, and what people declared as meant.
//!
//! In: packs and intent as texts, the inventory, the engine's grants. Out: findings and diagnostics.
//! A pack holds `forbid` policies and queries, an intent file `permit` policies; both see facts only
//! (rules/schema.cedarschema), so that a decision is made once for every distinct set of facts.
//!
//! Nothing here reads a file or the clock. A failing policy is an error, never silence; a rule that
//! lacks a value says that it cannot decide.

mod about;
mod access;
mod case;
mod config;
mod date;
mod declared;
mod default_deny;
mod draft;
mod error;
mod estate;
mod evaluate;
mod facts;
mod glob;
mod grant_rules;
mod inline;
mod intent;
mod judge;
mod leftovers;
mod lint;
mod message;
mod never;
mod normal;
mod packs;
mod page;
mod part;
mod policies;
mod query;
mod rule;
mod schema;
mod setting_rules;
mod settings;
mod toml_text;
mod unpacked;
mod witness;

pub use case::{Expected, Told};
pub use config::{Config, FailLevel, ORGANIZATION, PackChoice, is_organization};
pub use date::Expiry;
pub use error::{ConfigError, FileText, PackError, PackErrors, RulesError, suggest};
pub use evaluate::{Evaluation, evaluate};
pub use inline::Inline;
pub use intent::{Intent, Permit};
pub use never::{Never, forbidden};
pub use packs::{Pack, PackFiles, Packs};
pub use rule::{Check, DocumentKind, Place, Rule};
pub use settings::{Partner, Settings, Suppression};
pub use unpacked::Unpacked;
