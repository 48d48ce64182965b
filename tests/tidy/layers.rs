//! Who may import whom.

use crate::rust::{code, paths};
use crate::tree::{files_under, text};

/// A module, the modules it may use, and the crates it may use beside those of everybody.
struct Layer(&'static str, &'static [&'static str], &'static [&'static str]);

/// The table of the architecture page. A new edge is an architecture change: its own commit, with the reason, and
/// this table and `docs/architecture.md` together.
const LAYERS: &[Layer] = &[
    Layer(
        "source",
        &[],
        &["granit-parser", "jsonc-parser", "jsonpath-rust", "percent-encoding"],
    ),
    Layer("iam", &["source"], &["base64", "chrono", "ipnet", "strsim"]),
    Layer("model", &["source", "iam"], &[]),
    Layer(
        "ingest",
        &["source", "iam", "model"],
        &[
            "base64",
            "csv",
            "flate2",
            "glob",
            "hcl-edit",
            "md-5",
            "memchr",
            "percent-encoding",
            "regex",
            "sha1",
            "sha2",
            "strsim",
            "walkdir",
        ],
    ),
    Layer(
        "engine",
        &["source", "iam", "model"],
        &["base64", "ipnet", "rustc-hash"],
    ),
    Layer("finding", &["source", "iam", "model", "engine"], &["sha2"]),
    Layer(
        "rules",
        &["source", "iam", "model", "engine", "finding"],
        &[
            "cedar-policy",
            "ipnet",
            "jsonpath-rust",
            "rustc-hash",
            "sha2",
            "strsim",
            "toml",
        ],
    ),
    Layer(
        "incident",
        &["source", "iam", "model", "engine", "finding"],
        &["ipnet", "percent-encoding", "toml"],
    ),
    Layer(
        "report",
        &["source", "iam", "model", "engine", "finding", "incident"],
        &[
            "anstyle",
            "comfy-table",
            "csv",
            "minijinja",
            "percent-encoding",
            "quick-junit",
        ],
    ),
    Layer(
        "fix",
        &["source", "iam", "model", "engine", "finding"],
        &["hcl-edit", "percent-encoding", "similar"],
    ),
    Layer(
        "commands",
        &[
            "source", "iam", "model", "ingest", "engine", "finding", "rules", "incident", "report", "fix", "cli",
        ],
        &[
            "anstream",
            "clap",
            "clap_complete",
            "clap_mangen",
            "glob",
            "indicatif",
            "rayon",
            "sha2",
            "similar",
            "tempfile",
        ],
    ),
    Layer("cli", &[], &["clap", "terminal_size"]),
    Layer("main", &["cli", "commands"], &["clap"]),
    Layer("lib", &[], &[]),
];

/// Crates that every module may use.
const EVERYWHERE: &[&str] = &["miette", "serde", "serde_json", "thiserror"];

/// The module that a source file belongs to.
fn module(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let (module, _) = inside.split_once('/').unwrap_or((inside, ""));
    module.strip_suffix(".rs").unwrap_or(module)
}

/// Names of the crates that the package depends on.
fn dependencies() -> Vec<String> {
    let manifest = text("Cargo.toml");
    let section = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    let names = section.lines().filter_map(|line| line.split_once('='));
    names.map(|(name, _)| name.trim().to_owned()).collect()
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let dependencies = dependencies();
    assert!(dependencies.contains(&"cedar-policy".to_owned()), "{dependencies:?}");
    let mut wrong = Vec::new();
    for path in files_under("src").iter().filter(|path| path.ends_with(".rs")) {
        let module = module(path);
        let Some(Layer(_, modules, crates)) = LAYERS.iter().find(|layer| layer.0 == module) else {
            wrong.push(format!("{path}: `{module}` is not in the table"));
            continue;
        };
        for used in paths(&code(&text(path))) {
            let spelt = |name: &&str| name.replace('-', "_") == used.first;
            let (ours, fits) = match used.first {
                "bucketproof" if module != "main" => continue,
                "crate" | "bucketproof" => (used.second, used.second == module || modules.contains(&used.second)),
                first if dependencies.iter().any(|known| spelt(&known.as_str())) => {
                    (first, EVERYWHERE.iter().chain(*crates).any(spelt))
                }
                _ => continue,
            };
            if !fits {
                wrong.push(format!("{path}:{}: {module} may not use `{ours}`", used.line));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn nobody_reaches_out_of_its_module() {
    let mut wrong = Vec::new();
    for path in files_under("src").iter().filter(|path| path.ends_with(".rs")) {
        let code = code(&text(path));
        let tests_from = code
            .lines()
            .position(|line| line.trim() == "mod tests {")
            .unwrap_or(usize::MAX);
        // `src/a/b.rs` is `a::b`: one `super` leads to `a`, two would leave it; `src/a/mod.rs` is `a` itself.
        let folders = path.matches('/').count() - 1;
        let depth = folders.saturating_sub(usize::from(path.ends_with("/mod.rs")));
        for used in paths(&code) {
            let allowed = depth + usize::from(used.line > tests_from);
            if used.supers > allowed {
                wrong.push(format!("{path}:{}: `super` leaves the module", used.line));
            }
            if used.first == "crate" && used.second.is_empty() {
                wrong.push(format!(
                    "{path}:{}: one `use crate::x::…` line for each module",
                    used.line
                ));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_architecture_page_shows_the_same_table() {
    let page = text("docs/architecture.md");
    for Layer(module, modules, crates) in LAYERS.iter().filter(|layer| layer.0 != "lib") {
        let modules = match modules {
            [] => "(nothing)".to_owned(),
            _ => modules.join(", "),
        };
        let row = format!("| {module} | {modules} | {} |", crates.join(", "));
        assert!(page.contains(&row), "docs/architecture.md lacks the row\n{row}");
    }
}
