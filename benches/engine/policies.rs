//! Bucket policies to measure with: ordinary ones in many sizes, and such as are meant to be hard.
//!
//! The same seed gives the same policy, on every machine.

use std::fmt::Write as _;

/// Name of the bucket that every policy is about.
pub const BUCKET: &str = "measured";

/// Most bytes of a bucket policy that AWS accepts.
const LARGEST: usize = 20_480;

/// Numbers that look random and are not.
pub struct Dice(u64);

impl Dice {
    /// The numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % end.max(1)
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from.get(self.below(from.len())).copied().unwrap_or_default()
    }

    fn account(&mut self) -> String {
        format!("{}", 210_987_654_000 + self.below(12))
    }

    fn prefix(&mut self) -> String {
        let team = self.pick(&["data", "web", "billing", "ml", "audit", "shared"]);
        format!("{team}/{}", self.below(40))
    }
}

/// How many statements an ordinary policy has: most have one or two.
pub fn usual_size(dice: &mut Dice) -> usize {
    match dice.below(200) {
        0..80 => 1,
        80..140 => 2,
        140..166 => 3,
        166..190 => 5,
        190..199 => 20,
        _ => 100,
    }
}

/// A policy of so many ordinary statements.
pub fn ordinary(dice: &mut Dice, statements: usize) -> String {
    policy((0..statements).map(|index| {
        // Fences stand once in a policy; what a large policy has more of is other accounts and prefixes.
        match dice.below(if index < 6 { 16 } else { 6 }) {
            0 | 1 => role(dice),
            2 => account(dice),
            3 => listing(dice),
            4 => log_delivery(dice),
            5 => distribution(dice),
            6..9 => TLS.to_owned(),
            9 => website(dice),
            10 => organization_fence(dice),
            11 => for_organization(dice),
            12 => endpoint_fence(dice),
            13 => addresses(dice),
            14 => encryption(),
            _ => trail(dice),
        }
    }))
}

/// A name, and a maker of policies.
pub type Family = (&'static str, fn(&mut Dice) -> String);

/// Families of policies of about 20 KB that are meant to be hard.
pub const HARD: &[Family] = &[
    ("overlapping globs", overlapping_globs),
    ("wide Deny ladder", deny_ladder),
    ("contains-globs on one key", contains_globs),
    ("policy variables", policy_variables),
    ("principals x conditions", principals_and_conditions),
    ("organizations x networks", organizations_and_networks),
    ("NotResource ladder", not_resource_ladder),
    ("conditions in one statement", many_conditions),
];

fn policy(statements: impl Iterator<Item = String>) -> String {
    let mut text = String::from(r#"{"Version":"2012-10-17","Statement":["#);
    for (index, statement) in statements.enumerate() {
        if text.len() + statement.len() + 3 > LARGEST {
            break;
        }
        if index > 0 {
            text.push(',');
        }
        text.push_str(&statement);
    }
    text.push_str("]}");
    text
}

fn statement(effect: &str, principal: &str, action: &str, resource: &str, condition: &str) -> String {
    let mut text = format!(r#"{{"Effect":"{effect}","Principal":{principal},"Action":{action},"Resource":{resource}"#);
    if !condition.is_empty() {
        let _ = write!(text, r#","Condition":{{{condition}}}"#);
    }
    text.push('}');
    text
}

fn objects(prefix: &str) -> String {
    format!(r#""arn:aws:s3:::{BUCKET}/{prefix}""#)
}

fn both() -> String {
    format!(r#"["arn:aws:s3:::{BUCKET}","arn:aws:s3:::{BUCKET}/*"]"#)
}

const EVERYONE: &str = r#""*""#;
const GET: &str = r#""s3:GetObject""#;
const ALL: &str = r#""s3:*""#;
const TLS: &str = r#"{"Sid":"Tls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::measured","arn:aws:s3:::measured/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;

fn role(dice: &mut Dice) -> String {
    let name = dice.pick(&["reader", "etl", "deploy", "backup", "analytics"]);
    let principal = format!(r#"{{"AWS":"arn:aws:iam::{}:role/{name}"}}"#, dice.account());
    let action = dice.pick(&[
        GET,
        r#"["s3:GetObject","s3:PutObject"]"#,
        r#"["s3:GetObject*","s3:PutObject","s3:DeleteObject"]"#,
    ]);
    statement(
        "Allow",
        &principal,
        action,
        &objects(&format!("{}/*", dice.prefix())),
        "",
    )
}

fn account(dice: &mut Dice) -> String {
    let principal = format!(r#"{{"AWS":"arn:aws:iam::{}:root"}}"#, dice.account());
    let action = dice.pick(&[r#"["s3:GetObject","s3:ListBucket"]"#, r#""s3:Get*""#, ALL]);
    statement("Allow", &principal, action, &both(), "")
}

fn listing(dice: &mut Dice) -> String {
    let principal = format!(r#"{{"AWS":"arn:aws:iam::{}:root"}}"#, dice.account());
    let condition = format!(r#""StringLike":{{"s3:prefix":"{}/*"}}"#, dice.prefix());
    statement(
        "Allow",
        &principal,
        r#""s3:ListBucket""#,
        &format!(r#""arn:aws:s3:::{BUCKET}""#),
        &condition,
    )
}

fn log_delivery(dice: &mut Dice) -> String {
    let source = dice.account();
    let condition = format!(
        r#""StringEquals":{{"aws:SourceAccount":"{source}"}},"ArnLike":{{"aws:SourceArn":"arn:aws:s3:::app-{}"}}"#,
        dice.below(50)
    );
    let service = r#"{"Service":"logging.s3.amazonaws.com"}"#;
    statement(
        "Allow",
        service,
        r#""s3:PutObject""#,
        &objects(&format!("{}/*", dice.prefix())),
        &condition,
    )
}

fn distribution(dice: &mut Dice) -> String {
    let condition = format!(
        r#""StringEquals":{{"AWS:SourceArn":"arn:aws:cloudfront::111122223333:distribution/E{}"}}"#,
        1_000_000 + dice.below(900_000)
    );
    statement(
        "Allow",
        r#"{"Service":"cloudfront.amazonaws.com"}"#,
        GET,
        &objects("*"),
        &condition,
    )
}

fn website(dice: &mut Dice) -> String {
    let prefix = dice.pick(&["*", "public/*", "assets/*"]);
    statement("Allow", EVERYONE, GET, &objects(prefix), "")
}

fn organization_fence(dice: &mut Dice) -> String {
    let condition = format!(
        r#""StringNotEqualsIfExists":{{"aws:PrincipalOrgID":"o-{:010}"}},"BoolIfExists":{{"aws:PrincipalIsAWSService":"false"}}"#,
        dice.below(3)
    );
    statement("Deny", EVERYONE, ALL, &both(), &condition)
}

fn for_organization(dice: &mut Dice) -> String {
    let condition = format!(r#""StringEquals":{{"aws:PrincipalOrgID":"o-{:010}"}}"#, dice.below(3));
    statement(
        "Allow",
        EVERYONE,
        r#"["s3:GetObject","s3:ListBucket"]"#,
        &both(),
        &condition,
    )
}

fn endpoint_fence(dice: &mut Dice) -> String {
    let condition = format!(r#""StringNotEquals":{{"aws:SourceVpce":"vpce-{:08}"}}"#, dice.below(5));
    statement("Deny", EVERYONE, ALL, &both(), &condition)
}

fn addresses(dice: &mut Dice) -> String {
    let condition = format!(
        r#""IpAddress":{{"aws:SourceIp":["203.0.113.{}/32","198.51.100.0/25"]}}"#,
        dice.below(200)
    );
    statement("Allow", EVERYONE, GET, &objects("*"), &condition)
}

fn encryption() -> String {
    let condition = r#""StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}"#;
    statement("Deny", EVERYONE, r#""s3:PutObject""#, &objects("*"), condition)
}

fn trail(dice: &mut Dice) -> String {
    let condition = format!(
        r#""StringEquals":{{"s3:x-amz-acl":"bucket-owner-full-control","aws:SourceArn":"arn:aws:cloudtrail:eu-west-1:{}:trail/main"}}"#,
        dice.account()
    );
    let service = r#"{"Service":"cloudtrail.amazonaws.com"}"#;
    statement("Allow", service, r#""s3:PutObject""#, &objects("AWSLogs/*"), &condition)
}

/// A word of a small alphabet, so that patterns overlap.
fn word(dice: &mut Dice, length: usize) -> String {
    (0..length).map(|_| dice.pick(&["a", "b", "c"])).collect()
}

/// A pattern such as `*ab*c?b*`.
fn glob(dice: &mut Dice) -> String {
    let (first, second) = (1 + dice.below(3), 1 + dice.below(3));
    let (first, second) = (word(dice, first), word(dice, second));
    let (open, middle, close) = (
        dice.pick(&["*", "", "?"]),
        dice.pick(&["*", "?", "*?"]),
        dice.pick(&["*", "*", "?*", ""]),
    );
    format!("{open}{first}{middle}{second}{close}")
}

fn globs(dice: &mut Dice, count: usize) -> String {
    let globs: Vec<String> = (0..count).map(|_| objects(&glob(dice))).collect();
    format!("[{}]", globs.join(","))
}

/// Some 300 globs over the same keys, most of them in Deny statements.
fn overlapping_globs(dice: &mut Dice) -> String {
    policy((0..400).map(|index| {
        let effect = if index % 5 < 2 { "Allow" } else { "Deny" };
        statement(effect, EVERYONE, GET, &globs(dice, 1 + index % 4), "")
    }))
}

/// One Allow, and Deny statements for everything unless one of several keys is right.
fn deny_ladder(dice: &mut Dice) -> String {
    let allow = statement("Allow", EVERYONE, ALL, &both(), "");
    let mut ladder = vec![allow];
    for index in 0..400 {
        let condition = match index % 4 {
            0 => format!(
                r#""StringNotLike":{{"aws:UserAgent":"{}","aws:Referer":"{}"}}"#,
                glob(dice),
                glob(dice)
            ),
            1 => format!(
                r#""StringLike":{{"aws:UserAgent":"{}"}},"StringNotEquals":{{"aws:SourceVpce":"vpce-{:08}"}}"#,
                glob(dice),
                dice.below(90)
            ),
            2 => format!(
                r#""NotIpAddress":{{"aws:SourceIp":"203.0.{}.0/24"}},"StringNotLike":{{"aws:Referer":"{}"}}"#,
                dice.below(200),
                glob(dice)
            ),
            _ => format!(
                r#""StringNotEquals":{{"aws:PrincipalAccount":"{}"}},"Bool":{{"aws:SecureTransport":"false"}}"#,
                dice.account()
            ),
        };
        ladder.push(statement("Deny", EVERYONE, ALL, r#""*""#, &condition));
    }
    policy(ladder.into_iter())
}

/// A key that must hold many words at once.
fn contains_globs(dice: &mut Dice) -> String {
    let mut statements = vec![statement("Allow", EVERYONE, GET, &objects("*"), "")];
    for _ in 0..400 {
        let condition = format!(r#""StringNotLike":{{"aws:UserAgent":"*{}*"}}"#, word(dice, 4));
        statements.push(statement("Deny", EVERYONE, GET, &objects("*"), &condition));
    }
    policy(statements.into_iter())
}

/// Patterns that hold what the caller says of itself.
fn policy_variables(dice: &mut Dice) -> String {
    const VARIABLES: &[&str] = &[
        "${aws:username}",
        "${aws:PrincipalTag/team}",
        "${aws:PrincipalTag/project}",
        "${aws:userid}",
        "${aws:PrincipalAccount}",
        "${aws:SourceVpce}",
        "${aws:PrincipalOrgID}",
    ];
    policy((0..400).map(|index| {
        let effect = if index % 3 == 1 { "Deny" } else { "Allow" };
        let (one, other) = (dice.pick(VARIABLES), dice.pick(VARIABLES));
        let resource = match index % 4 {
            0 => objects(&format!("home/{one}/*")),
            1 => objects(&format!("*{one}*{}", word(dice, 2))),
            2 => objects(&format!("{one}/{other}/*")),
            _ => objects("*"),
        };
        let condition = match index % 3 {
            0 => String::new(),
            1 => format!(r#""StringNotLike":{{"aws:UserAgent":"*{one}*"}}"#),
            _ => format!(r#""StringEquals":{{"aws:PrincipalTag/team":"{other}"}}"#),
        };
        statement(effect, EVERYONE, GET, &resource, &condition)
    }))
}

/// Many named principals, and conditions that treat each in a way of its own.
fn principals_and_conditions(dice: &mut Dice) -> String {
    policy((0..400).map(|index| {
        let arn = |dice: &mut Dice| format!(r#""arn:aws:iam::{}:role/r{}""#, dice.account(), dice.below(100));
        let principal = format!(r#"{{"AWS":[{},{},{}]}}"#, arn(dice), arn(dice), arn(dice));
        if index % 4 == 3 {
            let condition = format!(r#""ArnNotLike":{{"aws:PrincipalArn":[{},{}]}}"#, arn(dice), arn(dice));
            return statement("Deny", EVERYONE, GET, &globs(dice, 1), &condition);
        }
        let condition = format!(
            r#""StringLike":{{"aws:UserAgent":"{}"}},"IpAddress":{{"aws:SourceIp":"203.0.{}.0/24"}}"#,
            glob(dice),
            dice.below(200)
        );
        statement("Allow", &principal, GET, &globs(dice, 2), &condition)
    }))
}

/// Everything that couples keys at once: organizations, accounts, networks, access points, sources.
fn organizations_and_networks(dice: &mut Dice) -> String {
    policy((0..400).map(|index| {
        let effect = if index % 3 == 2 { "Deny" } else { "Allow" };
        let negated = if index % 3 == 2 { "Not" } else { "" };
        let condition = match index % 5 {
            0 => format!(
                r#""String{negated}Like":{{"aws:PrincipalOrgID":["o-{:010}","o-{}*"]}}"#,
                dice.below(90),
                word(dice, 2)
            ),
            1 => format!(
                r#""String{negated}Like":{{"aws:PrincipalAccount":["{}*","{}"],"aws:SourceVpc":"vpc-{:08}"}}"#,
                dice.below(90),
                dice.account(),
                dice.below(90)
            ),
            2 => format!(
                r#""String{negated}Equals":{{"aws:SourceAccount":"{}"}},"Arn{negated}Like":{{"aws:SourceArn":"arn:aws:sns:*:{}:*"}}"#,
                dice.account(),
                dice.account()
            ),
            3 => format!(
                r#""String{negated}Equals":{{"s3:DataAccessPointAccount":"{}"}},"Bool":{{"aws:ViaAWSService":"false"}}"#,
                dice.account()
            ),
            _ => format!(
                r#""Arn{negated}Like":{{"aws:PrincipalArn":"arn:aws:iam::{}:*/x{}"}},"Bool":{{"aws:MultiFactorAuthPresent":"true"}},"NumericLessThan":{{"aws:MultiFactorAuthAge":"{}"}}"#,
                dice.account(),
                dice.below(9),
                dice.below(9000)
            ),
        };
        statement(effect, EVERYONE, dice.pick(&[GET, ALL, r#""s3:List*""#]), &both(), &condition)
    }))
}

/// Deny statements that leave out some keys each, with one Allow for many.
fn not_resource_ladder(dice: &mut Dice) -> String {
    let mut statements = vec![statement("Allow", EVERYONE, GET, &objects("*"), "")];
    for _ in 0..400 {
        statements
            .push(statement("Deny", EVERYONE, GET, &globs(dice, 3), "").replace(r#""Resource""#, r#""NotResource""#));
    }
    policy(statements.into_iter())
}

/// Statements with a dozen conditions each, on keys that overlap.
fn many_conditions(dice: &mut Dice) -> String {
    policy((0..200).map(|index| {
        let effect = if index % 2 == 1 { "Deny" } else { "Allow" };
        let keys = [
            "aws:UserAgent",
            "aws:Referer",
            "aws:PrincipalTag/a",
            "aws:PrincipalTag/b",
        ];
        let operators = [
            "StringLike",
            "StringNotLike",
            "StringLikeIfExists",
            "StringNotLikeIfExists",
        ];
        let blocks: Vec<String> = operators
            .iter()
            .map(|operator| {
                let values: Vec<String> = keys
                    .iter()
                    .map(|key| format!(r#""{key}":["*{}*","{}"]"#, word(dice, 2), glob(dice)))
                    .collect();
                format!(r#""{operator}":{{{}}}"#, values.join(","))
            })
            .collect();
        statement(effect, EVERYONE, GET, &globs(dice, 1), &blocks.join(","))
    }))
}
