use std::path::PathBuf;

use clap::Args;

/// Which logs to read, and what of them.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Logs")]
pub struct Logs {
    /// CloudTrail files, tables of Athena or CloudTrail Lake, S3 server access logs, and directories of them; `-` is standard
    /// input.
    #[arg(value_name = "LOGS", help_heading = "Arguments")]
    pub paths: Vec<PathBuf>,
    /// Nothing before this time, such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Nothing from this time on.
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Only the trails of this account; may be given several times.
    #[arg(long = "account", value_name = "ID")]
    pub accounts: Vec<String>,
    /// Only this region; may be given several times. Remember that IAM and STS log in us-east-1.
    #[arg(long = "region", value_name = "REGION")]
    pub regions: Vec<String>,
    /// Let logs that could not be read not raise the exit status.
    #[arg(long)]
    pub allow_incomplete: bool,
}
