use super::evaluator::{Evaluator, short};
use super::template::Template;
use crate::source::{Diagnostic, DiagnosticSeverity, Span};

/// Says what of a template is not done: macros can change anything, and nested stacks are not followed.
pub(super) fn macros(template: &Template<'_>, evaluator: &mut Evaluator<'_>) {
    for (name, span) in template.transforms() {
        let known = name.starts_with("AWS::Serverless") || KNOWN_TRANSFORMS.contains(&name);
        if !known {
            macro_note(name, span, evaluator);
        }
    }
    for resource in template.resources.values() {
        if resource.kind == "AWS::CloudFormation::Stack" {
            let message = "the nested stack is not followed: its template is read on its own, without these parameters";
            let note = Diagnostic::new(DiagnosticSeverity::Note, "bucketproof::ingest::nested_stack", message);
            let note = note
                .at(resource.span)
                .with_help("name its template as an input too, with `--parameters FILE`");
            evaluator.said.insert(note);
        }
    }
}

fn macro_note(name: &str, span: Span, evaluator: &mut Evaluator<'_>) {
    let message = format!(
        "the macro `{}` may change the template: it is read as it is written",
        short(name)
    );
    let help = "read the processed template: `aws cloudformation get-template --template-stage Processed`";
    evaluator.say("bucketproof::ingest::macro", span, &message, help);
}

/// What is recognised and not judged.
pub(super) fn not_audited(kind: &str) -> Option<&'static str> {
    if kind.ends_with("::MODULE") {
        return Some("a module, whose resources are not in the template");
    }
    Some(match kind {
        "AWS::S3::MultiRegionAccessPoint" | "AWS::S3::MultiRegionAccessPointPolicy" => "a multi-Region access point",
        "AWS::S3ObjectLambda::AccessPoint" | "AWS::S3ObjectLambda::AccessPointPolicy" => {
            "an Object Lambda access point"
        }
        "AWS::S3Express::DirectoryBucket" | "AWS::S3Express::BucketPolicy" => "a directory bucket",
        "AWS::S3::AccessGrant" | "AWS::S3::AccessGrantsInstance" | "AWS::S3::AccessGrantsLocation" => {
            "a part of S3 Access Grants"
        }
        "AWS::S3Outposts::Bucket" | "AWS::S3Outposts::BucketPolicy" | "AWS::S3Outposts::AccessPoint" => {
            "a part of S3 on Outposts"
        }
        "AWS::S3Tables::TableBucket" | "AWS::S3Tables::TableBucketPolicy" => "a table bucket",
        "AWS::CloudFormation::StackSet" => "a stack set, whose template is deployed in other accounts",
        _ => return None,
    })
}

const KNOWN_TRANSFORMS: &[&str] = &[
    "AWS::LanguageExtensions",
    "AWS::CodeDeployBlueGreen",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
];
