//! What rules, intent and configuration do, seen from outside, on hand-made grants.

// Helpers fail by panicking too, and clippy lets only code under `cfg(test)` do so.
#[cfg(test)]
mod config;
#[cfg(test)]
mod config_schema;
#[cfg(test)]
mod given;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod intent;
#[cfg(test)]
mod packs;
#[cfg(test)]
mod schema;
#[cfg(test)]
#[path = "../support/contract.rs"]
mod schemas;
#[cfg(test)]
mod settings;
