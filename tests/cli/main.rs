//! Real runs of the program: what is printed, what is written, how it ends.

#[cfg(test)]
mod exit;
#[cfg(test)]
mod files;
#[cfg(test)]
mod program;
#[cfg(test)]
mod questions;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod usage;
