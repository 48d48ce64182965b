//! Tests that need the corpus of public test data: where it is missing they are shown as ignored, not as passed.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

/// Where the corpus may lie: beside the repository, or beside the folder of its worktrees.
fn corpus() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = ["../shared/corpus", "../../shared/corpus"];
    places.iter().map(|place| here.join(place)).find(|place| place.is_dir())
}

/// A test over the corpus.
pub fn trial(name: &str, test: fn(&Path)) -> Trial {
    let corpus = corpus();
    let missing = corpus.is_none();
    let trial = Trial::test(name, move || match &corpus {
        Some(corpus) => {
            test(corpus);
            Ok(())
        }
        None => Err("the corpus is not here".into()),
    });
    trial.with_ignored_flag(missing)
}
