//! Hand-made results of a run on real small files: a bucket with a leak, one with an ACL, a role, and one with a hostile name.

use bucketproof::engine::{
    Assumption, Caller, Confinement, ConfinementKind, ConsoleLabel, Context, DocumentKind, Grant, GrantEffect,
    GrantSource, Grantee, Indeterminate, Request, Residual, Resource, ResourceAccess, ResourceKind, Sharing, Status,
};
use bucketproof::finding::{
    Finding, FindingStatus, Fingerprint, FingerprintParts, Location, Locations, Matter, PackInfo, RuleId, Severity,
};
use bucketproof::iam::{ActionId, Provider, find_action};
use bucketproof::report::{Format, InputLine, Report, Style, Tool, write_scan};
use bucketproof::source::{Diagnostic, DiagnosticSeverity, FileId, Placeholders, SourceFile, Sources, Span};

/// Everything that a report borrows.
pub struct Run {
    pub sources: Sources,
    pub resources: Vec<ResourceAccess>,
    pub findings: Vec<Finding>,
    pub diagnostics: Vec<Diagnostic>,
    pub incomplete: bool,
    pub placeholders: Placeholders,
}

/// A name that tries to colour the terminal and to read backwards.
pub const HOSTILE: &str = "evil\u{1b}[31m\u{202e}<script>";

const FILES: [(&str, &str); 6] = [
    (
        "prod/111122223333/s3/acme-reports/bucket-policy.json",
        include_str!("../data/report/bucket-policy.json"),
    ),
    (
        "prod/111122223333/s3control/public-access-block.json",
        include_str!("../data/report/public-access-block.json"),
    ),
    (
        "prod/111122223333/iam/deploy trust.json",
        include_str!("../data/report/trust-policy.json"),
    ),
    (
        "prod/111122223333/s3/uploads/bucket-acl.json",
        include_str!("../data/report/bucket-acl.json"),
    ),
    (
        "prod/111122223333/s3/old/public-access-block.json",
        include_str!("../data/report/broken.json"),
    ),
    (
        "prod/evil\u{1b}[31m.json",
        "{\"Name\": \"evil\u{1b}[31m\u{202e}<script>\"}\n",
    ),
];

impl Run {
    /// A run that found something of everything.
    pub fn full() -> Self {
        let mut run = Self::empty();
        run.resources = vec![run.reports(), run.uploads(), run.hostile_bucket(), run.role()];
        run.findings = run.all_findings();
        run.diagnostics = vec![
            Diagnostic::error(
                "bucketproof::source::truncated_json",
                run.at(4, "tru"),
                "the document ends in the middle of a value",
            )
            .with_help("the file is probably incomplete: export it again"),
            Diagnostic::new(
                DiagnosticSeverity::Warning,
                "bucketproof::ingest::not_recognized",
                "nothing in this file is known to bucketproof",
            )
            .in_path("prod/notes\u{1b}[2J.txt")
            .with_help("name its kind with `--kind`, or leave it out with `exclude`"),
            Diagnostic::new(
                DiagnosticSeverity::Note,
                "bucketproof::engine::doubt",
                "AWS does not document this",
            ),
        ];
        run.incomplete = true;
        run
    }

    /// A run that read the files and found nothing.
    pub fn empty() -> Self {
        let files = FILES.iter().map(|(path, text)| SourceFile::new(*path, *text));
        Self {
            sources: Sources::from_files(files.collect()),
            resources: Vec::new(),
            findings: Vec::new(),
            diagnostics: Vec::new(),
            incomplete: false,
            placeholders: Placeholders::default(),
        }
    }

    /// The report of the run.
    pub fn report(&self) -> Report<'_> {
        let input = |path: &str, kind: &str, status: &str| InputLine {
            path: path.into(),
            kind: kind.into(),
            status: status.into(),
        };
        Report {
            tool: Tool {
                version: "0.1.0".into(),
                packs: vec![PackInfo {
                    name: "s3".into(),
                    version: "0.1.0".into(),
                    sha256: "00".repeat(32),
                }],
            },
            time: "2026-01-31T12:00:00Z".parse().expect("a time"),
            inputs: vec![
                input(FILES[0].0, "cli-snapshot", "read"),
                input(FILES[4].0, "unknown", "refused"),
            ],
            resources: &self.resources,
            intended: Default::default(),
            findings: &self.findings,
            diagnostics: &self.diagnostics,
            sources: &self.sources,
            placeholders: &self.placeholders,
            incomplete: self.incomplete,
            fixes: std::collections::BTreeMap::new(),
        }
    }

    /// The span of a text in a file.
    pub fn at(&self, file: u32, text: &str) -> Span {
        let id = FileId(file);
        let start = self
            .sources
            .file(id)
            .and_then(|file| file.text().find(text))
            .expect(text);
        Span::new(id, start, start + text.len())
    }

    fn reports(&self) -> ResourceAccess {
        let public = Grant {
            open: true,
            conditions: vec![residual("Bool", "aws:SecureTransport", "true")],
            resources: vec!["arn:aws:s3:::acme-reports/reports/*".into()],
            sources: vec![self.source(DocumentKind::BucketPolicy, Some("PublicRead"), 1, 0)],
            ..grant(
                Grantee::Anonymous,
                &["s3:GetObject"],
                request(
                    Caller::Anonymous,
                    "s3:GetObject",
                    "arn:aws:s3:::acme-reports/reports/2026/q3.csv",
                    &[("aws:SecureTransport", "true"), ("aws:SourceIp", "203.0.113.7")],
                ),
            )
        };
        let backup = Grant {
            sources: vec![self.source(DocumentKind::BucketPolicy, Some("Backup"), 0, 0)],
            ..grant(
                Grantee::Principal("arn:aws:iam::444455556666:role/backup".into()),
                &["s3:ListBucket", "s3:GetObject"],
                request(
                    Caller::Aws(aws("arn:aws:iam::444455556666:role/backup")),
                    "s3:ListBucket",
                    "arn:aws:s3:::acme-reports",
                    &[("aws:PrincipalAccount", "444455556666")],
                ),
            )
        };
        ResourceAccess {
            status: Status {
                policy_public: Some(true),
                acl_public: Some(false),
                console: Some(ConsoleLabel::Public),
                sharing: Sharing::Public,
            },
            grants: vec![public, backup],
            ..access(ResourceKind::Bucket, "arn:aws:s3:::acme-reports", "acme-reports")
        }
    }

    fn uploads(&self) -> ResourceAccess {
        let blocked = Grant {
            effect: GrantEffect::Blocked,
            blocked_by: vec!["account:IgnorePublicAcls".into()],
            open: true,
            sources: vec![self.source(DocumentKind::BucketAcl, None, 0, 3)],
            ..grant(
                Grantee::AnyAwsAccount,
                &["s3:PutObject", "s3:DeleteObject"],
                request(
                    Caller::Aws(aws("arn:aws:iam::999988887777:user/stranger")),
                    "s3:PutObject",
                    "arn:aws:s3:::uploads/x",
                    &[],
                ),
            )
        };
        let fenced = Grant {
            confined_by: vec![Confinement {
                kind: ConfinementKind::Network,
                key: "aws:SourceVpce".into(),
                values: vec!["vpce-0a1b2c3d4e5f60718".into()],
            }],
            conditions: vec![residual("StringEquals", "aws:SourceVpce", "vpce-0a1b2c3d4e5f60718")],
            assumed: vec![Assumption {
                unknown: "the organization of account 444455556666 is not known".into(),
                span: None,
            }],
            sources: vec![self.source(DocumentKind::BucketAcl, None, 0, 3)],
            ..grant(
                Grantee::Anonymous,
                &["s3:GetObject"],
                request(
                    Caller::Anonymous,
                    "s3:GetObject",
                    "arn:aws:s3:::uploads/x",
                    &[("aws:SourceVpce", "vpce-0a1b2c3d4e5f60718")],
                ),
            )
        };
        ResourceAccess {
            status: Status {
                policy_public: None,
                acl_public: Some(true),
                console: Some(ConsoleLabel::ObjectsCanBePublic),
                sharing: Sharing::External,
            },
            grants: vec![fenced, blocked],
            indeterminate: vec![Indeterminate {
                reason: "the bucket's Block Public Access setting could not be read".into(),
                span: Some(self.at(4, "tru")),
            }],
            ..access(ResourceKind::Bucket, "arn:aws:s3:::uploads", "uploads")
        }
    }

    fn hostile_bucket(&self) -> ResourceAccess {
        let arn = format!("arn:aws:s3:::{HOSTILE}");
        let mut access = access(ResourceKind::Bucket, &arn, HOSTILE);
        access.resource.account = None;
        access
    }

    fn role(&self) -> ResourceAccess {
        let provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
        let federated = Grant {
            open: true,
            conditions: vec![residual(
                "StringLike",
                "token.actions.githubusercontent.com:sub",
                "repo:acme*",
            )],
            sources: vec![self.source(DocumentKind::TrustPolicy, None, 0, 2)],
            ..grant(
                Grantee::Federated(provider.into()),
                &["sts:AssumeRoleWithWebIdentity"],
                request(
                    Caller::Federated(Provider::from_text(provider).expect(provider)),
                    "sts:AssumeRoleWithWebIdentity",
                    "arn:aws:iam::111122223333:role/deploy",
                    &[(
                        "token.actions.githubusercontent.com:sub",
                        "repo:acme-stranger/x:ref:refs/heads/main",
                    )],
                ),
            )
        };
        ResourceAccess {
            grants: vec![federated],
            status: Status {
                policy_public: None,
                acl_public: None,
                console: None,
                sharing: Sharing::External,
            },
            ..access(
                ResourceKind::Role,
                "arn:aws:iam::111122223333:role/ci/deploy-production",
                "deploy-production",
            )
        }
    }

    fn all_findings(&self) -> Vec<Finding> {
        let public = Finding {
            witness: self.resources[0].grants.first().map(|grant| grant.witness.clone()),
            locations: Locations {
                primary: location(self.at(0, "\\\"*\\\""), "everyone"),
                secondary: vec![
                    location(self.at(1, "false\n    }"), "the account lets public policies work"),
                    location(self.at(0, "{\\\"Bool\\\":"), "this condition holds for every caller"),
                ],
            },
            references: vec!["Amazon S3 User Guide, Blocking public access".into()],
            ..finding(
                "s3/public-read",
                Severity::Critical,
                &self.resources[0],
                Some(0),
                "anyone on the internet can read objects of `acme-reports`",
                "name the principals that need it, or turn on Block Public Access",
            )
        };
        let oidc = Finding {
            witness: self.resources[3].grants.first().map(|grant| grant.witness.clone()),
            locations: Locations {
                primary: location(
                    self.at(2, "\"repo:acme*\""),
                    "also fits owners whose name begins with `acme`",
                ),
                secondary: vec![location(self.at(2, "\"Federated\""), "identities of this provider")],
            },
            ..finding(
                "iam-trust/oidc-any-repository",
                Severity::High,
                &self.resources[3],
                Some(0),
                "repositories of foreign owners can assume the role `deploy-production` through GitHub Actions",
                "end the owner with a slash: `repo:acme/*`",
            )
        };
        let latent = Finding {
            witness: self.resources[1].grants.get(1).map(|grant| grant.witness.clone()),
            locations: Locations {
                primary: location(self.at(3, "{\n            \"Grantee\""), "any AWS account may write"),
                secondary: vec![],
            },
            ..finding(
                "s3/latent-public",
                Severity::Low,
                &self.resources[1],
                Some(1),
                "any AWS account could write to `uploads`, were it not for account:IgnorePublicAcls",
                "remove the grant",
            )
        };
        let hostile = Finding {
            locations: Locations {
                primary: location(self.at(5, HOSTILE), "it is named so"),
                secondary: vec![],
            },
            ..finding(
                "s3-guardrails/bucket-block-off",
                Severity::Medium,
                &self.resources[2],
                None,
                &format!("the bucket `{HOSTILE}` has no Block Public Access of its own"),
                "turn it on",
            )
        };
        let suppressed = Finding {
            status: FindingStatus::Suppressed("published data set".into()),
            ..public.clone()
        };
        let intended = Finding {
            status: FindingStatus::Intended("yearly audit, ticket SEC-12".into()),
            ..latent.clone()
        };
        let known = Finding {
            status: FindingStatus::Baseline,
            ..latent.clone()
        };
        vec![public, oidc, hostile, latent, suppressed, intended, known]
    }

    fn source(&self, document: DocumentKind, sid: Option<&str>, index: u32, file: u32) -> GrantSource {
        let text = sid.map_or("\"Effect\"".to_owned(), |sid| format!("{{\\\"Sid\\\":\\\"{sid}"));
        let span = match document {
            DocumentKind::BucketAcl => self.at(file, "{\n            \"Grantee\""),
            _ => self.at(file, &text),
        };
        GrantSource {
            document,
            sid: sid.map(Into::into),
            index,
            span,
            focus: span,
        }
    }
}

fn aws(arn: &str) -> bucketproof::iam::AwsPrincipal {
    match bucketproof::iam::Principal::from_aws(arn) {
        Ok(bucketproof::iam::Principal::Aws(principal)) => principal,
        other => panic!("{arn}: {other:?}"),
    }
}

fn access(kind: ResourceKind, arn: &str, name: &str) -> ResourceAccess {
    ResourceAccess {
        resource: Resource {
            kind,
            arn: arn.into(),
            name: name.into(),
            account: Some("111122223333".parse().expect("12 digits")),
            when: Vec::new(),
            span: Span::new(FileId(0), 0, 1),
        },
        status: Status {
            policy_public: None,
            acl_public: None,
            console: (kind == ResourceKind::Bucket).then_some(ConsoleLabel::NotPublic),
            sharing: Sharing::NotShared,
        },
        grants: Vec::new(),
        indeterminate: Vec::new(),
    }
}

fn grant(grantee: Grantee, actions: &[&str], witness: Request) -> Grant {
    let id = |name: &&str| -> ActionId { find_action(name).expect(name).id };
    Grant {
        grantee,
        effect: GrantEffect::Effective,
        blocked_by: Vec::new(),
        outside_zone: true,
        open: false,
        confined_by: Vec::new(),
        actions: actions.iter().map(id).collect(),
        resources: vec![witness.resource.clone()],
        conditions: Vec::new(),
        assumed: Vec::new(),
        sources: Vec::new(),
        witness,
    }
}

fn request(caller: Caller, action: &str, resource: &str, keys: &[(&str, &str)]) -> Request {
    let mut context = Context::default();
    for (key, value) in keys {
        context.set(key, *value);
    }
    Request {
        caller,
        action: find_action(action).expect(action),
        resource: resource.into(),
        context,
    }
}

fn residual(operator: &str, key: &str, value: &str) -> Residual {
    Residual {
        operator: operator.into(),
        key: key.into(),
        values: vec![value.into()],
    }
}

fn location(span: Span, label: &str) -> Location {
    let label = label.into();
    Location { span, label }
}

fn finding(
    rule: &str,
    severity: Severity,
    access: &ResourceAccess,
    grant: Option<usize>,
    message: &str,
    remediation: &str,
) -> Finding {
    let rule: RuleId = rule.parse().expect(rule);
    let resource = access.resource.arn.clone();
    let fingerprint = Fingerprint::new(FingerprintParts {
        rule: &rule,
        resource: &resource,
        grant: grant.and_then(|index| access.grants.get(index)),
        detail: "",
    });
    Finding {
        fingerprint,
        title: rule.as_str().replace(['/', '-'], " "),
        rule,
        severity,
        message: message.into(),
        resource,
        when: Vec::new(),
        matter: Matter::Setting(String::new()),
        grant,
        locations: Locations {
            primary: location(access.resource.span, ""),
            secondary: Vec::new(),
        },
        witness: None,
        remediation: remediation.into(),
        references: Vec::new(),
        status: FindingStatus::New,
    }
}

/// What `scan` writes about a run.
pub fn scan(run: &Run, format: Format, style: Style) -> String {
    let mut out = Vec::new();
    write_scan(&run.report(), format, style, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("UTF-8")
}

/// A text as it is shown where there is no colour.
pub fn without_colour(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
