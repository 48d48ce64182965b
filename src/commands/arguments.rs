use std::path::Path;
use std::str::FromStr;

use super::CommandError;
use super::files::{find_config, read_text, with_slashes};
use super::output::{WriteReport, complain, print};
use super::who_can::bad;
use crate::cli;
use crate::engine::Options;
use crate::iam::Timestamp;
use crate::report::{Report, Style};
use crate::rules::{Config, ORGANIZATION, is_organization};

/// What holds for a whole run.
pub(super) struct Run<'a> {
    /// Options of every command.
    pub global: &'a cli::Global,
    /// What the program takes from its surroundings.
    pub environment: &'a cli::Environment,
}

impl Run<'_> {
    /// Whether to show progress.
    pub fn wants_progress(&self) -> bool {
        self.environment.stderr_is_terminal && !self.global.quiet
    }

    /// How text for people is laid out on standard output.
    pub fn style(&self) -> Style {
        let terminal = self.environment.width.filter(|_| self.environment.stdout_is_terminal);
        Style {
            width: terminal.map_or(PAGE, |width| width.clamp(NARROWEST, WIDEST)),
            verbose: self.global.verbose,
        }
    }

    /// How a table is laid out on standard output: as wide as it gets where a program may look for lines.
    pub fn table_style(&self) -> Style {
        match self.environment.stdout_is_terminal {
            true => self.style(),
            false => Style {
                width: usize::MAX,
                ..self.style()
            },
        }
    }

    /// How text for people is laid out in a file.
    pub fn file_style(&self) -> Style {
        Style {
            width: PAGE,
            verbose: self.global.verbose,
        }
    }

    /// Prints a report, unless nobody wants to read it. A program reads the machine formats, so that what is missing is
    /// told to people on standard error as well.
    pub fn print(&self, report: &Report<'_>, is_machine: bool, write: WriteReport<'_>) -> Result<(), CommandError> {
        if !self.global.quiet {
            print(self.global.color, report.placeholders, write)?;
        }
        if report.incomplete && (is_machine || self.global.quiet) {
            report
                .problems_line(self.style())
                .iter()
                .for_each(|line| complain(&report.placeholders.reveal(line)));
        }
        Ok(())
    }

    /// The configuration of the run, with what the command line says in its place.
    pub fn config(&self, input: &cli::Input) -> Result<Config, CommandError> {
        let first = input.paths.first().map_or(Path::new(""), |path| path.as_path());
        let found = self.global.config.clone().or_else(|| find_config(first));
        let mut config = match found {
            Some(path) => {
                let text = read_text(&path, "name the configuration with `--config FILE`")?;
                Config::parse(&with_slashes(&path), &text)?
            }
            None => Config::default(),
        };
        if let Some(id) = &input.account {
            config.account = Some(option("--account", id)?);
        }
        if let Some(id) = &input.organization {
            if !is_organization(id) {
                return Err(bad("--organization", std::slice::from_ref(id), ORGANIZATION));
            }
            config.organization = Some(id.as_str().into());
        }
        Ok(config)
    }

    /// How access is decided: at which point in time, and what is taken for granted.
    pub fn options(&self, input: &cli::Input) -> Result<Options, CommandError> {
        let now = match &input.now {
            Some(text) => option("--now", text)?,
            None => Timestamp(self.environment.now_millis),
        };
        Ok(Options {
            unknowns_are_anything: input.unknowns == cli::Unknowns::Strict,
            ..Options::at(now)
        })
    }
}

/// The value of an option.
pub(super) fn option<T: FromStr<Err: ToString>>(option: &'static str, value: &str) -> Result<T, CommandError> {
    value.parse().map_err(|error: T::Err| CommandError::BadOption {
        option,
        value: value.to_owned(),
        problem: error.to_string(),
    })
}

/// Columns where there is no terminal.
const PAGE: usize = 100;

/// Columns below which nothing can be laid out.
const NARROWEST: usize = 60;

/// Columns beyond which lines are hard to read.
const WIDEST: usize = 160;
