//! Questions about access: who has this, can this request succeed, what is new, is this impossible, is TLS demanded.
//!
//! The sets come from `symbolic`, single requests from `concrete`; every request that is shown here was decided by
//! both, and where they differ the answer is *indeterminate*, never a guess.

mod answer;
mod can;
mod difference;
mod terms;
mod transport;

pub use answer::{Answer, Closed, NewAccess, NewGrant, bucket_grants_of, role_grants_of};
pub use can::{Can, Unless, can_bucket, can_role};
pub use difference::{new_bucket_access, new_role_access};
pub use terms::{Terms, caller_from_text, problems_of_context, works_on_nothing};
pub use transport::{WithoutTls, without_tls};
