//! What one decision about a bucket costs, by the size of its policy, and what the hardest policies cost.
//!
//! `cargo bench --bench engine` prints a table. `cargo bench --bench engine -- DIR [COUNT]` writes ordinary policies and
//! what was decided about them into a folder instead, for `benches/compare_smt.py`.

use bucketproof::engine::{Estate, GrantEffect, Grantee, Options, ResourceAccess, Zone, bucket_access};
use bucketproof::iam::{AccountId, PolicyDocument, PolicyKind, Timestamp, parse_policy};
use bucketproof::model::{Account, Bucket, Inventory, ObjectOwnership, Setting};
use bucketproof::source::{FileId, Limits, Span, Spanned, Text, parse_json};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

mod policies;
use policies::{BUCKET, Dice, HARD, ordinary, usual_size};

/// Policies of each size.
const POLICIES: u64 = 2_000;

/// Policies of each hard family.
const HARD_POLICIES: u64 = 12;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|text| !text.starts_with("--"))
        .collect();
    match arguments.as_slice() {
        [] => table(),
        [folder, rest @ ..] => {
            let count = rest.first().and_then(|count| count.parse().ok()).unwrap_or(200);
            if let Err(error) = write(Path::new(folder), count) {
                println!("{folder}: {error}");
            }
        }
    }
}

fn table() {
    println!("time of one decision; of each policy the best of several runs, parsing excluded");
    println!(
        "{:<28} {:>8} {:>8} {:>10} {:>10} {:>10} {:>13} {:>10}",
        "policies", "count", "bytes", "median", "p99", "max", "indeterminate", "parsing"
    );
    let mix: Vec<String> = seeded(POLICIES, |dice| {
        let size = usual_size(dice);
        ordinary(dice, size)
    });
    row("realistic mix", &mix, 5);
    let mut medians = Vec::new();
    for size in [1_u32, 2, 5, 20, 100] {
        let count = if size < 20 { POLICIES } else { POLICIES / 5 };
        let texts = seeded(count, |dice| ordinary(dice, size as usize));
        medians.push((size, row(&format!("{size} statements"), &texts, 5)));
    }
    for (name, family) in HARD {
        let texts = seeded(HARD_POLICIES, family);
        row(name, &texts, 1);
    }
    let growth = medians.windows(2).filter_map(|pair| match pair {
        [(few, before), (many, after)] => {
            let exponent =
                (after.as_secs_f64() / before.as_secs_f64()).ln() / (f64::from(*many) / f64::from(*few)).ln();
            Some(format!("{few} to {many}: {exponent:.2}"))
        }
        _ => None,
    });
    println!(
        "growth of the median, as a power of the statements: {}",
        growth.collect::<Vec<_>>().join("; ")
    );
    if let Some(peak) = peak_memory() {
        println!("most memory at any time, all policies included: {peak}");
    }
}

fn seeded(count: u64, make: impl Fn(&mut Dice) -> String) -> Vec<String> {
    (1..=count).map(|seed| make(&mut Dice::new(seed))).collect()
}

/// Measures policies, prints a line about them and gives the median.
fn row(name: &str, texts: &[String], runs: usize) -> Duration {
    let mut parsing: Vec<Duration> = Vec::with_capacity(texts.len());
    let mut deciding: Vec<Duration> = Vec::with_capacity(texts.len());
    let mut undecided = 0;
    for text in texts {
        let (document, time) = best(runs, || document(text));
        parsing.push(time);
        let Some(document) = document else {
            println!("{name}: AWS would refuse {text}");
            continue;
        };
        let inventory = inventory(document);
        let (access, time) = best(runs, || decide(&inventory));
        deciding.push(time);
        undecided += usize::from(access.iter().any(|access| !access.indeterminate.is_empty()));
    }
    parsing.sort_unstable();
    deciding.sort_unstable();
    let at = |times: &[Duration], share: f64| -> Duration {
        let place = (times.len().saturating_sub(1) as f64 * share).round();
        times.get(place as usize).copied().unwrap_or_default()
    };
    let median = at(&deciding, 0.5);
    println!(
        "{name:<28} {:>8} {:>8} {:>10} {:>10} {:>10} {undecided:>13} {:>10}",
        texts.len(),
        texts.iter().map(String::len).sum::<usize>() / texts.len().max(1),
        shown(median),
        shown(at(&deciding, 0.99)),
        shown(at(&deciding, 1.0)),
        shown(at(&parsing, 0.5)),
    );
    median
}

fn shown(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        0.0..1_000.0 => format!("{micros:.1} us"),
        _ => format!("{:.2} ms", micros / 1e3),
    }
}

#[expect(clippy::disallowed_methods, reason = "measuring time is what a bench is for")]
fn best<T>(runs: usize, mut work: impl FnMut() -> T) -> (T, Duration) {
    let mut timed = || {
        let start = Instant::now();
        let result = std::hint::black_box(work());
        (result, start.elapsed())
    };
    let mut best = timed();
    for _ in 1..runs {
        let next = timed();
        if next.1 < best.1 {
            best = next;
        }
    }
    best
}

fn document(text: &str) -> Option<PolicyDocument> {
    let parsed = parse_json(&Text::new(FileId(0), text), Limits::default()).ok()?;
    parse_policy(&parsed.root, PolicyKind::Bucket).document.ok()
}

/// An account with one bucket that has this policy.
fn inventory(policy: PolicyDocument) -> Inventory {
    let owner = AccountId::from_number(111_122_223_333);
    Inventory {
        accounts: vec![Account {
            id: owner,
            ..Account::default()
        }],
        buckets: vec![Bucket {
            name: BUCKET.into(),
            account: owner,
            policy: set(policy),
            ownership: set(ObjectOwnership::BucketOwnerEnforced),
            ..Bucket::default()
        }],
        ..Inventory::default()
    }
}

fn set<T>(value: T) -> Setting<T> {
    Setting::Set(Spanned {
        value,
        span: Span::default(),
    })
}

fn decide(inventory: &Inventory) -> Vec<ResourceAccess> {
    let estate = Estate::new(inventory);
    let zone = Zone {
        accounts: inventory.accounts.iter().filter_map(|account| account.id).collect(),
        ..Zone::default()
    };
    // The first of December 2026.
    let options = Options::at(Timestamp(1_796_083_200_000));
    let buckets = inventory.buckets.iter();
    buckets
        .flat_map(|bucket| bucket_access(&estate.bucket(bucket), &zone, &options))
        .collect()
}

/// What the system says was the most memory in use.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().to_owned())
}

/// Writes policies, and for each how long the whole decision took and whether anonymous callers get in.
fn write(folder: &Path, count: u64) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut lines = String::new();
    let texts = seeded(count, |dice| {
        let size = usual_size(dice);
        ordinary(dice, size)
    });
    for (index, text) in texts.iter().enumerate() {
        let Some(document) = document(text) else { continue };
        let inventory = inventory(document);
        let (access, time) = best(5, || decide(&inventory));
        let anonymous = access
            .iter()
            .flat_map(|access| &access.grants)
            .any(|grant| grant.effect == GrantEffect::Effective && grant.grantee == Grantee::Anonymous);
        let file = format!("{index:04}.json");
        std::fs::write(folder.join(&file), text)?;
        let micros = time.as_secs_f64() * 1e6;
        let _ = writeln!(
            lines,
            r#"{{"file":"{file}","micros":{micros:.1},"anonymous":{anonymous}}}"#
        );
    }
    std::fs::write(folder.join("decided.jsonl"), lines)
}
