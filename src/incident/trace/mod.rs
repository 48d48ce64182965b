mod athena;
mod collect;
mod exposure;
mod hit;
mod insight;
mod partial;
mod place;
mod query;
mod sessions;
mod story;
mod tally;
mod time_text;

pub(super) use hit::principal;
pub(super) use place::Place;

pub use athena::athena;
pub use collect::{Collector, Trace};
pub use exposure::{Exposure, Exposures, ExposuresError};
pub use hit::{Effect, Hit};
pub use insight::InsightHit;
pub use partial::{Partial, partial};
pub use query::{Query, QueryError};
pub use sessions::{Session, SessionLink};
pub use story::{Copied, Removal};
pub use tally::{Few, Tally};
