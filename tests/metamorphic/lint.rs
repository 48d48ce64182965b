//! What `policy-lint` calls dead or of no use changes nothing when it is taken out.

use bucketproof::finding::Finding;
use bucketproof::iam::{ElementList, PolicyDocument};
use bucketproof::model::{PublicAccessBlock, Setting};
use bucketproof::rules::{Intent, Packs, Settings, evaluate};
use bucketproof::source::Span;

use super::generate::World;

/// The findings whose element may be taken out, each with the world without it.
pub fn without_what_is_useless(world: &World, packs: &Packs) -> Vec<(Finding, World)> {
    let settings = Settings::at(world.options.now);
    let evaluation =
        evaluate(packs, &Intent::default(), &settings, &world.inventory, &[]).expect("rules can be evaluated");
    let smaller = |finding: Finding| {
        let mut other = world.clone();
        let document = document_of(&mut other, &finding.resource)?;
        take_out(document, &finding).then_some((finding, other))
    };
    evaluation.findings.into_iter().filter_map(smaller).collect()
}

/// The world without Block Public Access: a statement that lets nobody in may still make a policy public to S3, and then
/// others are blocked [PUB-03].
pub fn without_blocks(world: &World) -> World {
    let mut world = world.clone();
    let inventory = &mut world.inventory;
    let off = || Setting::set(PublicAccessBlock::default(), Span::default());
    inventory
        .accounts
        .iter_mut()
        .for_each(|account| account.public_access_block = off());
    inventory
        .buckets
        .iter_mut()
        .for_each(|bucket| bucket.public_access_block = off());
    inventory
        .access_points
        .iter_mut()
        .for_each(|point| point.public_access_block = off());
    inventory
        .organization
        .iter_mut()
        .for_each(|organization| organization.s3_policies.clear());
    world
}

fn document_of<'a>(world: &'a mut World, arn: &str) -> Option<&'a mut PolicyDocument> {
    let inventory = &mut world.inventory;
    let buckets = inventory
        .buckets
        .iter_mut()
        .map(|bucket| (bucket.arn(), &mut bucket.policy));
    let points = inventory
        .access_points
        .iter_mut()
        .map(|point| (point.arn(), &mut point.policy));
    let roles = inventory.roles.iter_mut().map(|role| (role.arn(), &mut role.trust));
    let mut documents = buckets.chain(points).chain(roles);
    match documents.find(|(own, _)| own == arn)?.1 {
        Setting::Set(document) => Some(&mut document.value),
        Setting::Absent | Setting::Unknown(_) => None,
    }
}

/// Takes out what a finding points at, where that must not make a difference.
fn take_out(document: &mut PolicyDocument, finding: &Finding) -> bool {
    let span = finding.locations.primary.span;
    let within = |outer: Span| outer.start <= span.start && span.end <= outer.end;
    let Some(place) = document.statements.iter().position(|statement| within(statement.span)) else {
        return false;
    };
    let statement = &mut document.statements[place];
    match finding.rule.as_str().trim_start_matches("policy-lint/") {
        "contradictory-condition" | "redundant-statement" => {
            document.statements.remove(place);
        }
        "unknown-condition-key" | "absent-condition-key"
            if finding.message.contains("so the condition never holds") =>
        {
            document.statements.remove(place);
        }
        "unknown-condition-key" | "absent-condition-key"
            if finding.message.contains("so the condition always holds") =>
        {
            statement.conditions.retain(|condition| condition.span != span);
        }
        "redundant-condition" => statement.conditions.retain(|condition| condition.span != span),
        "unknown-action" | "misplaced-action" | "foreign-resource" | "deleted-principal" | "redundant-element"
        | "impossible-value" => {
            // A list that is empty means something else [POL-11], [POL-12].
            let lists = [Some(&mut statement.action), statement.resource.as_mut()];
            lists
                .into_iter()
                .flatten()
                .filter(|list| list.entries.len() > 1)
                .for_each(|list| without(list, span));
            if statement.principal.entries.len() > 1 {
                statement.principal.entries.retain(|entry| entry.span != span);
            }
            for condition in statement
                .conditions
                .iter_mut()
                .filter(|condition| condition.values.len() > 1)
            {
                condition.values.retain(|value| value.span != span);
            }
        }
        _ => return false,
    }
    true
}

fn without(list: &mut ElementList, span: Span) {
    list.entries.retain(|entry| entry.span != span);
}
