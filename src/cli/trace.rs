use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Logs;

/// `bucketproof trace`.
#[derive(Clone, Debug, Args)]
pub struct Trace {
    /// Which logs to read.
    #[command(flatten)]
    pub logs: Logs,
    /// ARN of a user, role or session, account id, or `anonymous`; may be given several times.
    #[arg(long = "principal", value_name = "ARN", help_heading = "Questions")]
    pub principals: Vec<String>,
    /// Access key id; may be given several times.
    #[arg(long = "access-key", value_name = "KEY", help_heading = "Questions")]
    pub access_keys: Vec<String>,
    /// Address or range of addresses; may be given several times.
    #[arg(long = "source-ip", value_name = "CIDR", help_heading = "Questions")]
    pub source_ips: Vec<String>,
    /// Object; the bucket may be `*`, the key may end in `*`; may be given several times.
    #[arg(long = "object", value_name = "s3://BUCKET/KEY", help_heading = "Questions")]
    pub objects: Vec<String>,
    /// Bucket; may be given several times.
    #[arg(long = "bucket", value_name = "BUCKET", help_heading = "Questions")]
    pub buckets: Vec<String>,
    /// Timeline with windows of exposure, as `timeline --format json` writes it.
    #[arg(long, value_name = "FILE", help_heading = "Questions")]
    pub windows: Option<PathBuf>,
    /// Only what was done while a bucket was open, by the windows.
    #[arg(long, requires = "windows", help_heading = "Questions")]
    pub during_exposure: bool,
    /// How many actions to keep one by one, the oldest first; all are counted.
    #[arg(long, value_name = "N", default_value_t = 50_000, help_heading = "Output")]
    pub limit: usize,
    /// Read names of logs from standard input, and write what each gives as JSON lines, for `--merge`.
    #[arg(long, conflicts_with_all = ["merge", "print_sql", "format", "paths"], help_heading = "Output")]
    pub pipe: bool,
    /// Read what `--pipe` wrote in place of logs.
    #[arg(long, conflicts_with = "print_sql", help_heading = "Logs")]
    pub merge: bool,
    /// Print the question as SQL, and read nothing.
    #[arg(long, value_name = "DIALECT", value_enum, help_heading = "Output")]
    pub print_sql: Option<Dialect>,
    /// Table that holds the events.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "cloudtrail_logs",
        requires = "print_sql",
        help_heading = "Output"
    )]
    pub table: String,
    /// Also write the answer into this folder, with the digests of all inputs, the arguments and the versions that it rests on.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub evidence: Option<PathBuf>,
    /// Format of the answer [default: table].
    #[arg(long, value_name = "FORMAT", value_enum, help_heading = "Output")]
    pub format: Option<TraceFormat>,
}

/// A dialect of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// Amazon Athena.
    Athena,
}

/// A format for the answer of `trace`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TraceFormat {
    /// Tables for people.
    Table,
    /// `bucketproof.trace.v1`.
    Json,
}
