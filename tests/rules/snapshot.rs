//! Reads a case: a raw policy document, a template, or a folder in the shape of a CLI snapshot without the account level.
//!
//! Whatever has no account belongs to 111122223333.

use std::path::Path;

use bucketproof::ingest::{Attachment, Deployment, Request, assemble, discover, read as read_unit};
use bucketproof::model::{Account, Inventory, Setting};
use bucketproof::source::{Sources, UnknownReason};

const OWNER: &str = "111122223333";

/// The files and the model of a case.
pub fn read(path: &Path) -> (Sources, Inventory) {
    let owner = OWNER.parse().expect("an account id");
    let discovery = discover(&Request {
        paths: vec![path.to_owned()],
        attach: attachment(path),
        deployment: Deployment {
            account: Some(owner),
            ..Deployment::default()
        },
        ..Request::default()
    });
    let parts = discovery.units.iter().map(read_unit).collect();
    let mut ingested = assemble(discovery, parts);
    let inventory = &mut ingested.inventory;
    inventory.attribute(owner);
    if inventory.accounts.is_empty() {
        inventory.accounts.push(Account {
            id: Some(owner),
            public_access_block: Setting::unknown(UnknownReason::NotInInput, None),
            ..Account::default()
        });
    }
    (ingested.sources, ingested.inventory)
}

/// What a raw policy belongs to: one without resources is a trust policy. A template says so itself.
fn attachment(path: &Path) -> Option<Attachment> {
    if path.extension()? != "json" {
        return None;
    }
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if ["\"Resources\"", "\"planned_values\""]
        .iter()
        .any(|member| text.contains(member))
    {
        None
    } else if text.contains("\"Resource\"") {
        Some(Attachment::BucketPolicy("b".into()))
    } else {
        Some(Attachment::TrustPolicy("case".into()))
    }
}
