use bucketproof::finding::Severity;
use bucketproof::model::{Account, Inventory};
use bucketproof::rules::{Config, ConfigError, FailLevel, PackChoice};
use miette::Diagnostic;

use crate::given::{OTHER, OWNER, account};

/// The example of DESIGN section 8.
pub const EXAMPLE: &str = r#"
account = "111122223333"                # owner of templates
fail-on = "medium"
packs = ["s3", "iam-trust", "./security/rules"]
intent = ["intent/*.cedar"]
exclude = ["**/examples/**"]
[zone-of-trust]
accounts = ["111122223333"]
organizations = ["o-exampleorgid"]
networks = ["vpce-0a1b2c3d4e5f60718", "vpc-0a1b2c3d", "203.0.113.0/24"]   # grants confined to these stay inside
[[partner]]
account = "444455556666"
name = "auditor"
reason = "yearly audit, ticket SEC-12"
expires = 2027-03-31
[[suppress]]
rule = "s3/public-read"
resource = "arn:aws:s3:::open-data"
reason = "published data set"
expires = 2027-01-01
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse("bucketproof.toml", text)
}

#[test]
fn the_example_is_read_whole() {
    let config = parse(EXAMPLE).expect("the example");
    assert_eq!(config.account, Some(account(OWNER)));
    assert_eq!(config.fail_on, Some(FailLevel::At(Severity::Medium)));
    let folder = PackChoice::Folder {
        path: "./security/rules".into(),
        sha256: None,
    };
    let [s3, trust] = ["s3", "iam-trust"].map(|name| PackChoice::BuiltIn(name.into()));
    assert_eq!(config.packs, [s3, trust, folder]);
    assert_eq!((config.intent.len(), config.exclude.len()), (1, 1));
    assert_eq!(config.endpoints.len(), 2);
    assert_eq!(config.networks[0].to_string(), "203.0.113.0/24");
    let partner = &config.partners[0];
    assert_eq!((partner.account, partner.line), (account(OTHER), 12));
    assert_eq!(
        partner.expires.as_ref().map(ToString::to_string).as_deref(),
        Some("2027-03-31")
    );
    assert_eq!(
        (config.suppressions[0].rule.as_str(), config.suppressions[0].line),
        ("s3/public-read", 17)
    );
    assert_eq!(
        parse("").expect("nothing"),
        Config {
            path: "bucketproof.toml".into(),
            ..Config::default()
        }
    );
}

#[test]
fn given_accounts_are_ours_unless_the_zone_says_otherwise() {
    let inventory = Inventory {
        accounts: vec![
            Account {
                id: Some(account(OTHER)),
                ..Account::default()
            },
            Account::default(),
        ],
        ..Inventory::default()
    };
    let accounts = |text: &str| {
        let zone = parse(text).expect(text).zone(&inventory);
        zone.accounts.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(accounts(""), [OTHER]);
    assert_eq!(accounts("account = \"111122223333\""), [OWNER, OTHER]);
    assert_eq!(accounts("zone-of-trust.accounts = [\"111122223333\"]"), [OWNER]);
    assert_eq!(accounts("zone-of-trust.accounts = []"), Vec::<String>::new());
    let zone = parse(EXAMPLE).expect("the example").zone(&inventory);
    assert_eq!(
        (zone.organizations.len(), zone.endpoints.len(), zone.networks.len()),
        (1, 2, 1)
    );
}

/// Code, message and help of the mistake, and the text that its label points at.
fn check(text: &str, code: &str, message: &str, help: &str, pointed: &str) {
    let error = parse(text).expect_err(text);
    let label = error.labels().and_then(|mut labels| labels.next()).expect("a label");
    let contents = error
        .source_code()
        .expect("source")
        .read_span(label.inner(), 0, 0)
        .expect("a span inside")
        .data();
    assert_eq!(
        error.code().expect("a code").to_string(),
        format!("bucketproof::rules::{code}")
    );
    assert_eq!(error.to_string(), message);
    assert_eq!(error.help().map(|help| help.to_string()).unwrap_or_default(), help);
    assert_eq!(String::from_utf8_lossy(contents), pointed);
}

#[test]
fn unknown_keys_come_with_a_suggestion() {
    let code = "config_unknown_key";
    check(
        "fail_on = \"high\"",
        code,
        "unknown key `fail_on`",
        "did you mean `fail-on`?",
        "fail_on",
    );
    check(
        "[zone-of-trust]\nacounts = []",
        code,
        "unknown key `acounts`",
        "did you mean `accounts`?",
        "acounts",
    );
    check(
        "[[partner]]\naccount = \"444455556666\"\nreason = \"x\"\nuntil = 2027-01-01",
        code,
        "unknown key `until`",
        "known are `account`, `name`, `reason`, `expires`",
        "until",
    );
}

#[test]
fn values_that_mean_nothing_are_shown_where_they_are() {
    let bad =
        |text: &str, message: &str, help: &str, pointed: &str| check(text, "config_bad_value", message, help, pointed);
    let pack = "write the name of a built-in pack, a folder such as `\"./security/rules\"`, or \
                `{ path = \"…\", sha256 = \"…\" }` with the digest that `bucketproof rules check` prints";
    let pin = "{ path = \"rules\", sha256 = \"0123\" }";
    bad(&format!("packs = [\"s3\", {pin}]"), "this names no pack", pack, pin);
    let digits = "an account id has 12 digits, leading zeros included";
    bad("account = \"1111\"", "`1111` is no account id", digits, "\"1111\"");
    bad(
        "zone-of-trust.accounts = [\"x\"]",
        "`x` is no account id",
        digits,
        "\"x\"",
    );
    bad(
        "fail-on = \"hihg\"",
        "`hihg` is no level to fail on",
        "did you mean `high`?",
        "\"hihg\"",
    );
    bad(
        "fail-on = \"severe\"",
        "`severe` is no level to fail on",
        "write one of `critical`, `high`, `medium`, `low`, or `never`",
        "\"severe\"",
    );
    let network = "write the id of a VPC or VPC endpoint, or a range such as `203.0.113.0/24`";
    bad(
        "zone-of-trust.networks = [\"office\"]",
        "`office` is no network",
        network,
        "\"office\"",
    );
    bad(
        "zone-of-trust.networks = [\"vpc-xyz\"]",
        "`vpc-xyz` is no network",
        network,
        "\"vpc-xyz\"",
    );
    bad(
        "zone-of-trust.networks = [\"203.0.113.7/24\"]",
        "`203.0.113.7/24` has bits beyond its mask",
        "write `203.0.113.0/24` if the whole range is meant",
        "\"203.0.113.7/24\"",
    );
    bad(
        "zone-of-trust.organizations = [\"exampleorgid\"]",
        "`exampleorgid` is no organization id",
        "an organization id is `o-` and 10 to 32 lower-case letters or digits",
        "\"exampleorgid\"",
    );
    let suppress = |rule: &str, resource: &str, more: &str| {
        format!("[[suppress]]\nrule = \"{rule}\"\nresource = \"{resource}\"\n{more}")
    };
    bad(
        &suppress("public", "arn:aws:s3:::b", "reason = \"x\""),
        "`public` is no rule id",
        "a rule id is `pack/rule-name` in lower-case letters, digits and hyphens",
        "\"public\"",
    );
    bad(
        &suppress("s3/public-read", "b", "reason = \"x\""),
        "`b` is no ARN",
        "write `arn:aws:s3:::b` for a bucket; `*` and `?` are wildcards",
        "\"b\"",
    );
    bad(
        &suppress("s3/public-read", "*", "reason = \" \""),
        "the reason is empty",
        "say why, with a ticket",
        "\" \"",
    );
    bad(
        &suppress("s3/public-read", "*", "reason = \"x\"\nexpires = 2027-01-01T00:00:00Z"),
        "`2027-01-01T00:00:00Z` is no day",
        "write the last day on which it holds: `2027-01-31`",
        "2027-01-01T00:00:00Z",
    );
}

#[test]
fn broken_files_and_double_partners_are_errors() {
    let partner = "[[partner]]\naccount = \"444455556666\"\nreason = \"x\"\n";
    let error = parse(&partner.repeat(2)).expect_err("twice");
    assert_eq!(error.to_string(), "account 444455556666 is declared a partner twice");
    assert_eq!(error.labels().map(Iterator::count), Some(2));
    check(
        "account = 111122223333",
        "config_not_toml",
        "invalid type: integer `111122223333`, expected a string",
        "write it in quotes, account ids as well",
        "111122223333",
    );
    for text in [
        "account = ",
        "[zone-of-trust",
        "account = \"1\"\naccount = \"2\"",
        "[[suppress]]\nrule = \"a/b\"",
    ] {
        assert_eq!(
            parse(text).expect_err(text).code().expect("a code").to_string(),
            "bucketproof::rules::config_not_toml",
            "{text}"
        );
    }
}
