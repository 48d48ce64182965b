//! scratch
use bucketproof::engine::*;
use bucketproof::iam::*;
use bucketproof::model::*;
use bucketproof::source::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let trust = args.iter().any(|a| a == "--trust");
    let restrict = args.iter().any(|a| a == "--restrict");
    let text = std::fs::read_to_string(&args[1]).unwrap();
    let t = Text::new(FileId(0), &text);
    let parsed = parse_json(&t, Limits::default()).unwrap();
    let p = parse_policy(&parsed.root, if trust { PolicyKind::Trust } else { PolicyKind::Bucket });
    let doc = match p.document {
        Ok(d) => d,
        Err(e) => {
            println!("INVALID {e:#?}");
            return;
        }
    };
    let owner: Option<AccountId> = Some("111122223333".parse().unwrap());
    let mut inv = Inventory::default();
    inv.accounts.push(Account {
        id: owner,
        ..Default::default()
    });
    let span = doc.span;
    if trust {
        inv.roles.push(Role {
            name: "r".into(),
            path: "/".into(),
            account: owner,
            trust: Setting::set(doc, span),
            ..Default::default()
        });
    } else {
        inv.buckets.push(Bucket {
            name: "b".into(),
            account: owner,
            policy: Setting::set(doc, span),
            public_access_block: if restrict {
                Setting::set(PublicAccessBlock::ALL, span)
            } else {
                Setting::Absent
            },
            ..Default::default()
        });
    }
    let zone = Zone {
        accounts: owner.into_iter().collect(),
        ..Default::default()
    };
    let options = Options::at(Timestamp(1_790_000_000_000));
    let estate = Estate::new(&inv);
    let t0 = std::time::Instant::now();
    let n: u32 = args
        .iter()
        .position(|a| a == "--n")
        .map(|i| args[i + 1].parse().unwrap())
        .unwrap_or(1);
    let mut all = vec![];
    for _ in 0..n {
        all.clear();
        for b in &inv.buckets {
            all.extend(bucket_access(&estate.bucket(b), &zone, &options));
        }
        for r in &inv.roles {
            all.extend(role_access(&estate.role(r), &zone, &options));
        }
    }
    let el = t0.elapsed();
    for a in &all {
        println!("{:?} {} {:?}", a.resource.kind, a.resource.arn, a.status);
        for g in &a.grants {
            println!(
                "  {} {:?} {} open={} outside={} blocked_by={:?}",
                g.grantee.kind(),
                g.grantee.id(),
                g.effect.as_str(),
                g.open,
                g.outside_zone,
                g.blocked_by
            );
            println!(
                "     actions {} ({}) on {:?}",
                g.actions.len(),
                g.actions
                    .iter()
                    .take(3)
                    .map(|a| action(*a).unwrap().name)
                    .collect::<Vec<_>>()
                    .join(","),
                g.resources
            );
            for c in &g.conditions {
                println!("     cond {} {} {:?}", c.operator, c.key, c.values);
            }
            for c in &g.confined_by {
                println!("     confined {:?} {} {:?}", c.kind, c.key, c.values);
            }
            for c in &g.assumed {
                println!("     assumed {}", c.unknown);
            }
            println!(
                "     witness {} {} {} {:?}",
                g.witness.caller,
                g.witness.action.name,
                g.witness.resource,
                g.witness
                    .context
                    .iter()
                    .map(|(k, v)| format!("{}={:?}", k.name(), v))
                    .collect::<Vec<_>>()
            );
        }
        for i in &a.indeterminate {
            println!("  ? {}", i.reason);
        }
    }
    println!("{:?}", el / n);
}
