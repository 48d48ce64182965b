//! Templates of any size, as people write them: the same for the same numbers.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// Writes so many Terraform roots, each a folder with a bucket, its block, its policy in one of three ways, and a role.
pub fn roots(folder: &Path, count: usize) -> io::Result<()> {
    for index in 0..count {
        let root = folder.join(format!("service-{index:05}"));
        fs::create_dir_all(&root)?;
        fs::write(root.join("main.tf"), root_file(index))?;
        fs::write(root.join("variables.tf"), VARIABLES)?;
    }
    Ok(())
}

/// Writes one Terraform file.
pub fn root(folder: &Path) -> io::Result<()> {
    fs::write(folder.join("main.tf"), format!("{}{VARIABLES}", root_file(0)))
}

/// Writes a CloudFormation template with about so many resources.
pub fn template(folder: &Path, resources: usize) -> io::Result<()> {
    let mut text = String::from(HEAD);
    for index in 0..resources / 4 {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}", of_template(index));
    }
    fs::write(folder.join("template.yaml"), text)
}

fn root_file(index: usize) -> String {
    let policy = match index % 3 {
        0 => "jsonencode({\n    Version   = \"2012-10-17\"\n    Statement = [\n      {\n        Effect    = \"Allow\"\n        Principal = { AWS = \"arn:aws:iam::${var.partner}:root\" }\n        Action    = [\"s3:GetObject\"]\n        Resource  = \"${aws_s3_bucket.this.arn}/*\"\n      },\n    ]\n  })".to_owned(),
        1 => "<<-EOF\n    {\"Version\": \"2012-10-17\", \"Statement\": [{\n      \"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:*\",\n      \"Resource\": [\"${aws_s3_bucket.this.arn}\", \"${aws_s3_bucket.this.arn}/*\"],\n      \"Condition\": {\"Bool\": {\"aws:SecureTransport\": \"false\"}}}]}\n  EOF".to_owned(),
        _ => "data.aws_iam_policy_document.this.json".to_owned(),
    };
    format!(
        r#"resource "aws_s3_bucket" "this" {{
  bucket = "${{var.prefix}}-data-{index}"
  tags   = merge(var.tags, {{ Name = "data-{index}" }})
}}

resource "aws_s3_bucket_public_access_block" "this" {{
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}}

resource "aws_s3_bucket_policy" "this" {{
  bucket = aws_s3_bucket.this.id
  policy = {policy}
}}

data "aws_iam_policy_document" "this" {{
  statement {{
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${{aws_s3_bucket.this.arn}}/*"]
    principals {{
      type        = "AWS"
      identifiers = [for name in var.readers : "arn:aws:iam::${{var.partner}}:role/${{name}}"]
    }}
    condition {{
      test     = "StringEquals"
      variable = "aws:SourceVpce"
      values   = [var.endpoint]
    }}
  }}
}}

resource "aws_iam_role" "this" {{
  name               = "service-{index}"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = {{ Service = "lambda.amazonaws.com" }}, Action = "sts:AssumeRole" }}]
  }})
}}
"#
    )
}

fn of_template(index: usize) -> String {
    format!(
        r#"  Bucket{index}:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${{Prefix}}-data-{index}"
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: true
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
  Policy{index}:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket{index}
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: Read
            Effect: Allow
            Principal:
              AWS: !Sub "arn:aws:iam::${{Partner}}:role/reader-{index}"
            Action: s3:GetObject
            Resource: !Sub "${{Bucket{index}.Arn}}/*"
  Role{index}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: lambda.amazonaws.com
            Action: sts:AssumeRole
  Queue{index}:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Join ["-", [!Ref Prefix, queue, "{index}"]]
"#
    )
}

const VARIABLES: &str = r#"
variable "prefix" {
  type    = string
  default = "acme"
}

variable "partner" {
  type = string
}

variable "endpoint" {
  type = string
}

variable "readers" {
  type    = list(string)
  default = ["etl", "reports"]
}

variable "tags" {
  type    = map(string)
  default = {}
}
"#;

const HEAD: &str = r#"AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Prefix:
    Type: String
    Default: acme
  Partner:
    Type: String
Resources:
"#;
