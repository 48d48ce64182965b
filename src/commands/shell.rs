use std::fs;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_complete::shells::{Bash, Elvish, Fish, PowerShell, Zsh};
use clap_complete::{Generator, generate};
use clap_mangen::Man;

use super::arguments::Run;
use super::error::in_words;
use super::output::{print, write_file};
use super::{CommandError, Status};
use crate::cli::{Cli, Shell};
use crate::source::Placeholders;

/// `bucketproof completions`.
pub(super) fn completions(run: &Run<'_>, shell: Shell) -> Result<Status, CommandError> {
    let script = match shell {
        Shell::Bash => script(Bash),
        Shell::Elvish => script(Elvish),
        Shell::Fish => script(Fish),
        Shell::Powershell => script(PowerShell),
        Shell::Zsh => script(Zsh),
    };
    print(run.global.color, &Placeholders::default(), &|out| {
        out.write_all(&script)
    })?;
    Ok(Status::Clean)
}

fn script(shell: impl Generator) -> Vec<u8> {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(shell, &mut command, name, &mut script);
    script
}

/// `bucketproof man`: the first page, or all pages as files.
pub(super) fn man(run: &Run<'_>, folder: Option<&Path>) -> Result<Status, CommandError> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = folder else {
        let page = Man::new(command);
        print(run.global.color, &Placeholders::default(), &|out| page.render(out))?;
        return Ok(Status::Clean);
    };
    fs::create_dir_all(folder).map_err(|error| CommandError::Unwritable {
        path: folder.display().to_string(),
        problem: in_words(&error),
    })?;
    write_pages(command, folder)?;
    Ok(Status::Clean)
}

/// Writes the page of a command, and those of the commands below it.
fn write_pages(command: Command, folder: &Path) -> Result<(), CommandError> {
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        write_pages(below.clone(), folder)?;
    }
    let page = Man::new(command);
    let path = folder.join(page.get_filename());
    write_file(&path, &Placeholders::default(), &|out| page.render(out))
}
