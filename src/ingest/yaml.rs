use super::cloudformation::{could_be_template, is_template, read_template};
use super::part::Part;
use super::request::Kind;
use super::unit::SingleFile;
use crate::source::{Diagnostic, Limits, Text, Yaml, parse_yaml};

/// Whether a file has a name under which templates are kept, JSON apart.
pub(super) fn is_template_name(name: &str) -> bool {
    is_yaml_name(name) || name.ends_with(".template")
}

/// Whether a file is to be read as YAML: by its name, or because its text can be nothing else.
pub(super) fn is_yaml(name: &str, text: &str) -> bool {
    let is_json = text.trim_start().starts_with(['{', '[', '"']);
    is_yaml_name(name) || !is_json && could_be_template(text)
}

fn is_yaml_name(name: &str) -> bool {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// Reads a YAML file. One that holds no template is not ours, which is said only where the user named it.
pub(super) fn read_yaml(text: &Text<'_>, single: &SingleFile, part: &mut Part) {
    let foreign = |part: &mut Part| {
        if single.explicit {
            part.unrecognised.push(single.file.clone());
        }
    };
    if !could_be_template(text.as_str()) {
        return foreign(part);
    }
    match parse_yaml(text, Limits::default()) {
        Ok(yaml) if yaml.documents.iter().any(is_template) => templates(text, yaml, single, part),
        Ok(_) => foreign(part),
        Err(error) => part.notes.failed(&single.file, error.to_diagnostic()),
    }
}

/// The same for what is no JSON although it looks like it, such as a template with a comma too many; whether it is YAML.
pub(super) fn read_as_yaml(text: &Text<'_>, single: &SingleFile, part: &mut Part) -> bool {
    if single.attach.is_some() || !could_be_template(text.as_str()) {
        return false;
    }
    match parse_yaml(text, Limits::default()) {
        Ok(yaml) if yaml.documents.iter().any(is_template) => {
            templates(text, yaml, single, part);
            true
        }
        Ok(_) | Err(_) => false,
    }
}

fn templates(text: &Text<'_>, yaml: Yaml, single: &SingleFile, part: &mut Part) {
    if let Some(kind) = single.kind.filter(|kind| *kind != Kind::CloudFormation) {
        if single.explicit {
            let span = yaml.documents.first().map_or(single.file.span(), |root| root.span);
            let message = format!("this is of the kind `{}`, not `{kind}`", Kind::CloudFormation);
            let error = Diagnostic::error("bucketproof::ingest::other_kind", span, message);
            let help = "leave `--kind` out, or name the kind that it is of";
            part.notes.failed(&single.file, error.with_help(help));
        }
        return;
    }
    part.kind = Some(Kind::CloudFormation);
    yaml.remarks.into_iter().for_each(|remark| part.notes.push(remark));
    part.notes.duplicates(&yaml.duplicates);
    for root in yaml.documents.iter().filter(|root| is_template(root)) {
        read_template(root, text.as_str(), &single.given, part);
    }
}
