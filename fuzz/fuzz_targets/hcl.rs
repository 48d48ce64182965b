//! Terraform roots: never a panic or a hang, and every place that is spoken of lies inside its file.
//!
//! The input is a run of files, each behind two zero bytes; its first byte says which file it is.
#![no_main]

use bucketproof::ingest::{Request, assemble, discover_texts, read};
use bucketproof::source::Span;
use libfuzzer_sys::fuzz_target;

const PATHS: &[&str] = &[
    "main.tf",
    "variables.tf",
    "main.tf.json",
    "terraform.tfvars",
    "a.auto.tfvars.json",
    "policy.json",
    "policy.tftpl",
    "modules/m/main.tf",
    "modules/m/more.tf",
    "other/main.tf",
    "plan.json",
    "terraform.tfstate",
    ".terraform/modules/modules.json",
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
        bucket.public_access_block.span().into_iter().for_each(fits);
        let statements = bucket.policy.value().into_iter().flat_map(|policy| &policy.statements);
        for statement in statements {
            fits(statement.span);
            statement.action.entries.iter().for_each(|entry| fits(entry.span));
            statement.principal.entries.iter().for_each(|entry| fits(entry.span));
        }
    }
    got.inventory.roles.iter().for_each(|role| fits(role.span));
    got.inventory.access_points.iter().for_each(|point| fits(point.span));
});
