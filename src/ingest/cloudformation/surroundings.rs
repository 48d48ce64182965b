use std::collections::BTreeMap;

use super::parameters::Parameters;
use crate::iam::AccountId;
use crate::source::Node;

/// What a template does not say itself.
#[derive(Debug)]
pub(super) struct Surroundings<'s> {
    /// The account that it is deployed in, if it is known.
    pub account: Option<AccountId>,
    /// The values of its parameters that are given.
    pub parameters: &'s Parameters,
    /// What other templates export, by name.
    pub exports: &'s BTreeMap<Box<str>, Node>,
}
