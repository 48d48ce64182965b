use super::action::{Action, LeftOut, Script};
use super::comment::comment;
use super::prelude::{AFTER, BEFORE};

/// Which way a script goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// What closes access.
    Forth,
    /// What undoes it, last first.
    Back,
}

/// A script for a POSIX shell that does, or undoes, what is to be done.
///
/// Arguments are quoted as a whole, whatever they hold. `DRY_RUN=1` shows them instead.
pub fn render(script: &Script, direction: Direction) -> String {
    let mut out = String::from("#!/bin/sh\n");
    for line in match direction {
        Direction::Forth => FORTH,
        Direction::Back => BACK,
    } {
        out.push_str(&comment("", line));
    }
    let left_out = script.left_out.iter().filter(|_| direction == Direction::Forth);
    for LeftOut { path, reason } in left_out {
        out.push_str(&comment("LEFT OUT:", &format!("{path}: {reason}")));
    }
    out.push_str(BEFORE);
    let mut actions: Vec<&Action> = script.actions.iter().collect();
    actions.sort_by_key(|action| (action.account, action.stage, &action.resource));
    if direction == Direction::Back {
        actions.reverse();
    }
    for of_account in actions.chunk_by(|one, next| one.account == next.account) {
        out.push_str(&section(of_account, direction));
    }
    out.push_str(AFTER);
    out
}

fn section(actions: &[&Action], direction: Direction) -> String {
    let account = actions.first().and_then(|action| action.account);
    let account = account.map_or(UNNAMED.to_owned(), |id| quoted(&id.to_string()));
    let mut out = format!("\nif in_account {account}; then\n");
    for of_stage in actions.chunk_by(|one, next| one.stage == next.stage) {
        if let Some(first) = of_stage.first() {
            out.push_str(&format!("\n# ---- {} ----\n", first.stage.as_str()));
        }
        for action in of_stage {
            out.push_str(&one(action, direction));
        }
    }
    out.push_str("\nfi\n");
    out
}

fn one(action: &Action, direction: Direction) -> String {
    let mut out = format!("\n{}", comment("", &action.resource));
    let commands = match direction {
        Direction::Forth => {
            out.push_str(&comment("does:", &action.what));
            for note in &action.notes {
                out.push_str(&comment("-", note));
            }
            &action.commands
        }
        Direction::Back => {
            out.push_str(&comment("undoes:", &action.what));
            &action.rollback
        }
    };
    for command in commands {
        let arguments: Vec<String> = command.iter().map(|argument| quoted(argument)).collect();
        out.push_str(&format!("run {}\n", arguments.join(" ")));
    }
    out
}

/// An argument in which the shell sees nothing to act upon: within single quotes, only a single quote means anything.
fn quoted(argument: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@+,".contains(&byte);
    if !argument.is_empty() && argument.bytes().all(is_plain) {
        return argument.to_owned();
    }
    // The name of an option stands outside, where it is read more easily.
    let (name, value) = match argument.split_once('=') {
        Some((name, value)) if name.starts_with("--") && name.bytes().all(is_plain) => (format!("{name}="), value),
        Some(_) | None => (String::new(), argument),
    };
    // The shell ends at a zero byte, and no argument can hold one.
    format!("{name}'{}'", value.replace('\0', "").replace('\'', r"'\''"))
}

const FORTH: &[&str] = &[
    "Closes access that bucketproof found in a snapshot. Read it before you run it; nothing of it has been run.",
    "Each step says what it does, what it closes and who loses access by it. rollback.sh beside it puts everything back as the \
     snapshot has it.",
];

const BACK: &[&str] = &[
    "Puts back what fix.sh beside it changes, as the snapshot had it, in the opposite order. It opens access that was found \
     unintended.",
];

/// The account where the snapshot names none: whoever runs the script names it.
const UNNAMED: &str = "\"${ACCOUNT:?the snapshot does not name its account: set ACCOUNT to its id}\"";
