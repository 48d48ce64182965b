//! Random configurations and requests near their boundaries, in five levels of nastiness.
//!
//! A [`World`] is one bucket or one role with everything that decides about it, written as documents and read
//! by the real parser. [`request`] makes requests out of the constants of its documents: values that match,
//! values that just do not, and values that nothing names. Every request can exist: what the caller fixes
//! follows the caller, an address excludes an endpoint, only services have a source.
//!
//! | level | adds |
//! |---|---|
//! | [`Level::Equality`] | names, lists, accounts and `*`; `StringEquals`; Deny without conditions; blocks, ACLs, ownership |
//! | [`Level::Operators`] | every single-valued operator, negations, `IfExists`, `Null`, `Not…` elements, globs, Deny fences |
//! | [`Level::Sets`] | multivalued keys and qualifiers, tags, objects of other accounts, requester pays |
//! | [`Level::Documents`] | policy variables, access points, RCPs, organization blocks, the bucket's own tags |
//! | [`Level::Hostile`] | what people should not write: overlapping globs, unreadable and empty values, odd spellings; unknown settings |

mod conditions;
mod configuration;
mod constants;
pub mod picks;
mod policy;
mod pools;
mod requests;
mod trust;
mod values;

pub use configuration::{World, bucket_world, role_world};
pub use picks::picks;
pub use requests::{describe, request};

/// How nasty a configuration is; each level has all of the ones before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Equality,
    Operators,
    Sets,
    Documents,
    Hostile,
}

impl Level {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [
        Self::Equality,
        Self::Operators,
        Self::Sets,
        Self::Documents,
        Self::Hostile,
    ];
}
