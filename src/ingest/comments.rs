use super::terraform::{self, is_code};
use super::yaml::is_yaml;
use crate::source::{self, Comment, FileId, SourceFile, Sources, Text, yaml_literals};

/// The comments that speak to this program, in formats that have comments. JSON has none.
pub(super) fn comments(sources: &Sources) -> Vec<Comment> {
    let speaking = sources.iter().filter(|(_, file)| file.text().contains("bucketproof:"));
    speaking.flat_map(|(id, file)| of_file(id, file)).collect()
}

/// A file that nobody can parse has been told as one.
fn of_file(id: FileId, file: &SourceFile) -> Vec<Comment> {
    let text = Text::of_file(id, file);
    let name = file.path().rsplit('/').next().unwrap_or_default();
    let (literals, markers): (_, &[&str]) = match (is_code(name), is_yaml(name, file.text())) {
        _ if name.ends_with(".json") => return Vec::new(),
        (true, _) => (terraform::literals(&text), &["#", "//"]),
        (false, true) => (yaml_literals(&text), &["#"]),
        (false, false) => return Vec::new(),
    };
    literals.map_or_else(Vec::new, |literals| source::comments(&text, &literals, markers))
}
