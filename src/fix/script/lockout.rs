use super::document::{Members, members};

/// Whether a policy may deny, without a condition, what it takes to replace it. In doubt it does.
pub(super) fn denies_policies(policy: &str) -> bool {
    let statement = members(policy).and_then(|mut policy| policy.remove("Statement"));
    let Some(statement) = statement else { return false };
    let statements = match serde_json::from_str::<Vec<Members>>(statement.get()) {
        Ok(list) => list,
        Err(_) => members(statement.get()).into_iter().collect(),
    };
    statements.iter().any(denies)
}

fn denies(statement: &Members) -> bool {
    let is_deny = statement.get("Effect").is_some_and(|effect| effect.get() == "\"Deny\"");
    if !is_deny || statement.contains_key("Condition") {
        return false;
    }
    let Some(action) = statement.get("Action") else {
        return true;
    };
    let one = |text: &str| serde_json::from_str(text).map(|action: String| vec![action]);
    let actions = serde_json::from_str(action.get()).or_else(|_| one(action.get()));
    actions.is_ok_and(|actions| actions.iter().any(|action| may_be(action)))
}

/// Whether what stands before the first wildcard of an action fits one that replaces a policy.
fn may_be(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    match action.split_once(['*', '?']) {
        Some((start, _)) => REPLACING.iter().any(|name| name.starts_with(start)),
        None => REPLACING.contains(&&*action),
    }
}

const REPLACING: [&str; 4] = [
    "s3:putbucketpolicy",
    "s3:deletebucketpolicy",
    "s3:putaccesspointpolicy",
    "s3:deleteaccesspointpolicy",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_of_the_way_back_is_seen() {
        let check = |statement: &str, expected: bool| {
            let policy = format!("{{\"Statement\": {statement}}}");
            assert_eq!(denies_policies(&policy), expected, "{statement}");
        };
        check(
            r#"[{"Effect": "Deny", "Action": ["s3:GetObject", "s3:PutBucket*"]}]"#,
            true,
        );
        check(r#"{"Effect": "Deny", "Action": "*"}"#, true);
        check(r#"{"Effect": "Deny", "NotAction": "s3:GetObject"}"#, true);
        check(r#"{"Effect": "Deny", "Action": "s3:GetObject*"}"#, false);
        check(r#"{"Effect": "Deny", "Action": "s3:*", "Condition": {}}"#, false);
        check(r#"{"Effect": "Allow", "Action": "s3:*"}"#, false);
    }
}
