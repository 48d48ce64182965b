use std::path::PathBuf;

use super::CommandError;
use super::files::{read_matching, read_text, with_slashes};
use super::packs::folder_of;
use crate::iam::Timestamp;
use crate::ingest::{Ingested, Input, Kind};
use crate::rules::{Config, Intent, Settings};
use crate::source::{Diagnostic, SourceFile};

/// What command line and configuration declare as intended.
pub(super) struct Declarations {
    pub intent: Intent,
    /// The files by their paths.
    texts: Vec<(String, String)>,
}

impl Declarations {
    /// Reads the intent files that the configuration and the command line name.
    pub fn read(config: &Config, named: &[PathBuf], warnings: &mut Vec<Diagnostic>) -> Result<Self, CommandError> {
        let mut texts = read_matching(&folder_of(config), &config.intent, warnings)?;
        for path in named {
            let text = read_text(path, "`--intent` names a file of Cedar permits")?;
            texts.push((with_slashes(path), text));
        }
        let intent = Intent::parse(&texts)?;
        Ok(Self { intent, texts })
    }

    /// What holds for the evaluation of an input. The files of declarations join those of the input, so that findings can
    /// point into them.
    pub fn settings(&self, config: &Config, now: Timestamp, ingested: &mut Ingested) -> Settings {
        let mut settings = config.settings(now);
        settings.whole = ingested.inputs.iter().any(is_whole);
        let of_config = settings.path.iter().map(|path| (path.as_str(), config.text.as_str()));
        let of_intent = self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let files = of_config.chain(of_intent).map(|(path, text)| {
            let id = ingested.sources.add(SourceFile::new(path, text));
            (path.to_owned(), id)
        });
        settings.files = files.collect();
        settings
    }
}

/// Whether an input holds all of some account: an export of it, and not a part of one or a template.
fn is_whole(input: &Input) -> bool {
    let is_part = || {
        let mut folders = input.path.split('/');
        folders.any(|folder| matches!(folder, "s3" | "s3control" | "iam" | "organization"))
    };
    match input.kind {
        Some(Kind::CliSnapshot) => !is_part(),
        Some(Kind::FlatExport | Kind::AuthorizationDetails | Kind::AwsConfig) => true,
        Some(
            Kind::CliAnswer
            | Kind::Policy
            | Kind::Recording
            | Kind::CloudFormation
            | Kind::Terraform
            | Kind::TerraformPlan
            | Kind::TerraformState,
        )
        | None => false,
    }
}
