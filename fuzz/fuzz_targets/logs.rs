//! The readers of logs: never a panic, whatever the bytes; the first byte says whether a filter looks at them first.
#![no_main]

use bucketproof::incident::{Collector, Query, partial};
use bucketproof::ingest::{LogFilter, log_of_bytes, read_log};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else {
        return;
    };
    let filter = match first % 3 {
        0 => LogFilter::default(),
        1 => LogFilter::default().named(["PutBucketPolicy", "GetObject"]),
        _ => LogFilter::default().with_text(["acme"]),
    };
    let mut query = Query::default();
    query.principal("anonymous").expect("it is one");
    query.access_key("AKIAIOSFODNN7EXAMPLE").expect("it is one");
    let mut collector = Collector::new(query.clone(), 10);
    let mut seen = 0_u64;
    let outcome = read_log(&log_of_bytes("a.json", bytes), &filter, &mut |event| {
        seen += 1;
        partial(&event, &query).into_iter().for_each(|one| collector.add(one));
    });
    let _ = collector.follow_up();
    let trace = collector.finish();
    assert!(trace.total.events <= seen);
    assert!(outcome.diagnostics.len() <= 2);
});
