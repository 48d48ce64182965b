//! The names that configurations and requests are made of: few, so that they meet.

pub const OWN: &str = "111122223333";
pub const OTHER: &str = "444455556666";
pub const THIRD: &str = "555566667777";
pub const STRANGER: &str = "999988887777";
/// A value that is not known before deployment: a placeholder.
pub const UNKNOWN: &str =
    "\u{e000}\u{e001}\u{e002}\u{e003}\u{e004}\u{e005}\u{e006}\u{e007}\u{e008}\u{e009}\u{e00a}\u{e00b}";

/// Canonical ids: of the owner, of [`OTHER`] (known to the input), of nobody known.
pub const OWN_CANONICAL: &str = "1111111111111111111111111111111111111111111111111111111111111111";
pub const OTHER_CANONICAL: &str = "4444444444444444444444444444444444444444444444444444444444444444";
pub const LOST_CANONICAL: &str = "5555555555555555555555555555555555555555555555555555555555555555";
pub const ANONYMOUS_CANONICAL: &str = "65a011a29cdf8ec533ec3d1ccaae921c";

pub const BUCKET: &str = "arn:aws:s3:::b";
pub const ACCESS_POINT: &str = "arn:aws:s3:us-east-1:111122223333:accesspoint/ap";
pub const ROLE: &str = "arn:aws:iam::111122223333:role/r";

pub const PRINCIPALS: &[&str] = &[
    "arn:aws:iam::444455556666:role/x",
    "arn:aws:iam::444455556666:user/alice",
    "arn:aws:iam::555566667777:role/ops/y",
    "arn:aws:iam::111122223333:user/bob",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:sts::444455556666:assumed-role/x/deploy",
    "arn:aws:sts::555566667777:federated-user/f",
];

pub const ACCOUNTS: &[&str] = &[OTHER, THIRD, OWN, UNKNOWN];
pub const SERVICES: &[&str] = &[
    "cloudtrail.amazonaws.com",
    "logging.s3.amazonaws.com",
    "sns.amazonaws.com",
];
pub const ORIGIN_ACCESS_IDENTITY: &str = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE";
pub const UNIQUE_ID: &str = "AROAEXAMPLE1234567890";

pub const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteObject",
    "s3:PutBucketAcl",
    "s3:GetObjectAcl",
    "s3:GetBucketLocation",
    "s3:ListBucketVersions",
    "s3:DeleteObjectVersion",
    "s3:PutObjectTagging",
];

pub const KEYS: &[&str] = &["k", "a/k", "a/b/c", "pub/x", "alice/x", "ab", "a:b"];

pub const GITHUB: &str = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
pub const SAML: &str = "arn:aws:iam::111122223333:saml-provider/idp";
pub const COGNITO: &str = "cognito-identity.amazonaws.com";
