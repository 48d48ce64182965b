//! What the whole program costs, start to finish: CPU time of all its threads, user and system, and memory at its peak.
//!
//! Run by hand, `cargo bench --bench scale`, on Unix. It scans the quickstart, generated templates and snapshots. The peak
//! is that over all runs so far, which is what the system tells. `--estate FOLDER BUCKETS` only writes a snapshot.

mod estate;
mod templates;

use std::io;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, folder, buckets] = arguments.as_slice()
        && word == "--estate"
    {
        let buckets = buckets.parse().map_err(io::Error::other)?;
        return estate::write(folder.as_ref(), buckets);
    }
    // `cargo test --all-targets` runs benches as well.
    if arguments.iter().any(|argument| argument == "--bench") {
        measure::all()?;
    }
    Ok(())
}

#[cfg(not(unix))]
mod measure {
    use std::io;

    pub fn all() -> io::Result<()> {
        Err(io::Error::other("only Unix tells what a program has cost"))
    }
}

#[cfg(unix)]
mod measure {
    use nix::sys::resource::{Usage, UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    use std::io;
    use std::path::Path;
    use std::process::{Command, Stdio};

    use super::{estate, templates};

    pub fn all() -> io::Result<()> {
        println!("                    CPU, median  user + system  lowest   peak");
        let quickstart = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/quickstart");
        scans("quickstart", &quickstart, 51)?;
        let one = tempfile::tempdir()?;
        templates::root(one.path())?;
        scans("one .tf file", one.path(), 51)?;
        for (resources, runs) in [(1_000, 15), (10_000, 5)] {
            let folder = tempfile::tempdir()?;
            templates::template(folder.path(), resources)?;
            scans(&format!("template, {resources}"), folder.path(), runs)?;
        }
        for (roots, runs) in [(1_000, 7), (10_000, 3)] {
            let folder = tempfile::tempdir()?;
            templates::roots(folder.path(), roots)?;
            scans(&format!("{roots} roots"), folder.path(), runs)?;
        }
        for (buckets, runs) in [(1_000, 9), (10_000, 3)] {
            let folder = tempfile::tempdir()?;
            estate::write(folder.path(), buckets)?;
            scans(&format!("{buckets} buckets"), folder.path(), runs)?;
        }
        Ok(())
    }

    /// Scans a snapshot several times and prints what it took.
    fn scans(name: &str, snapshot: &Path, runs: usize) -> io::Result<()> {
        let costs = (0..runs).map(|_| scan(snapshot)).collect::<io::Result<Vec<_>>>()?;
        let mut costs: Vec<(i64, i64)> = costs;
        costs.sort_by_key(|(user, system)| user + system);
        let (lowest, median) = (costs.first().copied(), costs.get(runs / 2).copied());
        let (Some((least_user, least_system)), Some((user, system))) = (lowest, median) else {
            return Ok(());
        };
        let millis = |micros: i64| micros as f64 / 1_000.0;
        println!(
            "{name:<16} {:>11.1} ms {:>6.1} + {:<6.1} {:>5.1}  {:>3.0} MiB",
            millis(user + system),
            millis(user),
            millis(system),
            millis(least_user + least_system),
            peak_mib(&so_far()?),
        );
        Ok(())
    }

    /// Runs the program once: its CPU time in microseconds, user and system.
    fn scan(snapshot: &Path) -> io::Result<(i64, i64)> {
        let before = so_far()?;
        let status = Command::new(env!("CARGO_BIN_EXE_bucketproof"))
            .args(["scan", "--format", "json", "--fail-on", "never", "--allow-incomplete"])
            .arg(snapshot)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if !status.success() {
            return Err(io::Error::other(format!("the program ended with {status}")));
        }
        let after = so_far()?;
        let user = after.user_time() - before.user_time();
        let system = after.system_time() - before.system_time();
        Ok((user.num_microseconds(), system.num_microseconds()))
    }

    /// What all runs so far have taken.
    fn so_far() -> io::Result<Usage> {
        Ok(getrusage(UsageWho::RUSAGE_CHILDREN)?)
    }

    fn peak_mib(usage: &Usage) -> f64 {
        let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
        (usage.max_rss() * unit) as f64 / f64::from(1 << 20)
    }
}
