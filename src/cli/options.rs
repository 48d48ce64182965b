use clap::{Args, Parser, Subcommand, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::examples::{
    ACCESS_EXAMPLES, COMPLETIONS_EXAMPLES, CONTAIN_EXAMPLES, DIFF_EXAMPLES, EXIT_STATUS, FIX_EXAMPLES, NEW_EXAMPLES,
    SCAN_EXAMPLES, TEST_STATUS, TIMELINE_EXAMPLES, TRACE_EXAMPLES, VERIFY_EXAMPLES,
};
use super::{Contain, EvidenceAction, IncidentAction, Timeline, Trace, Verify};

/// Finds unintended access to S3 buckets and IAM roles from exported state, and shows the request that would get in.
///
/// Reads raw AWS CLI output, account authorization details, AWS Config snapshots, single policies, CloudFormation
/// templates, and Terraform roots, plans and states. Works offline.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "bucketproof",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = EXIT_STATUS
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
}

/// A command.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Find access that nobody meant to give, and settings that let it happen.
    #[command(after_long_help = SCAN_EXAMPLES)]
    Scan(Scan),
    /// Show who has access to each bucket and role.
    #[command(after_long_help = ACCESS_EXAMPLES)]
    Access(Access),
    /// Compare two states: access gained and lost, by what they mean and not by their text.
    #[command(after_long_help = DIFF_EXAMPLES)]
    Diff(Diff),
    /// Edit the input so that findings are closed, with proof that they are.
    #[command(after_long_help = FIX_EXAMPLES)]
    Fix(Fix),
    /// Show what the events of a log changed of who has access, and from when to when somebody from outside had it.
    #[command(after_long_help = TIMELINE_EXAMPLES)]
    Timeline(Timeline),
    /// Search logs for what a credential, an address or anybody did to buckets and objects.
    #[command(after_long_help = TRACE_EXAMPLES)]
    Trace(Box<Trace>),
    /// Begin the description of an incident, which `contain` and `verify` read.
    #[command(subcommand)]
    Incident(IncidentAction),
    /// Plan how to shut an incident: ordered steps, each with its way back, what it closes and whom it breaks.
    #[command(after_long_help = CONTAIN_EXAMPLES)]
    Contain(Box<Contain>),
    /// Prove by the logs of an incident that it is over: what was let through is refused now, and nothing else is open.
    #[command(after_long_help = VERIFY_EXAMPLES)]
    Verify(Box<Verify>),
    /// Check what `--evidence` of `timeline`, `trace`, `contain` and `verify` has written.
    #[command(subcommand)]
    Evidence(EvidenceAction),
    /// List, explain, check, test and begin rules.
    #[command(subcommand)]
    Rules(RulesAction),
    /// Print a script that completes the command line in a shell.
    #[command(after_long_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page, or write one page a command into a folder.
    Man {
        /// Folder for the pages, made if it is not there.
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Print the JSON Schema of an output or of the configuration; without a name, list them.
    Schema {
        /// Name of the schema, such as `scan.v1`, or what an output says in `schema`.
        name: Option<String>,
    },
}

/// A shell whose completions can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash.
    Bash,
    /// Elvish.
    Elvish,
    /// Fish.
    Fish,
    /// PowerShell.
    Powershell,
    /// Zsh.
    Zsh,
}

/// What to do with rules.
#[derive(Clone, Debug, Subcommand)]
pub enum RulesAction {
    /// List the rules, by pack; `-v` also prints the digest of each pack.
    List {
        /// Where they come from.
        #[command(flatten)]
        rules: RulesIn,
        /// Format of the list.
        #[arg(long, value_name = "FORMAT", value_enum, default_value_t = RulesFormat::Table)]
        format: RulesFormat,
    },
    /// Print the page of a rule: what it reports, why, what to do, and the rule itself.
    Explain {
        /// Id of the rule, such as `s3/public-read`.
        id: String,
        /// Where to look for it.
        #[command(flatten)]
        rules: RulesIn,
    },
    /// Type-check packs, and print the digest by which each can be pinned.
    Check {
        /// Folders, each with a pack or with folders that hold packs.
        #[arg(value_name = "PACK", required = true)]
        packs: Vec<PathBuf>,
    },
    /// Run the cases of packs: what `bad-` ones must find, and `good-` ones must not.
    #[command(after_long_help = TEST_STATUS)]
    Test {
        /// Folders, each with a pack or with folders that hold packs.
        #[arg(value_name = "PACK", required = true)]
        packs: Vec<PathBuf>,
        /// Write what the user sees into the snapshots that are there, in place of comparing it with them.
        #[arg(long)]
        update: bool,
    },
    /// Write the folder of a new rule: an example that works, to be made one's own.
    #[command(after_long_help = NEW_EXAMPLES)]
    New(NewRule),
}

/// `bucketproof rules new`.
#[derive(Clone, Debug, Args)]
pub struct NewRule {
    /// Id of the rule: its pack and its name.
    #[arg(value_name = "PACK/RULE")]
    pub id: String,
    /// A rule about grants: Cedar over who can do what. This is what is written if nothing is said.
    #[arg(long, conflicts_with = "settings")]
    pub grants: bool,
    /// A rule about settings: a JSONPath query over buckets, access points, roles and accounts.
    #[arg(long)]
    pub settings: bool,
    /// Folder of the pack, or folder to put the pack in.
    #[arg(long = "in", value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
}

/// A format for rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RulesFormat {
    /// One row a rule.
    Table,
    /// `bucketproof.rules.v1`.
    Json,
}

/// Where rules come from.
#[derive(Clone, Debug, Args)]
pub struct RulesIn {
    /// Folder with a pack of rules beside the built-in ones; may be given several times.
    #[arg(long = "pack", value_name = "DIR")]
    pub pack_dirs: Vec<PathBuf>,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Configuration file [default: the nearest bucketproof.toml, from the first PATH upward].
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// When to colour.
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Print nothing but errors; files asked for with `--output` are still written.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also print notes, inputs, and findings that do not count.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Threads to use [default: one for each core].
    #[arg(long, global = true, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to read, and what to assume about it.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Input")]
pub struct Input {
    /// Files and directories to read; `-` is standard input.
    #[arg(value_name = "PATH", default_value = ".", help_heading = "Arguments")]
    pub paths: Vec<PathBuf>,
    /// Read every PATH as this kind instead of telling it from the content.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// What a policy or ACL alone belongs to, such as `bucket-policy:my-bucket` or `trust-policy:my-role`.
    #[arg(long = "as", value_name = "KIND:NAME")]
    pub attach: Option<String>,
    /// Account that owns what the input does not attribute; counts as our own.
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// Organization that counts as our own.
    #[arg(long, value_name = "ID")]
    pub organization: Option<String>,
    /// Point in time at which access is judged, such as 2026-01-31T12:00:00Z [default: now].
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
    /// What a value that is not known before deployment is taken to be.
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Unknowns::Fixed)]
    pub unknowns: Unknowns,
    /// Judge templates by the defaults of before April 2023, when new buckets had no blocks and ACLs were on.
    #[arg(long)]
    pub legacy_defaults: bool,
    /// File with parameters of CloudFormation templates, as the AWS CLI takes it; may be given several times, a later one wins.
    #[arg(long, value_name = "FILE")]
    pub parameters: Vec<PathBuf>,
    /// Value of a variable of Terraform roots; may be given several times.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    pub variables: Vec<(String, String)>,
    /// File with values of variables of Terraform roots; may be given several times, a later one wins.
    #[arg(long = "var-file", value_name = "FILE")]
    pub variable_files: Vec<PathBuf>,
    /// Let inputs that could not be read, and questions that could not be decided, not raise the exit status.
    #[arg(long)]
    pub allow_incomplete: bool,
}

impl Input {
    /// These paths, and every option as it is by default.
    pub fn of(paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            ..Self::default()
        }
    }
}

/// What a value that is not known before deployment is taken to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Unknowns {
    /// One fixed value of its own, without wildcards.
    #[default]
    Fixed,
    /// Anything: what depends on it is undecided.
    Strict,
}

/// `bucketproof scan`.
#[derive(Clone, Debug, Args)]
pub struct Scan {
    /// What to read.
    #[command(flatten)]
    pub input: Input,
    /// What findings are judged by.
    #[command(flatten)]
    pub rules: Rules,
    /// Also plan and prove the edits that close findings, and show them (pretty, markdown, sarif, json); see `fix`.
    #[arg(long, help_heading = "Output")]
    pub fixes: bool,
    /// Format of the findings [default: pretty on a terminal, plain elsewhere].
    #[arg(long, value_name = "FORMAT", value_enum, help_heading = "Output")]
    pub format: Option<ScanFormat>,
    /// Also write the findings to a file; may be given several times.
    #[arg(short, long = "output", value_name = "FORMAT=FILE", value_parser = output, help_heading = "Output")]
    pub outputs: Vec<Output>,
    /// Count only what an older state did not have: a path, or a revision of the Git repository that holds the first PATH,
    /// such as `main`. Access is compared by what it means and not by its text.
    #[arg(long, value_name = "PATH-OR-REVISION", help_heading = "What counts")]
    pub since: Option<String>,
    /// Count only what this baseline does not hold.
    #[arg(long, value_name = "FILE", help_heading = "What counts")]
    pub baseline: Option<PathBuf>,
    /// Write what counts now, and what the baseline holds of it, as a baseline.
    #[arg(long, value_name = "FILE", help_heading = "What counts")]
    pub write_baseline: Option<PathBuf>,
    /// Let comments such as `# bucketproof: ignore[RULE] reason` set nothing aside, and list them.
    #[arg(long, help_heading = "What counts")]
    pub no_inline_suppressions: bool,
    /// Lowest severity that makes the exit status 1 [default: that of the configuration, or medium].
    #[arg(long, value_name = "SEVERITY", value_enum, help_heading = "Output")]
    pub fail_on: Option<FailOn>,
}

/// What findings are judged by.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Rules")]
pub struct Rules {
    /// Built-in packs to use, separated by commas, or `all` [default: those of the configuration, or those that
    /// `rules list` does not mark].
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub packs: Option<Vec<String>>,
    /// Folder with a pack of rules to use as well; may be given several times.
    #[arg(long = "pack", value_name = "DIR")]
    pub pack_dirs: Vec<PathBuf>,
    /// File with Cedar permits for access that is intended; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub intent: Vec<PathBuf>,
}

/// `bucketproof fix`.
#[derive(Clone, Debug, Args)]
pub struct Fix {
    /// What to read.
    #[command(flatten)]
    pub input: Input,
    /// What findings are judged by.
    #[command(flatten)]
    pub rules: Rules,
    /// Close findings of this rule only; may be given several times.
    #[arg(long, value_name = "RULE", help_heading = "Findings")]
    pub rule: Vec<String>,
    /// Close findings of this severity or worse only.
    #[arg(long, value_name = "LEVEL", value_enum, help_heading = "Findings")]
    pub severity: Option<SeverityLevel>,
    /// Close the finding of this fingerprint, or of one that begins so, only; may be given several times.
    #[arg(long, value_name = "FINGERPRINT", help_heading = "Findings")]
    pub only: Vec<String>,
    /// Edit the files instead of printing a diff; what needs input is left out.
    #[arg(long, help_heading = "Output")]
    pub write: bool,
    /// Write `fix.sh` and `rollback.sh` into this directory instead of printing a diff: the edits of a snapshot as commands of
    /// the AWS CLI, and what undoes them. Nothing is run; what needs input is left out.
    #[arg(long, value_name = "DIR", help_heading = "Output", conflicts_with = "write")]
    pub aws_cli: Option<PathBuf>,
}

/// A severity, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SeverityLevel {
    /// Critical.
    Critical,
    /// High.
    High,
    /// Medium.
    Medium,
    /// Low.
    Low,
}

/// `bucketproof access`.
#[derive(Clone, Debug, Args)]
pub struct Access {
    /// What to read.
    #[command(flatten)]
    pub input: Input,
    /// What to ask instead of showing everything.
    #[command(flatten)]
    pub question: Question,
    /// File with Cedar permits: the access that they cover is shown as intended; may be given several times.
    #[arg(long, value_name = "FILE", help_heading = "Rules", conflicts_with_all = ["who_can", "can", "deny_check", "deny_check_file"])]
    pub intent: Vec<PathBuf>,
    /// Format of the table or answer.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = AccessFormat::Table, help_heading = "Output")]
    pub format: AccessFormat,
}

/// A question about access; at most one.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Questions")]
pub struct Question {
    /// Count instead of listing: how many buckets and roles of each account are public, shared outside, shared inside.
    #[arg(long, conflicts_with_all = ["who_can", "can", "deny_check", "deny_check_file"])]
    pub summary: bool,
    /// Who can do this: an action or pattern such as `s3:Get*`, and a bucket, role or access point by name or ARN, an object
    /// such as `bucket/key`, or a pattern such as `bucket/logs/*`.
    #[arg(long, num_args = 2, value_names = ["ACTION", "RESOURCE"], conflicts_with_all = ["can", "deny_check", "deny_check_file"])]
    pub who_can: Option<Vec<String>>,
    /// Whether this caller can do this, and what decides it: `anonymous`, an ARN, an account, a service, a canonical id, a
    /// unique id or an identity provider.
    #[arg(long, num_args = 3, value_names = ["PRINCIPAL", "ACTION", "RESOURCE"], conflicts_with_all = ["deny_check", "deny_check_file"])]
    pub can: Option<Vec<String>>,
    /// Context key of the request that `--can` asks about; repeat it for more keys, or for more values of one key. What is
    /// not stated is what an ordinary request of this caller has (TLS, an address of its own, the time, who it is), and
    /// otherwise absent; the answer lists it.
    #[arg(long, value_name = "KEY=VALUE", requires = "can", conflicts_with_all = ["who_can", "deny_check", "deny_check_file"])]
    pub context: Vec<String>,
    /// Access that must be impossible: exit status 1 if anybody has it. May be given several times.
    #[arg(long, num_args = 2, value_names = ["ACTION", "RESOURCE"], action = clap::ArgAction::Append)]
    pub deny_check: Vec<String>,
    /// The same from a file: policy statements, each of which describes access that must be impossible.
    #[arg(long, value_name = "FILE")]
    pub deny_check_file: Vec<PathBuf>,
}

/// `bucketproof diff`.
#[derive(Clone, Debug, Args)]
#[command(mut_arg("paths", |paths| {
    paths.num_args(2).action(clap::ArgAction::Set).required(true).value_names(["BEFORE", "AFTER"]).default_value(None)
        .help("The older and the newer state: files or directories")
}))]
pub struct Diff {
    /// What to read.
    #[command(flatten)]
    pub input: Input,
    /// End with exit status 1 if some access is new.
    #[arg(long, help_heading = "Output")]
    pub fail_on_new_access: bool,
    /// Format of the differences.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = DiffFormat::Plain, help_heading = "Output")]
    pub format: DiffFormat,
}

/// A format for findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScanFormat {
    /// Snippets of the input, with the request that gets in and the remedy.
    Pretty,
    /// One line a finding.
    Plain,
    /// `bucketproof.scan.v1`, resources with all their grants included.
    Json,
    /// `bucketproof.finding.v1`, one line a finding.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// Code Quality report of GitLab.
    Gitlab,
    /// JUnit XML, for CI servers.
    Junit,
    /// Comment of a pull request.
    Markdown,
    /// One self-contained page, for people.
    Html,
    /// Table for spreadsheets.
    Csv,
    /// AWS Security Finding Format, for Security Hub.
    Asff,
    /// Open Cybersecurity Schema Framework 1.3, for a SIEM.
    Ocsf,
}

/// A format for access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AccessFormat {
    /// One row a resource.
    Table,
    /// `bucketproof.access.v1`.
    Json,
}

/// A format for differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people.
    Plain,
    /// `bucketproof.diff.v1`.
    Json,
}

/// The lowest severity that counts as failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Critical findings only.
    Critical,
    /// High and above.
    High,
    /// Medium and above.
    Medium,
    /// Every finding.
    Low,
    /// No finding.
    Never,
}

/// A file to write, with the format to write it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The format.
    pub format: ScanFormat,
    /// The file.
    pub path: PathBuf,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

fn output(text: &str) -> Result<Output, String> {
    let names = || {
        let formats = ScanFormat::value_variants().iter();
        let names: Vec<String> = formats
            .filter_map(ValueEnum::to_possible_value)
            .map(|value| value.get_name().to_owned())
            .collect();
        names.join(", ")
    };
    let (format, path) = text
        .split_once('=')
        .filter(|(_, path)| !path.is_empty())
        .ok_or_else(|| format!("expected FORMAT=FILE, where FORMAT is one of {}", names()))?;
    let format = ScanFormat::from_str(format, false)
        .map_err(|_| format!("`{format}` is no format: expected one of {}", names()))?;
    Ok(Output {
        format,
        path: path.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn outputs_name_format_and_file() {
        let sarif = |path: &str| {
            Ok(Output {
                format: ScanFormat::Sarif,
                path: path.into(),
            })
        };
        assert_eq!(output("sarif=a.sarif"), sarif("a.sarif"));
        assert_eq!(output("sarif=a=b"), sarif("a=b"));
        assert!(output("sarif").is_err_and(|error| error.contains("pretty, plain, json, jsonl, sarif")));
        assert!(output("sarif=").is_err());
        assert!(output("xml=a").is_err_and(|error| error.contains("`xml` is no format")));
    }
}
