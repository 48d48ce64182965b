//! A Git repository made for a test, with a base commit and a branch.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A change of one file: a text that stands there once, and what takes its place.
pub type Edit<'e> = (&'e str, &'e str, &'e str);

/// A repository with the files of `base` on `main`, and a work tree on a branch of its own.
pub struct Repository {
    directory: tempfile::TempDir,
}

impl Repository {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        copy(&base(), directory.path());
        let repository = Self { directory };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.commit("the state that everybody agreed on");
        repository.git(&["checkout", "--quiet", "-b", "change"]);
        repository
    }

    /// The same with changes committed on the branch.
    pub fn with(edits: &[Edit<'_>]) -> Self {
        let repository = Self::new();
        for (path, from, to) in edits {
            repository.edit(path, from, to);
        }
        repository.commit("a change");
        repository
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path().join(path)).expect(path);
        assert_eq!(text.matches(from).count(), 1, "`{from}` stands once in {path}");
        self.write(path, &text.replace(from, to));
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a file lies in a directory")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// Git with no settings but these, and at a fixed time.
    pub fn git(&self, arguments: &[&str]) {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null")])
            .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com")])
            .envs([
                ("GIT_COMMITTER_NAME", "Ada"),
                ("GIT_COMMITTER_EMAIL", "ada@example.com"),
            ])
            .envs([
                ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"),
                ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z"),
            ])
            .output()
            .expect("git is there");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Runs the program in the work tree; `arguments` are separated by spaces.
    pub fn run(&self, arguments: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_bucketproof"))
            .args(arguments.split_whitespace())
            .args(["--now", "2026-01-01T00:00:00Z"])
            .current_dir(self.path())
            .env_clear()
            .output()
            .expect("the program starts")
    }

    /// What a run prints, with its exit status at the end.
    pub fn shown(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let status = output.status.code().expect("it ended by itself");
        format!("{}{}exit status {status}\n", text(&output.stdout), text(&output.stderr))
    }

    /// The findings of a run with this status, each as `path:line rule`, and the exit status.
    pub fn findings(&self, arguments: &str, status: &str) -> (Vec<String>, Option<i32>) {
        let output = self.run(&format!("scan {arguments} --format json"));
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        let found = report["findings"].as_array().expect("findings").iter();
        let found = found.filter(|finding| finding["status"] == status).map(|finding| {
            let place = &finding["locations"][0];
            let (file, rule) = (place["file"].as_str(), finding["rule"].as_str());
            format!(
                "{}:{} {}",
                file.unwrap_or_default(),
                place["line"],
                rule.unwrap_or_default()
            )
        });
        (found.collect(), output.status.code())
    }
}

fn base() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/walk/base")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => fs::copy(entry.path(), target).map(|_| ()).expect("a copy"),
        }
    }
}
