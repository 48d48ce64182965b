//! CloudFormation templates, also those of AWS SAM and CDK: JSON or YAML [FMT-70…82].
//!
//! In: the tree of a template. Out: what its resources declare, handed to [`template`](super::template). [`Evaluator`](evaluator::Evaluator)
//! gives every expression a value: intrinsic functions in both forms, parameters with their defaults, conditions. A value that
//! is not known before deployment is a placeholder; a condition that is not known makes two outcomes, and a resource is
//! declared once for every outcome that makes a difference to it.
//!
//! Invariant: a value keeps the span of the scalar or the function that wrote it. Work, depth and length are bounded.
//!
//! Macros are not run and nested stacks not followed; both are said.

mod attributes;
mod bucket;
mod choices;
mod conditions;
mod declare;
mod evaluator;
mod foreach;
mod function;
mod organization;
mod outcomes;
mod parameter;
mod parameters;
mod read;
mod reference;
mod remarks;
mod serverless;
mod surroundings;
mod template;
mod texts;

pub(super) use parameters::Parameters;
pub(super) use read::{Pending, read_pending, read_template};
pub(super) use template::{could_be_template, is_template};
