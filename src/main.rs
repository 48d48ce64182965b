//! Parses the command line, runs the command, maps its outcome to the exit status.

use std::process::ExitCode;

use bucketproof::cli::{Cli, Environment};
use bucketproof::commands;
use clap::Parser;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let status = commands::run(&cli, &Environment::read());
    ExitCode::from(status.code())
}
