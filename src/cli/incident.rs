use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Input, Rules};

/// What to do with the description of an incident.
#[derive(Clone, Debug, Subcommand)]
pub enum IncidentAction {
    /// Write a commented description of an incident, to be filled in.
    New {
        /// The file, which must not be there yet.
        #[arg(value_name = "FILE", default_value = "incident.toml")]
        file: PathBuf,
    },
}

/// What to do with evidence.
#[derive(Clone, Debug, Subcommand)]
pub enum EvidenceAction {
    /// See whether the inputs and the answer are what they were. Exit status: 0 they are, 1 they are not, 2 there is no manifest.
    Check {
        /// Folder that `--evidence` has written.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// `bucketproof contain`.
#[derive(Clone, Debug, Args)]
pub struct Contain {
    /// What to read: snapshots of the accounts as they are.
    #[command(flatten)]
    pub input: Input,
    /// Description of the incident, as `bucketproof incident new` writes it.
    #[arg(long, value_name = "FILE", help_heading = "Incident")]
    pub incident: PathBuf,
    /// Logs, as `trace` reads them, which tell whom a step breaks and which sessions are there; may be given several times.
    #[arg(long, value_name = "LOGS", help_heading = "Incident")]
    pub logs: Vec<PathBuf>,
    /// What findings are judged by.
    #[command(flatten)]
    pub rules: Rules,
    /// Format of the plan.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ContainFormat::Markdown, help_heading = "Output")]
    pub format: ContainFormat,
    /// Also write the plan as `fix.sh` and `rollback.sh` into this folder; nothing is run.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub aws_cli: Option<PathBuf>,
    /// Also write the answer into this folder, with the digests of all inputs, the arguments and the versions that it rests on.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub evidence: Option<PathBuf>,
}

/// A format for plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ContainFormat {
    /// A list to tick off.
    Markdown,
    /// `bucketproof.contain.v1`.
    Json,
}

/// `bucketproof verify`.
#[derive(Clone, Debug, Args)]
pub struct Verify {
    /// Snapshot from while the door was open; may be given several times.
    #[arg(long, value_name = "PATH", required = true)]
    pub before: Vec<PathBuf>,
    /// Snapshot from after it was shut; may be given several times.
    #[arg(long, value_name = "PATH", required = true)]
    pub after: Vec<PathBuf>,
    /// Logs of the incident and of ordinary days, as `trace` reads them; may be given several times.
    #[arg(long, value_name = "LOGS", required = true)]
    pub logs: Vec<PathBuf>,
    /// Description of the incident, as `bucketproof incident new` writes it.
    #[arg(long, value_name = "FILE")]
    pub incident: PathBuf,
    /// Point in time at which the later state is judged [default: now].
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
    /// What findings are judged by.
    #[command(flatten)]
    pub rules: Rules,
    /// Format of the verdict.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = VerifyFormat::Markdown, help_heading = "Output")]
    pub format: VerifyFormat,
    /// Also write the answer into this folder, with the digests of all inputs, the arguments and the versions that it rests on.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub evidence: Option<PathBuf>,
    /// How many requests of each side are kept; what is beyond makes the verdict unknown.
    #[arg(long, value_name = "N", default_value_t = 200_000, help_heading = "Output")]
    pub limit: usize,
    /// Let logs and inputs that could not be read not make the verdict unknown.
    #[arg(long)]
    pub allow_incomplete: bool,
}

impl Verify {
    /// How a snapshot is read.
    pub fn input(&self, paths: &[PathBuf]) -> Input {
        Input {
            now: self.now.clone(),
            ..Input::of(paths.to_vec())
        }
    }
}

/// A format for verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VerifyFormat {
    /// The report after the incident, for a ticket or a wiki.
    Markdown,
    /// `bucketproof.verify.v1`.
    Json,
}
