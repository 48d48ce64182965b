//! Real runs of the program: what is printed, what is written, how it ends.

#[cfg(test)]
mod contain;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod exit;
#[cfg(test)]
mod files;
#[cfg(test)]
mod fix;
mod fix_care;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod incident;
#[cfg(test)]
mod intent;
#[cfg(test)]
mod live;
#[cfg(test)]
mod packs;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod program;
#[cfg(test)]
mod questions;
#[cfg(test)]
mod quickstart;
#[cfg(test)]
mod readme;
#[cfg(test)]
#[path = "../support/contract.rs"]
mod schemas;
#[cfg(test)]
mod script;
#[cfg(test)]
mod spark;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod trace;
#[cfg(test)]
mod usage;
#[cfg(test)]
mod verify;
