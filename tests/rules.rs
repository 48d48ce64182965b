//! Every case of every rule is a test, and so is what holds for the rules as a whole.

// Helpers fail by panicking too, and clippy lets only code under `cfg(test)` do so.
#[cfg(test)]
#[path = "rules/case.rs"]
mod case;
#[cfg(test)]
#[path = "rules/registry.rs"]
mod registry;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut tests = registry::tests();
    tests.extend(case::tests());
    libtest_mimic::run(&arguments, tests).exit_code()
}
