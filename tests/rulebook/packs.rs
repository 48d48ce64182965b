use bucketproof::rules::{Intent, PackErrors, PackFiles, Packs};
use miette::Diagnostic;

const PACK: &str = "name = \"own\"\nversion = \"1\"\n";
const RULE: &str =
    "title = \"T\"\nseverity = \"high\"\nmessage = \"{grantee} at {resource}\"\nremediation = \"R\"\nsince = \"1\"\n";
const POLICY: &str = "forbid (principal, action, resource) when { context.public };\n";
const SETTING: &str = "title = \"T\"\nseverity = \"low\"\nmessage = \"at {name}\"\nremediation = \"R\"\nsince = \"1\"\napplies-to = [\"bucket\"]\n";

fn files(files: &[(&str, &str)]) -> PackFiles {
    PackFiles {
        path: "pack".into(),
        files: files
            .iter()
            .map(|(path, text)| ((*path).into(), (*text).into()))
            .collect(),
        sha256: None,
    }
}

/// A pack with one rule of these files.
fn pack(rule: &str, policy: &str) -> Result<Packs, PackErrors> {
    let mut parts = vec![("pack.toml", PACK), ("r/rule.toml", rule), ("r/README.md", "page")];
    parts.extend(Some(("r/policy.cedar", policy)).filter(|(_, policy)| !policy.is_empty()));
    Packs::load(&[], vec![files(&parts)])
}

/// Code, message, help of the only mistake, and the text that its label points at.
fn mistake(result: Result<Packs, PackErrors>) -> (String, String, String, String) {
    let errors = result.expect_err("a mistake");
    assert_eq!(errors.0.len(), 1, "{errors:?}");
    let error = &errors.0[0];
    let label = error.labels().and_then(|mut labels| labels.next());
    let pointed = label.zip(error.source_code()).map(|(label, code)| {
        let contents = code.read_span(label.inner(), 0, 0).expect("a span inside the file");
        String::from_utf8_lossy(contents.data()).into_owned()
    });
    let code = error.code().expect("a code").to_string();
    let code = code.strip_prefix("bucketproof::rules::").expect("our code").to_owned();
    let help = error.help().map(|help| help.to_string()).unwrap_or_default();
    (code, error.to_string(), help, pointed.unwrap_or_default())
}

#[test]
fn a_pack_from_elsewhere_is_taken() {
    let packs = pack(RULE, POLICY).expect("a good pack");
    assert_eq!(packs.rules().len(), 1);
    assert_eq!(packs.rules()[0].id.as_str(), "own/r");
    assert_eq!(packs.info()[0].sha256.len(), 64);
    let more = Packs::load(&["s3".into()], vec![files(&[("pack.toml", PACK)])]).expect("two packs");
    assert_eq!(
        more.packs().iter().map(|pack| pack.name.as_str()).collect::<Vec<_>>(),
        ["s3", "own"]
    );
}

#[test]
fn a_pack_that_is_no_default_is_used_when_named() {
    let names = Packs::default_names().expect("manifests");
    let by_default = Packs::by_default().expect("built-in packs");
    assert_eq!(by_default.packs().len(), names.len());
    assert!(
        names.contains(&"s3".into()) && !names.contains(&"s3-hygiene".into()),
        "{names:?}"
    );
    let loaded = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let packs = Packs::load(&names, Vec::new()).expect("built-in packs");
        packs.packs().iter().map(|pack| pack.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(loaded(&["s3-hygiene"]), ["s3-hygiene"]);
    assert!(loaded(&["all"]).contains(&"s3-hygiene".into()));
    assert_eq!(loaded(&["all", "s3"]), loaded(&["all"]));
}

#[test]
fn the_digest_tells_versions_of_a_pack_apart_and_ignores_cases() {
    let digest = |extra: &[(&str, &str)]| {
        let parts = [&[("pack.toml", PACK)], extra].concat();
        Packs::load(&[], vec![files(&parts)]).expect("a pack").info()[0]
            .sha256
            .clone()
    };
    assert_eq!(digest(&[]), digest(&[("r/cases/bad-x.json", "{}")]));
    assert_ne!(digest(&[]), digest(&[("NOTES.md", "")]));
}

#[test]
fn mistakes_in_manifests_are_shown_where_they_are() {
    let check = |rule: &str, policy: &str, expected: (&str, &str, &str, &str)| {
        let found = mistake(pack(rule, policy));
        let found = (found.0.as_str(), found.1.as_str(), found.2.as_str(), found.3.as_str());
        assert_eq!(found, expected);
    };
    let with = |from: &str, to: &str| RULE.replace(from, to);
    check(
        &with("remediation", "remedation"),
        POLICY,
        (
            "unknown_key",
            "unknown key `remedation`",
            "did you mean `remediation`?",
            "remedation",
        ),
    );
    check(
        &with("\"high\"", "\"hihg\""),
        POLICY,
        (
            "bad_value",
            "there is no severity `hihg`",
            "did you mean `high`?",
            "\"hihg\"",
        ),
    );
    check(
        &with("{grantee}", "{grante}"),
        POLICY,
        (
            "unknown_placeholder",
            "unknown placeholder `{grante}`",
            "did you mean `grantee`?",
            "\"{grante} at {resource}\"",
        ),
    );
    check(
        &with("since = \"1\"", "since = 1"),
        POLICY,
        ("not_toml", "invalid type: integer `1`, expected a string", "", "1"),
    );
    let broken = mistake(pack(&with("severity = ", "severity "), POLICY));
    assert_eq!(
        (broken.0.as_str(), broken.1.as_str()),
        ("not_toml", "key with no value, expected `=`")
    );
    let missing = mistake(pack(&with("title = \"T\"\n", ""), POLICY));
    assert_eq!(
        (missing.0.as_str(), missing.1.as_str()),
        ("not_toml", "missing key `title`")
    );
    check(
        RULE,
        "",
        (
            "missing_file",
            "`pack/r/policy.cedar` is missing",
            "a rule about grants has `forbid` policies, a rule about settings has `select` in its rule.toml",
            "",
        ),
    );
}

#[test]
fn mistakes_in_policies_are_shown_where_they_are() {
    let syntax = mistake(pack(RULE, "forbid (principal, action, resource) whne { true };"));
    assert_eq!(
        (syntax.0.as_str(), syntax.3.as_str()),
        ("not_cedar", "whne"),
        "{syntax:?}"
    );
    let misspelt = mistake(pack(
        RULE,
        "forbid (principal, action, resource) when { context.pubic };",
    ));
    assert_eq!(misspelt.0, "not_valid");
    assert!(misspelt.1.starts_with("`own/r`: "), "{misspelt:?}");
    assert!(misspelt.2.contains("`public`"), "{misspelt:?}");
    assert!(misspelt.3.contains("context.pubic"), "{misspelt:?}");
    let wrong_word =
        r#"forbid (principal, action, resource) when { context.confined_by.contains(Confinement::"networks") };"#;
    let wrong = mistake(pack(RULE, wrong_word));
    assert_eq!(
        (wrong.0.as_str(), wrong.3.as_str()),
        ("not_valid", "Confinement::\"networks\"")
    );
    assert!(wrong.1.starts_with("`own/r`: entity `Confinement"), "{wrong:?}");
    let never = r#"forbid (principal, action == Action::"Read", resource is Role);"#;
    assert_eq!(mistake(pack(RULE, never)).0, "not_valid");
    let permit = mistake(pack(RULE, "permit (principal, action, resource);"));
    assert_eq!(
        (permit.0.as_str(), permit.1.as_str()),
        ("wrong_effect", "a `permit` in a pack")
    );
    let annotated = mistake(pack(RULE, &format!("@reason(\"x\") {POLICY}")));
    assert_eq!(annotated.0, "bad_annotation");
    let beside = mistake(pack(RULE, &format!("@beside(\"s3/public-read\") {POLICY}")));
    assert_eq!(
        (beside.0.as_str(), beside.1.as_str()),
        ("bad_annotation", "`@beside` means nothing in a rule")
    );
    let nowhere = mistake(pack(&format!("{RULE}place = \"nowhere\"\n"), POLICY));
    assert!(nowhere.1.contains("`grant` or `fence`"), "{nowhere:?}");
    let empty = mistake(pack(RULE, "// nothing yet"));
    assert_eq!(
        (empty.0.as_str(), empty.1.as_str()),
        ("not_cedar", "the file holds no policy")
    );
    let template = mistake(pack(RULE, "forbid (principal == ?principal, action, resource);"));
    assert_eq!(template.0, "not_cedar");
}

#[test]
fn mistakes_in_queries_are_shown_where_they_are() {
    let select = |query: &str| pack(&format!("{SETTING}select = \"{query}\"\n"), "");
    select("$.bucket.public_access_block").expect("a good query");
    let nested = mistake(select("$.bucket[?@[?@>1]]"));
    assert_eq!(
        (nested.0.as_str(), nested.3.as_str()),
        ("bad_query", "\"$.bucket[?@[?@>1]]\"")
    );
    assert_eq!(mistake(select("$.bucket[")).0, "bad_query");
    let both = mistake(pack(&format!("{SETTING}select = \"$.bucket\"\n"), POLICY));
    assert_eq!((both.0.as_str(), both.3.as_str()), ("bad_value", "\"$.bucket\""));
    let kind = mistake(pack(
        &format!(
            "{}select = \"$.bucket\"\n",
            SETTING.replace("[\"bucket\"]", "[\"buckets\"]")
        ),
        "",
    ));
    assert_eq!(
        (kind.0.as_str(), kind.2.as_str()),
        ("bad_value", "did you mean `bucket`?")
    );
    let grantee = mistake(pack(
        &format!("{}select = \"$.bucket\"\n", SETTING.replace("{name}", "{grantee}")),
        "",
    ));
    assert_eq!(grantee.0, "unknown_placeholder");
}

#[test]
fn packs_and_rules_have_one_name() {
    let twice = Packs::load(
        &["s3".into()],
        vec![files(&[
            ("pack.toml", "name = \"s3\"\nversion = \"1\"\n"),
            ("public-read/rule.toml", RULE),
            ("public-read/README.md", ""),
            ("public-read/policy.cedar", POLICY),
        ])],
    );
    let found = mistake(twice);
    assert_eq!(found.0, "duplicate_rule");
    assert!(
        found.1.contains("`rules/s3/public-read`") && found.1.contains("`pack/public-read`"),
        "{found:?}"
    );
    let unknown = mistake(Packs::load(&["iam-trus".into()], Vec::new()));
    assert_eq!(
        (unknown.0.as_str(), unknown.2.as_str()),
        ("no_such_pack", "did you mean `iam-trust`?")
    );
    let name = mistake(Packs::load(
        &[],
        vec![files(&[("pack.toml", PACK), ("Bad_Name/rule.toml", RULE)])],
    ));
    assert_eq!(
        (name.0.as_str(), name.1.as_str()),
        ("bad_name", "`pack/Bad_Name` is no name for a pack or rule")
    );
    let none = mistake(Packs::load(&[], vec![files(&[("r/rule.toml", RULE)])]));
    assert_eq!(
        (none.0.as_str(), none.1.as_str()),
        ("missing_file", "`pack/pack.toml` is missing")
    );
}

#[test]
fn mistakes_in_intent_are_shown_where_they_are() {
    let mistake = |text: &str| mistake(Intent::parse(&[("i.cedar".into(), text.into())]).map(|_| Packs::default()));
    let permit = "permit (principal, action, resource);";
    assert_eq!(mistake(permit).1, "`@reason` is missing");
    assert_eq!(mistake(&format!("@reason(\" \") {permit}")).1, "`@reason` is missing");
    let annotation = mistake(&format!("@reason(\"x\") @expire(\"2027-01-01\") {permit}"));
    assert_eq!(
        (annotation.0.as_str(), annotation.2.as_str()),
        ("bad_annotation", "did you mean `expires`?")
    );
    assert_eq!(
        mistake(&format!("@reason(\"x\") @expires(\"soon\") {permit}")).1,
        "`@expires(\"soon\")` is no date"
    );
    assert_eq!(
        mistake("@reason(\"x\") forbid (principal, action, resource);").0,
        "wrong_effect"
    );
    let bucket = mistake("@reason(\"x\") permit (principal, action, resource == Buckett::\"b\");");
    assert_eq!(bucket.0, "not_valid");
}
