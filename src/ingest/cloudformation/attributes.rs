/// How names and ARNs of a type of resource are made.
struct Kind {
    name: &'static str,
    /// The property that names it, where it can be named.
    name_property: Option<&'static str>,
    /// What each attribute is; the empty one is what `Ref` gives.
    attributes: &'static [(&'static str, &'static str)],
}

/// What an attribute of a resource is, with `{name}`, `{account}` and the like for what the resource has.
pub(super) fn form(kind: &str, attribute: &str) -> Option<&'static str> {
    let known = KINDS.iter().find(|known| known.name == kind);
    let known = known.and_then(|known| known.attributes.iter().find(|(name, _)| *name == attribute));
    known
        .map(|(_, form)| *form)
        .or(attribute.is_empty().then_some(IDENTITY))
}

/// The property that names a resource of this type.
pub(super) fn name_property(kind: &str) -> Option<&'static str> {
    KINDS.iter().find(|known| known.name == kind)?.name_property
}

/// A name or id that AWS makes up.
pub(super) const IDENTITY: &str = "{id}";

macro_rules! kinds {
    ($($name:literal $property:expr, { $($attribute:literal: $form:literal),* $(,)? })*) => {
        &[$(Kind { name: $name, name_property: $property, attributes: &[$(($attribute, $form)),*] }),*]
    };
}

/// The types that policies speak of [FMT-75]; of every other one both `Ref` and attributes are not known.
const KINDS: &[Kind] = kinds! {
    "AWS::S3::Bucket" Some("BucketName"), {
        "": "{name}", "Arn": "arn:{partition}:s3:::{name}", "DomainName": "{name}.s3.amazonaws.com",
        "DualStackDomainName": "{name}.s3.dualstack.{region}.amazonaws.com",
        "RegionalDomainName": "{name}.s3.{region}.amazonaws.com",
        "WebsiteURL": "http://{name}.s3-website-{region}.amazonaws.com",
    }
    "AWS::S3::AccessPoint" Some("Name"), {
        "": "{name}", "Name": "{name}", "Arn": "arn:{partition}:s3:{region}:{account}:accesspoint/{name}",
    }
    "AWS::IAM::Role" Some("RoleName"), {
        "": "{name}", "Arn": "arn:{partition}:iam::{account}:role{path}{name}",
    }
    "AWS::IAM::User" Some("UserName"), {
        "": "{name}", "Arn": "arn:{partition}:iam::{account}:user{path}{name}",
    }
    "AWS::IAM::Group" Some("GroupName"), {
        "": "{name}", "Arn": "arn:{partition}:iam::{account}:group{path}{name}",
    }
    "AWS::IAM::InstanceProfile" Some("InstanceProfileName"), {
        "": "{name}", "Arn": "arn:{partition}:iam::{account}:instance-profile{path}{name}",
    }
    "AWS::IAM::ManagedPolicy" Some("ManagedPolicyName"), {
        "": "arn:{partition}:iam::{account}:policy{path}{name}",
        "PolicyArn": "arn:{partition}:iam::{account}:policy{path}{name}",
    }
    "AWS::IAM::OIDCProvider" None, {
        "": "arn:{partition}:iam::{account}:oidc-provider/{url}",
        "Arn": "arn:{partition}:iam::{account}:oidc-provider/{url}",
    }
    "AWS::IAM::SAMLProvider" Some("Name"), {
        "": "arn:{partition}:iam::{account}:saml-provider/{name}",
        "Arn": "arn:{partition}:iam::{account}:saml-provider/{name}",
    }
    "AWS::Lambda::Function" Some("FunctionName"), {
        "": "{name}", "Arn": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    }
    "AWS::Serverless::Function" Some("FunctionName"), {
        "": "{name}", "Arn": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    }
    "AWS::StepFunctions::StateMachine" Some("StateMachineName"), {
        "": "arn:{partition}:states:{region}:{account}:stateMachine:{name}", "Name": "{name}",
        "Arn": "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
    }
    "AWS::Serverless::StateMachine" Some("Name"), {
        "": "arn:{partition}:states:{region}:{account}:stateMachine:{name}", "Name": "{name}",
        "Arn": "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
    }
    "AWS::SNS::Topic" Some("TopicName"), {
        "": "arn:{partition}:sns:{region}:{account}:{name}", "TopicName": "{name}",
        "TopicArn": "arn:{partition}:sns:{region}:{account}:{name}",
    }
    "AWS::SQS::Queue" Some("QueueName"), {
        "QueueName": "{name}", "Arn": "arn:{partition}:sqs:{region}:{account}:{name}",
    }
    "AWS::CloudTrail::Trail" Some("TrailName"), {
        "": "{name}", "Arn": "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}",
    }
    "AWS::CloudFront::Distribution" None, { "": "{id}", "Id": "{id}" }
    "AWS::CloudFront::CloudFrontOriginAccessIdentity" None, { "": "{id}", "Id": "{id}" }
    "AWS::CodeBuild::Project" Some("Name"), {
        "": "{name}", "Arn": "arn:{partition}:codebuild:{region}:{account}:project/{name}",
    }
    "AWS::CodePipeline::Pipeline" Some("Name"), { "": "{name}" }
    "AWS::DynamoDB::Table" Some("TableName"), {
        "": "{name}", "Arn": "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
    }
    "AWS::Events::Rule" Some("Name"), {
        "": "{name}", "Arn": "arn:{partition}:events:{region}:{account}:rule/{name}",
    }
    "AWS::KMS::Key" None, {
        "": "{id}", "KeyId": "{id}", "Arn": "arn:{partition}:kms:{region}:{account}:key/{id}",
    }
    "AWS::Logs::LogGroup" Some("LogGroupName"), {
        "": "{name}", "Arn": "arn:{partition}:logs:{region}:{account}:log-group:{name}:*",
    }
    "AWS::KinesisFirehose::DeliveryStream" Some("DeliveryStreamName"), {
        "": "{name}", "Arn": "arn:{partition}:firehose:{region}:{account}:deliverystream/{name}",
    }
    "AWS::EC2::VPC" None, { "": "{id}", "VpcId": "{id}" }
    "AWS::EC2::VPCEndpoint" None, { "": "{id}", "Id": "{id}" }
};
