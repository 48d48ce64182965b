use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Logs;

/// `bucketproof timeline`.
#[derive(Clone, Debug, Args)]
pub struct Timeline {
    /// What to read.
    #[command(flatten)]
    pub logs: Logs,
    /// Snapshot of the accounts, by default from before the first event; may be given several times. Without one, what was
    /// before the first event about a setting is unknown.
    #[arg(long, value_name = "PATH", help_heading = "Logs")]
    pub snapshot: Vec<PathBuf>,
    /// When the snapshot was taken: before the first event that is read, or after the last one. Of a later one only what no
    /// event changed counts for the time before.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = SnapshotIs::Before, requires = "snapshot", help_heading = "Logs")]
    pub snapshot_is: SnapshotIs,
    /// Also write the answer into this folder, with the digests of all inputs, the arguments and the versions that it rests on.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub evidence: Option<PathBuf>,
    /// Format of the timeline.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = TimelineFormat::Plain, help_heading = "Output")]
    pub format: TimelineFormat,
}

/// When a snapshot was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SnapshotIs {
    /// Before the first event.
    #[default]
    Before,
    /// After the last event.
    After,
}

/// A format for timelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TimelineFormat {
    /// For people.
    Plain,
    /// `bucketproof.timeline.v1`.
    Json,
    /// For a ticket or a wiki.
    Markdown,
}
