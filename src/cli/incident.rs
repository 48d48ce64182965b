use std::path::PathBuf;

use clap::Subcommand;

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
