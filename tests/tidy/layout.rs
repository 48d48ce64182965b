//! Sizes, faces of modules, rule folders, paths in the docs, and what must not be anywhere.

use crate::rust::code;
use crate::tree::{files, files_under, root, text};

/// Lines after which a file fails.
const TOO_LONG: usize = 600;

/// Lines after which a file is listed, so that somebody asks which two things it is.
const LONG: usize = 300;

/// Files that were too long before there was a check. Split one and take it off; never add one.
const KNOWN_TOO_LONG: &[&str] = &[
    "src/engine/symbolic/callers.rs",
    "src/engine/symbolic/states.rs",
    "src/iam/parse.rs",
];

/// Modules of one file.
const SINGLE_FILES: &[&str] = &["src/lib.rs", "src/main.rs"];

/// Paths that the docs name and that are still to come. Take one off when it is there.
const TO_COME: &[&str] = &[];

fn rust_files() -> Vec<String> {
    let all = ["src", "tests", "benches"].map(files_under).concat();
    let build = root().join("build.rs").is_file().then(|| "build.rs".to_owned());
    all.into_iter()
        .filter(|path| path.ends_with(".rs"))
        .chain(build)
        .collect()
}

#[test]
fn files_are_small() {
    let mut wrong = Vec::new();
    for path in rust_files() {
        let lines = text(&path).lines().count();
        let most = match path.as_str() {
            "src/main.rs" | "build.rs" => 60,
            _ => TOO_LONG,
        };
        if lines > most && !KNOWN_TOO_LONG.contains(&path.as_str()) {
            wrong.push(format!("{path}: {lines} lines, at most {most}"));
        } else if lines > LONG {
            println!("{path}: {lines} lines: which two things is it?");
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    for path in KNOWN_TOO_LONG {
        assert!(
            text(path).lines().count() > TOO_LONG,
            "{path} is short now: take it off the list"
        );
    }
}

#[test]
fn every_module_is_a_folder_with_a_face() {
    let sources = files_under("src");
    let mut wrong = Vec::new();
    for path in sources.iter().filter(|path| path.ends_with(".rs")) {
        if path.matches('/').count() == 1 && !SINGLE_FILES.contains(&path.as_str()) {
            wrong.push(format!("{path}: a module is a folder with `mod.rs`"));
        }
        // Of a module; what lies deeper is the module's own affair.
        if !path.ends_with("/mod.rs") || path.matches('/').count() != 2 {
            continue;
        }
        let code = code(&text(path));
        for statement in code.split(';').map(str::trim) {
            let statement = statement.trim_start_matches("#[cfg(test)]").trim_start();
            let is_face = ["mod ", "pub use ", "use ", "pub(crate) use ", "pub(super) use "]
                .iter()
                .any(|start| statement.starts_with(start));
            if !is_face && !statement.is_empty() {
                let first = statement.lines().next().unwrap_or_default();
                wrong.push(format!("{path}: holds more than its face: `{first}`"));
            }
        }
        if !text(path).starts_with("//!") {
            wrong.push(format!("{path}: has no module doc"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn nothing_is_allowed_in_silence() {
    let allowed = |path: &String| code(&text(path)).contains("[allow(");
    let wrong: Vec<String> = rust_files().into_iter().filter(allowed).collect();
    assert_eq!(wrong, Vec::<String>::new(), "use `#[expect(…, reason = …)]`");
}

#[test]
fn rule_folders_are_complete() {
    let mut wrong = Vec::new();
    let files = files_under("rules");
    let has = |path: String| files.contains(&path);
    // NOTE: cases come with the engine that they run on; as soon as one rule has some, every rule must.
    let has_cases = files.iter().any(|path| path.contains("/cases/"));
    for file in files.iter().filter_map(|path| path.strip_suffix("/rule.toml")) {
        let (pack, _) = file.rsplit_once('/').expect("a rule lies in a pack");
        let mut missing = |path: String| {
            if !files.contains(&path) {
                wrong.push(format!("{path} is missing"));
            }
        };
        missing(format!("{pack}/pack.toml"));
        missing(format!("{file}/README.md"));
        let selects = text(&format!("{file}/rule.toml"))
            .lines()
            .any(|line| line.starts_with("select"));
        if selects == has(format!("{file}/policy.cedar")) {
            wrong.push(format!("{file}: either `policy.cedar` or `select` in `rule.toml`"));
        }
        for kind in ["bad-", "good-"] {
            if has_cases
                && !files
                    .iter()
                    .any(|path| path.starts_with(&format!("{file}/cases/{kind}")))
            {
                wrong.push(format!("{file}/cases has no `{kind}` case"));
            }
        }
        wrong.extend(wrong_sections(&format!("{file}/README.md")));
    }
    for folder in files.iter().filter_map(|path| path.strip_suffix("/policy.cedar")) {
        if !has(format!("{folder}/rule.toml")) {
            wrong.push(format!("{folder}/rule.toml is missing"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// What is wrong with the sections of a rule's page: their names, their order, or that one is empty.
fn wrong_sections(path: &str) -> Vec<String> {
    let page = format!("\n{}", text(path));
    let sections: Vec<(&str, &str)> = page
        .split("\n## ")
        .skip(1)
        .map(|section| section.split_once('\n').unwrap_or((section, "")))
        .collect();
    let names: Vec<&str> = sections.iter().map(|(name, _)| name.trim()).collect();
    let expected = ["Reports", "Why", "Fix", "When it is fine"];
    let mut wrong = Vec::new();
    if names != expected && Some(names.as_slice()) != expected.get(..3) {
        wrong.push(format!(
            "{path}: sections are {names:?}, not {expected:?} (the last may be left out)"
        ));
    }
    for (name, _) in sections.iter().filter(|(_, body)| body.trim().is_empty()) {
        wrong.push(format!("{path}: section `{name}` is empty"));
    }
    wrong
}

#[test]
fn paths_in_the_docs_exist() {
    let mut wrong = Vec::new();
    let pages = files().into_iter().filter(|path| {
        let in_docs = path.starts_with("docs/") || !path.contains('/');
        in_docs && path.ends_with(".md")
    });
    let tops = [
        "src/",
        "tests/",
        "docs/",
        "rules/",
        "testdata/",
        "benches/",
        "fuzz/",
        ".ci/",
        ".cargo/",
        ".github/",
    ];
    for page in pages {
        for word in text(&page).split([' ', '\n', '`', '(', ')', '"', '|', ',', ';']) {
            // Without an anchor, and without line and column.
            let path = word.split(['#', ':']).next().unwrap_or_default();
            let path = path.trim_end_matches(['.', '/']);
            let named = tops.iter().any(|top| path.starts_with(top));
            let literal = !path.contains(['*', '<', '{', '…', '$']);
            if named && literal && !TO_COME.contains(&path) && !root().join(path).exists() {
                wrong.push(format!("{page}: `{path}` does not exist"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn no_machine_and_no_registry_is_named() {
    // Put together here, so that this file does not name them.
    let everywhere = ["/root/", "/work/"].map(|path| path.to_owned());
    let hosts = ["index.crates", "static.crates"].map(|host| format!("{host}.io"));
    let more = ["pypi", "files.pythonhosted"].map(|host| format!("{host}.org"));
    let npm = ["registry.npmjs"].map(|host| format!("{host}.org"));
    let needles: Vec<String> = [&everywhere[..], &hosts[..], &more[..], &npm[..]].concat();
    let mut wrong = Vec::new();
    for path in files().iter().filter(|path| *path != "tests/tidy/layout.rs") {
        let text = text(path);
        for needle in needles.iter().filter(|needle| text.contains(needle.as_str())) {
            wrong.push(format!("{path}: names `{needle}`"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
