//! The snapshot reader: never a panic, and every place that is spoken of lies inside its file.
//!
//! The input is a run of files, each behind two zero bytes; its first byte says which file it is.
#![no_main]

use bucketproof::ingest::{Request, assemble, discover_texts, read};
use bucketproof::source::Span;
use libfuzzer_sys::fuzz_target;

const PATHS: &[&str] = &[
    "111122223333/s3/data/bucket-policy.json",
    "111122223333/s3/data/bucket-acl.json",
    "111122223333/s3/data/public-access-block.json",
    "111122223333/s3/data/bucket-ownership-controls.json",
    "111122223333/s3/data/bucket-tagging.json",
    "111122223333/s3/data/bucket-location.json",
    "111122223333/s3/data/bucket-encryption.json",
    "111122223333/s3/data/bucket-logging.json",
    "111122223333/s3/data/objects/1.json",
    "111122223333/s3/buckets.json",
    "111122223333/s3control/public-access-block.json",
    "111122223333/s3control/access-points/p/access-point.json",
    "111122223333/s3control/access-points/p/access-point-policy.json",
    "111122223333/iam/account-authorization-details.json",
    "organization/organization.json",
    "organization/accounts.json",
    "organization/policies.json",
    "loose/a.json",
    "loose/get-bucket-acl-data.json",
    "loose/config.json.gz",
    "demo/us-east-1/s3-get-bucket-policy/data",
    "demo/us-east-1/sts-get-caller-identity.json",
];

fuzz_target!(|data: &[u8]| {
    let mut files = Vec::new();
    let mut rest = data;
    while let Some((first, behind)) = rest.split_first() {
        let end = behind.windows(2).position(|pair| pair == [0, 0]).unwrap_or(behind.len());
        let path = PATHS[usize::from(*first) % PATHS.len()];
        files.push((path.to_owned(), behind[..end].to_vec()));
        rest = behind.get(end + 2..).unwrap_or_default();
    }
    let discovery = discover_texts("fuzz", files, &Request::default());
    let parts = discovery.units.iter().map(read).collect();
    let got = assemble(discovery, parts);
    let fits = |span: Span| {
        let file = got.sources.file(span.file).expect("a file");
        assert!(file.text().get(span.range()).is_some(), "{} {span:?}", file.path());
    };
    got.diagnostics.iter().filter_map(|said| said.span).for_each(fits);
    for bucket in &got.inventory.buckets {
        fits(bucket.span);
        bucket.policy.span().into_iter().for_each(fits);
        bucket.acl.span().into_iter().for_each(fits);
        let statements = bucket.policy.value().into_iter().flat_map(|policy| &policy.statements);
        statements.for_each(|statement| fits(statement.span));
    }
    got.inventory.roles.iter().for_each(|role| fits(role.span));
    got.inventory.access_points.iter().for_each(|point| fits(point.span));
});
