use miette::{GraphicalReportHandler, GraphicalTheme};

use super::arguments::Run;
use super::guard::{guarded, silence_panics};
use super::output::complain;
use super::{
    CommandError, Status, access, contain, diff, evidence, fix, incident, rules, scan, schema, shell, timeline, trace,
    verify,
};
use crate::cli::{Cli, Command, Environment, EvidenceAction};

/// Runs a command, prints what it says, and returns how it ended.
pub fn run(cli: &Cli, environment: &Environment) -> Status {
    silence_panics();
    let outcome = guarded(|| "finish".into(), || dispatch(cli, environment));
    match outcome {
        Ok(Ok(status)) => status,
        Ok(Err(error)) => {
            complain(&in_words(&error));
            Status::Unanswered
        }
        Err(fault) => {
            complain(&format!("error[{}] {}", fault.code, fault.message));
            Status::Unanswered
        }
    }
}

fn dispatch(cli: &Cli, environment: &Environment) -> Result<Status, CommandError> {
    let run = Run {
        global: &cli.global,
        environment,
    };
    let command = || match &cli.command {
        Command::Scan(arguments) => scan::scan(&run, arguments),
        Command::Access(arguments) => access::access(&run, arguments),
        Command::Diff(arguments) => diff::diff(&run, arguments),
        Command::Fix(arguments) => fix::fix(&run, arguments),
        Command::Timeline(arguments) => timeline::timeline(&run, arguments),
        Command::Trace(arguments) => trace::trace(&run, arguments),
        Command::Incident(action) => incident::incident(&run, action),
        Command::Contain(arguments) => contain::contain(&run, arguments),
        Command::Evidence(EvidenceAction::Check { folder }) => evidence::check(&run, folder),
        Command::Verify(arguments) => verify::verify(&run, arguments),
        Command::Rules(action) => rules::rules(&run, action),
        Command::Completions { shell } => shell::completions(&run, *shell),
        Command::Man { folder } => shell::man(&run, folder.as_deref()),
        Command::Schema { name } => schema::schema(&run, name.as_deref()),
    };
    match cli.global.jobs {
        None => command(),
        Some(jobs) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.get()).build();
            let pool = pool.map_err(|error| CommandError::System {
                what: "starting threads",
                problem: error.to_string(),
            })?;
            pool.install(command)
        }
    }
}

/// An error with its place and help. Without colour: the text may hold anything, and is made safe as a whole.
fn in_words(error: &CommandError) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_links(false)
        .with_wrap_lines(false);
    let mut text = String::new();
    match handler.render_report(&mut text, error) {
        Ok(()) => text,
        Err(_) => error.to_string(),
    }
}
