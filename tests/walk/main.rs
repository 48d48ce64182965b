//! A repository with history: pull requests that open something, and others that only move things about.

#[cfg(test)]
mod baseline;
#[cfg(test)]
#[cfg(unix)]
mod ci;
#[cfg(test)]
mod comments;
#[cfg(test)]
mod openings;
#[cfg(test)]
mod page;
#[cfg(test)]
mod refactorings;
#[cfg(test)]
mod repository;
#[cfg(test)]
#[path = "../support/contract.rs"]
mod schemas;
#[cfg(test)]
mod since;
