//! CloudFormation templates: what their expressions are, and what they declare.

use std::path::PathBuf;

use bucketproof::ingest::{Deployment, Ingested, Kind, Request};
use bucketproof::model::Bucket;

use super::support::{block, bucket, codes, ingest, ingest_file, ingest_texts, said, shown, statuses};

/// A template whose bucket has a tag with the value of an expression.
fn tagged(expression: &str, rest: &str) -> String {
    let head = "AWSTemplateFormatVersion: 2010-09-09\nTransform: [AWS::LanguageExtensions]\n";
    let bucket = "  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: b\n      Tags:\n";
    format!("{head}{rest}Resources:\n{OTHERS}{bucket}        - Key: k\n          Value: {expression}\n")
}

const OTHERS: &str = "
  Logs: {Type: AWS::S3::Bucket}
  Named: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub 'x-${AWS::StackName}'}}
  R: {Type: AWS::IAM::Role, Properties: {Path: /p/}}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}
  Idp: {Type: AWS::IAM::OIDCProvider, Properties: {Url: https://token.actions.githubusercontent.com}}
  Custom: {Type: Custom::Thing}
";

const SECTIONS: &str = "
Parameters:
  P: {Type: String, Default: 012345678901}
  Env: {Type: String, AllowedValues: [prod, dev, test]}
  List: {Type: CommaDelimitedList, Default: 'a, b,c'}
  Ssm: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}
  Unset: {Type: String}
Mappings:
  M:
    x: {one: '1', two: [a, b]}
    y: {one: '2', two: [a, b]}
Conditions:
  Always: !Equals [!Ref P, '012345678901']
  Never: !Not [!Condition Always]
  IsProd: !Equals [!Ref Env, prod]
  IsDev: {Fn::Equals: [{Ref: Env}, dev]}
  Both: !And [!Condition IsProd, Condition: IsDev]
";

/// The value of the tag, with the names of what is not known.
fn value(expression: &str) -> String {
    let got = ingest_file("t.yaml", &tagged(expression, SECTIONS), None);
    let tags = bucket(&got, "b").tags.value().expect(expression);
    let value = tags
        .get("k")
        .unwrap_or_else(|| panic!("{expression}: {:?}", said(&got)));
    got.inventory.placeholders.reveal(value).into_owned()
}

#[test]
fn expressions_have_values() {
    for (expression, expected) in [
        ("!Ref P", "012345678901"),
        ("{Ref: Unset}", "${Unset}"),
        ("!Ref Ssm", "${Ssm}"),
        ("!Ref Logs", "${Logs}"),
        ("!Ref Named", "x-${stack}"),
        ("!GetAtt Named.Arn", "arn:aws:s3:::x-${stack}"),
        ("{Fn::GetAtt: [R, Arn]}", "arn:aws:iam::${account}:role/p/${R}"),
        ("!Ref R", "${R}"),
        ("!Ref Topic", "arn:aws:sns:${region}:${account}:t"),
        (
            "!Ref Idp",
            "arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com",
        ),
        ("!GetAtt Custom.Value", "${Custom.Value}"),
        // [FMT-77], FX-T11
        (
            "!Sub 'arn:${AWS::Partition}:s3:::b/${!aws:username}/*'",
            "arn:aws:s3:::b/${aws:username}/*",
        ),
        ("arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/${aws:username}"),
        (
            "!Sub ['${v}-${P}-${Logs.Arn}', {v: !Ref Unset}]",
            "${Unset}-012345678901-arn:aws:s3:::${Logs}",
        ),
        (
            "!Join ['', ['a', !Ref P, !Ref AWS::NoValue, 1, true]]",
            "a0123456789011true",
        ),
        ("!Join ['/', !Ref List]", "a/b/c"),
        ("!Select [1, !Split [':', 'a:b:c']]", "b"),
        ("!Select ['5', !Split [':', !GetAtt R.Arn]]", "role/p/${R}"),
        ("!Select [0, !GetAZs '']", "${Select 0(GetAZs)}"),
        ("!FindInMap [M, x, one]", "1"),
        ("!FindInMap [M, !Ref Unset, one]", "${FindInMap(M.Unset.one)}"),
        ("!Join [',', !FindInMap [M, !Ref Unset, two]]", "a,b"),
        ("!FindInMap [M, z, one, {DefaultValue: d}]", "d"),
        ("!If [Always, a, b]", "a"),
        ("!If [Never, a, b]", "b"),
        ("!If [Both, a, b]", "b"),
        ("!ImportValue Elsewhere", "${ImportValue(Elsewhere)}"),
        ("!Sub '{{resolve:ssm:/x:1}}-${P}'", "${resolve:ssm:/x:1}-012345678901"),
        (
            "{Fn::ToJsonString: {a: [1, !Ref P, true]}}",
            r#"{"a":[1,"012345678901",true]}"#,
        ),
        ("!Base64 x", "${Base64}"),
        ("{Fn::Transform: {Name: M}}", "${Transform}"),
    ] {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn what_cloudformation_refuses_is_told() {
    let told = |expression: &str| codes(&ingest_file("t.yaml", &tagged(expression, SECTIONS), None));
    assert_eq!(told("!Sub '${aws:username}'"), ["ingest::policy_variable"]);
    assert_eq!(told("!FindInMap [M, z, one]"), ["ingest::undefined_name"]);
    assert_eq!(told("!Join [x]"), ["ingest::misused_function"]);
    assert_eq!(told("!Cidr2 x"), ["ingest::unknown_function"]);
    assert_eq!(told("!If [Nobody, a, b]"), ["ingest::undefined_name"]);
}

fn given(path: &str, text: &str, deployment: Deployment) -> Ingested {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join(path);
    std::fs::write(&file, text).expect("written");
    let parameters = deployment
        .parameters
        .into_iter()
        .map(|path| directory.path().join(path));
    let parameters: Vec<PathBuf> = parameters.collect();
    std::fs::write(
        directory.path().join("params.json"),
        r#"[{"ParameterKey":"Env","ParameterValue":"dev"},{"ParameterKey":"P","ParameterValue":"x"}]"#,
    )
    .expect("written");
    ingest(&Request {
        paths: vec![file],
        deployment: Deployment {
            parameters,
            ..deployment
        },
        ..Request::default()
    })
}

#[test]
fn parameters_and_the_account_are_given() {
    let deployment = Deployment {
        account: "111122223333".parse().ok(),
        parameters: vec!["params.json".into()],
        ..Deployment::default()
    };
    let text = tagged("!Sub '${Env}-${P}-${AWS::AccountId}-${R.Arn}'", SECTIONS);
    let got = given("t.yaml", &text, deployment.clone());
    let tags = bucket(&got, "b").tags.value().expect("tags");
    let value = got.inventory.placeholders.reveal(&tags["k"]).into_owned();
    assert_eq!(value, "dev-x-111122223333-arn:aws:iam::111122223333:role/p/${R}");
    assert!(codes(&got).is_empty());

    let refused = text.replace("[prod, dev, test]", "[prod, test]");
    assert_eq!(
        codes(&given("t.yaml", &refused, deployment.clone())),
        ["ingest::value_not_allowed"]
    );

    let missing = Deployment {
        parameters: vec!["nowhere.json".into()],
        ..deployment
    };
    let got = given("t.yaml", &text, missing);
    assert_eq!(codes(&got), ["ingest::not_found"]);
    assert!(got.incomplete);
}

/// Each outcome of a bucket: what decides, and the value of its tag.
fn outcomes(got: &Ingested, name: &str) -> Vec<String> {
    let buckets = got.inventory.buckets.iter();
    let found = buckets.filter(|bucket| &*got.inventory.placeholders.reveal(&bucket.name) == name);
    let line = |bucket: &Bucket| {
        let when = bucket.when.iter().map(|when| format!("{}={}", when.test, when.holds));
        let tag = bucket
            .tags
            .value()
            .and_then(|tags| tags.get("k"))
            .map_or("-", |value| value);
        format!(
            "{} {}",
            when.collect::<Vec<_>>().join(" "),
            got.inventory.placeholders.reveal(tag)
        )
    };
    let mut lines: Vec<_> = found.map(line).collect();
    lines.sort();
    lines
}

#[test]
fn conditions_that_are_not_known_make_outcomes() {
    // [FMT-79]
    let of = |expression: &str| outcomes(&ingest_file("t.yaml", &tagged(expression, SECTIONS), None), "b");
    assert_eq!(of("!If [IsProd, a, b]"), ["IsProd=false b", "IsProd=true a"]);
    assert_eq!(of("!If [IsProd, a, a]"), [" a"]);
    // The same parameter cannot be two things at once.
    assert_eq!(of("!If [Both, a, b]"), [" b"]);
    assert_eq!(
        of("!If [IsProd, a, !If [IsDev, b, c]]"),
        [
            "IsDev=false IsProd=false c",
            "IsDev=false IsProd=true a",
            "IsDev=true IsProd=false b"
        ]
    );
    // Whether there is a bucket at all makes no difference to who reaches it.
    let text = tagged("x", SECTIONS).replace("  B:\n", "  B:\n    Condition: IsProd\n");
    assert_eq!(outcomes(&ingest_file("t.yaml", &text, None), "b"), [" x"]);
    let text = tagged("x", SECTIONS).replace("  B:\n", "  B:\n    Condition: Never\n");
    assert!(outcomes(&ingest_file("t.yaml", &text, None), "b").is_empty());
}

#[test]
fn too_many_tests_are_told() {
    let names: Vec<String> = (0..6).map(|at| format!("C{at}")).collect();
    let parameters: String = names
        .iter()
        .map(|name| format!("  P{name}: {{Type: String}}\n"))
        .collect();
    let conditions: String = names
        .iter()
        .map(|name| format!("  {name}: !Equals [!Ref P{name}, x]\n"))
        .collect();
    let rest = format!("Parameters:\n{parameters}Conditions:\n{conditions}");
    let parts: Vec<String> = names.iter().map(|name| format!("!If [{name}, a, b]")).collect();
    let got = ingest_file(
        "t.yaml",
        &tagged(&format!("!Join ['', [{}]]", parts.join(", ")), &rest),
        None,
    );
    assert_eq!(codes(&got), ["ingest::too_many_tests"]);
    assert_eq!(outcomes(&got, "b").len(), 1);
}

#[test]
fn exports_are_imported_in_any_order() {
    let template = |resource: &str, outputs: &str| format!("Resources:\n{resource}\nOutputs:\n{outputs}\n");
    let first = tagged("!ImportValue Middle", "");
    let middle = template(
        "  T: {Type: AWS::SNS::Topic}",
        "  O: {Value: !Sub ['m-${v}', {v: !ImportValue End}], Export: {Name: Middle}}",
    );
    let end = template(
        "  L: {Type: AWS::EC2::VPCEndpoint}",
        "  O: {Value: !Ref L, Export: {Name: !Sub End}}",
    );
    let got = ingest_texts(&[("a.yaml", &first), ("b.yml", &middle), ("c.template", &end)]);
    assert_eq!(outcomes(&got, "b"), [" m-${L}"]);
}

#[test]
fn loops_are_written_out() {
    // [FMT-80]
    let text = "
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: 'one,two'}}
Resources:
  Fn::ForEach::Buckets:
    - Name
    - !Ref Names
    - Bucket${Name}:
        Type: AWS::S3::Bucket
        Properties: {BucketName: !Sub 'b-${Name}-${AWS::Region}', Tags: [{Key: k, Value: !Ref Name}]}
";
    let got = ingest_file("t.yaml", text, None);
    assert_eq!(outcomes(&got, "b-one-${region}"), [" one"]);
    assert_eq!(outcomes(&got, "b-two-${region}"), [" two"]);
    let unknown = text.replace(", Default: 'one,two'", "");
    assert_eq!(codes(&ingest_file("t.yaml", &unknown, None)), ["ingest::unknown_loop"]);
}

#[test]
fn json_and_yaml_are_one() {
    let json = r#"{"Resources":{"B":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":"b","Tags":[{"Key":"k","Value":
        {"Fn::Join":["",["x",{"Ref":"AWS::Region"}]]}}]}}}}"#;
    let got = ingest_file("t.json", json, None);
    assert_eq!(outcomes(&got, "b"), [" x${region}"]);
    assert_eq!(
        (statuses(&got), got.inputs[0].kind),
        (vec!["read"], Some(Kind::CloudFormation))
    );
    // A comma too many is no JSON, and YAML.
    let got = ingest_file("t.json", &json.replace("}}]}}}}", "},},],},},},}"), None);
    assert_eq!(outcomes(&got, "b"), [" x${region}"]);
}

#[test]
fn settings_of_a_bucket_are_read() {
    // [FMT-71], [FMT-72]
    let text = "
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: b
      AccessControl: PublicRead
      PublicAccessBlockConfiguration: {BlockPublicAcls: 'true', RestrictPublicBuckets: yes}
      OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
      VersioningConfiguration: {Status: Enabled}
      LoggingConfiguration: {DestinationBucketName: !Ref Logs}
      BucketEncryption:
        ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: aws:kms, KMSMasterKeyID: k}}]
  Logs: {Type: AWS::S3::Bucket, Properties: {BucketName: logs}}
  Bare: {Type: AWS::S3::Bucket, Properties: {BucketName: bare, AccessControl: !Ref Acl, PublicAccessBlockConfiguration: !Ref X}}
Parameters: {Acl: {Type: String}, X: {Type: String}}
";
    let got = ingest_file("t.yaml", text, None);
    let found = bucket(&got, "b");
    assert_eq!(shown(&found.public_access_block, block), "1001");
    assert_eq!(shown(&found.acl, |acl| acl.grants.len().to_string()), "1");
    assert_eq!(shown(&found.versioning, |found| found.enabled.to_string()), "true");
    assert_eq!(shown(&found.logging, |found| found.to_string()), "logs");
    assert_eq!(shown(&found.encryption, |found| found.algorithm.to_string()), "aws:kms");
    let logs = bucket(&got, "logs");
    assert_eq!(shown(&logs.public_access_block, block), "1111");
    let bare = bucket(&got, "bare");
    assert_eq!(shown(&bare.public_access_block, block), "not deployed");
    assert_eq!(shown(&bare.acl, |acl| acl.grants.len().to_string()), "not deployed");
}

#[test]
fn policies_find_their_bucket_and_point_at_their_lines() {
    let text = "
Resources:
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: '*'
            Action: [s3:GetObject]
            Resource: !Sub '${Data.Arn}/*'
  Data: {Type: AWS::S3::Bucket}
";
    let got = ingest_file("t.yaml", text, None);
    let [bucket] = &*got.inventory.buckets else {
        panic!("{:?}", said(&got));
    };
    let policy = bucket.policy.value().expect("a policy");
    let resource = &policy.statements[0].resource.as_ref().expect("a resource").entries[0];
    assert_eq!(
        got.inventory.placeholders.reveal(&resource.value.0),
        "arn:aws:s3:::${Data}/*"
    );
    assert_eq!(got.sources.start(resource.span).line, 13);
    assert!(codes(&got).is_empty(), "{:?}", said(&got));
}

#[test]
fn serverless_functions_have_roles() {
    // [FMT-76]
    let text = "
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Handler: x}}
  Own: {Type: AWS::Serverless::Function, Properties: {Role: arn:aws:iam::111122223333:role/r}}
  Open:
    Type: AWS::Serverless::Function
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: '*', Action: sts:AssumeRole}
  M: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: x}}
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: b, Tags: [{Key: k, Value: !GetAtt FRole.Arn}]}}
";
    let got = ingest_file("template.yaml", text, None);
    let shown = |text: &str| got.inventory.placeholders.reveal(text).into_owned();
    let mut roles: Vec<_> = got.inventory.roles.iter().map(|role| shown(&role.name)).collect();
    roles.sort();
    assert_eq!(roles, ["${FRole}", "${MRole}", "${OpenRole}"]);
    assert!(got.inventory.roles.iter().all(|role| role.trust.value().is_some()));
    assert_eq!(outcomes(&got, "b"), [" arn:aws:iam::${account}:role/${FRole}"]);
}

#[test]
fn other_yaml_is_not_ours() {
    let workflow = "on: push\njobs: {a: {runs-on: x}}\n";
    let template = tagged("x", "");
    let got = ingest_texts(&[(".github/w.yml", workflow), ("t.yaml", &template)]);
    assert!(got.diagnostics.is_empty() && !got.incomplete, "{:?}", got.diagnostics);
    let got = ingest_file("w.yml", workflow, None);
    assert_eq!(codes(&got), ["ingest::nothing_recognised"]);
    let broken = "Resources:\n  A: {{ x }}\n  B: AWS::S3::Bucket\n";
    let got = ingest_texts(&[("a.yaml", broken)]);
    assert_eq!((codes(&got), got.incomplete), (vec!["source::not_yaml"], true));
}

#[test]
fn names_that_lead_back_to_themselves_end() {
    let text = "
Resources:
  A: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${B}-a'}}
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${A}-b'}}
  C: {Type: AWS::S3::Bucket, Condition: Z, Properties: {BucketName: c}}
Conditions: {Z: !Not [!Condition Z]}
";
    let got = ingest_file("t.yaml", text, None);
    assert!(codes(&got).contains(&"ingest::circular_name"), "{:?}", said(&got));
    let conditions: String = (1..40)
        .map(|at| format!("  C{at}: !And [!Condition C{0}, !Condition C{0}]\n", at - 1))
        .collect();
    let rest = format!("Parameters: {{P: {{Type: String}}}}\nConditions:\n  C0: !Equals [!Ref P, x]\n{conditions}");
    let got = ingest_file("t.yaml", &tagged("!If [C39, a, b]", &rest), None);
    assert!(!outcomes(&got, "b").is_empty());
}

#[test]
fn texts_that_double_end() {
    let chain: String = (1..60)
        .map(|at| {
            format!(
                "  N{at}: {{Type: AWS::S3::Bucket, Properties: {{BucketName: !Sub '${{N{0}}}${{N{0}}}'}}}}\n",
                at - 1
            )
        })
        .collect();
    let text = format!("Resources:\n  N0: {{Type: AWS::S3::Bucket, Properties: {{BucketName: abc}}}}\n{chain}");
    let got = ingest_file("t.yaml", &text, None);
    assert!(!codes(&got).is_empty());
}

#[test]
fn a_logical_id_as_a_name_is_told() {
    let text = r#"{"Resources":{"B":{"Type":"AWS::S3::Bucket"},"Own":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":"Own"}},
        "P":{"Type":"AWS::S3::BucketPolicy","Properties":{"Bucket":"B","PolicyDocument":{"Version":"2012-10-17","Statement":[]}}},
        "Q":{"Type":"AWS::S3::BucketPolicy","Properties":{"Bucket":"Own","PolicyDocument":{"Version":"2012-10-17","Statement":[]}}}}}"#;
    let got = ingest_file("t.json", text, None);
    let told = codes(&got)
        .into_iter()
        .filter(|code| *code == "ingest::name_not_reference");
    assert_eq!(told.count(), 1, "{:?}", said(&got));
}

#[test]
fn values_that_a_parameter_allows_are_tried() {
    let text = "
Parameters:
  Open: {Type: String, AllowedValues: [true, false]}
  Env: {Type: String, AllowedValues: [prod, dev]}
Conditions:
  Other: !Equals [!Ref Env, test]
  IsOpen: !Equals [!Ref Open, 'true']
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: b
      Tags: [{Key: k, Value: !Sub '${Env}'}]
      PublicAccessBlockConfiguration: {BlockPublicPolicy: !If [IsOpen, false, true], BlockPublicAcls: !Ref Open}
  C: {Type: AWS::S3::Bucket, Condition: Other}
";
    let got = ingest_file("t.yaml", text, None);
    assert_eq!(
        outcomes(&got, "b"),
        ["Open = true=false ${Env}", "Open = true=true ${Env}"]
    );
    assert_eq!(got.inventory.buckets.len(), 2);
    let blocks: Vec<_> = got
        .inventory
        .buckets
        .iter()
        .map(|found| shown(&found.public_access_block, block))
        .collect();
    assert_eq!(blocks, ["1000", "0010"]);
}
