//! Damage, hostility and nothing at all: a clear error, and the rest of the scan intact.

use std::fs;
use std::io::Write;

use super::support::{bucket, codes, ingest, ingest_file, ingest_texts, paths, said, settings, statuses};

const GOOD: (&str, &str) = ("s3/good-data/bucket-acl.json", r#"{"Grants":[]}"#);

/// Reads a bad file beside a good one: what is unknown of the bad bucket, the codes, and that the good one is there.
fn check(file: &str, text: &[u8], line: usize, expected: &str, code: &str) {
    let path = format!("s3/bad-data/{file}");
    let got = ingest_texts(&[(GOOD.0, GOOD.1.as_bytes()), (&*path, text)]);
    assert!(bucket(&got, "good-data").acl.value().is_some());
    assert_eq!(settings(bucket(&got, "bad-data"))[line], expected, "{:?}", said(&got));
    assert!(codes(&got).contains(&code), "{:?}", said(&got));
    assert!(got.incomplete);
}

#[test]
fn damaged_files_make_settings_unknown() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":123456789012},"Action":"s3:*","Resource":"arn:aws:s3:::bad-data"}]}"#;
    check(
        "bucket-policy.json",
        br#"{"Policy":"{\"Ver"#,
        0,
        "policy unreadable",
        "source::truncated_json",
    );
    check(
        "bucket-policy.json",
        policy.as_bytes(),
        0,
        "policy invalid",
        "iam::invalid_policy",
    );
    let twice = policy
        .replace("123456789012", "\"123456789012\"")
        .replace(r#""Effect":"Allow","#, r#""Effect":"Allow","Effect":"Deny","#);
    check(
        "bucket-policy.json",
        twice.as_bytes(),
        0,
        "policy invalid",
        "iam::invalid_policy",
    );
    check(
        "bucket-policy.json",
        br#"{"Policy":"{}","Policy":"{}"}"#,
        0,
        "policy unreadable",
        "ingest::duplicate_key",
    );
    check(
        "bucket-policy.json",
        br#"{"Policy":"no JSON"}"#,
        0,
        "policy invalid",
        "ingest::not_a_policy",
    );
    check("bucket-policy.json", b"", 0, "policy unreadable", "ingest::empty");
    check(
        "bucket-policy.json",
        b"{}{}",
        0,
        "policy unreadable",
        "ingest::wrong_shape",
    );
    check(
        "bucket-policy.json",
        "[".repeat(100_000).as_bytes(),
        0,
        "policy unreadable",
        "source::too_deep",
    );
    check("bucket-acl.json", b"[]", 2, "acl unreadable", "ingest::wrong_shape");
    check(
        "bucket-acl.json",
        b"{\"Grants\":\"\xff\"}",
        2,
        "acl unreadable",
        "ingest::not_utf8",
    );
    check(
        "bucket-acl.json",
        b"\xff\xfe{\0}\0",
        2,
        "acl unreadable",
        "ingest::utf16",
    );
    check(
        "bucket-acl.json",
        b"\x1f\x8bnot gzip",
        2,
        "acl unreadable",
        "ingest::damaged_gzip",
    );
    let four = r#"{"PublicAccessBlockConfiguration":{"BlockPublicAcls":"yes"}}"#;
    check(
        "public-access-block.json",
        four.as_bytes(),
        3,
        "block unreadable",
        "ingest::wrong_shape",
    );
    check(
        "public-access-block.json",
        br#"{"BlockPublicAcls":true}"#,
        3,
        "block unreadable",
        "ingest::wrong_shape",
    );
    let owner = r#"{"OwnershipControls":{"Rules":[{"ObjectOwnership":"Nobody"}]}}"#;
    check(
        "bucket-ownership-controls.json",
        owner.as_bytes(),
        4,
        "ownership unreadable",
        "ingest::wrong_shape",
    );
}

/// What is wrong is told once: it is not called empty as well.
#[test]
fn a_wrong_entry_is_not_an_empty_list() {
    let policy = |principal: &str, resource: &str, value: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:*","Resource":{resource},"Condition":{{"StringEquals":{{"aws:username":{value}}}}}}}]}}"#
        );
        codes(&ingest_file("policy.json", &text, Some("bucket-policy:bad-data")))
    };
    let (everyone, objects, name) = (r#"{"AWS":"*"}"#, r#""arn:aws:s3:::bad-data/*""#, r#""x""#);
    assert_eq!(policy(everyone, objects, name), Vec::<&str>::new());
    for wrong in [
        policy(r#"{"AWS":123456789012}"#, objects, name),
        policy(r#"{"Federated":"*"}"#, objects, name),
        policy(everyone, r#""<bucket>""#, name),
        policy(everyone, objects, "{}"),
    ] {
        assert_eq!(wrong, ["iam::invalid_policy"]);
    }
    for empty in [
        policy("{}", objects, name),
        policy(r#"{"AWS":[]}"#, objects, name),
        policy(everyone, "[]", name),
        policy(everyone, objects, "[]"),
    ] {
        assert_eq!(empty, ["iam::doubtful_policy"]);
    }
}

#[test]
fn invalid_utf8_is_shown_at_its_byte() {
    let got = ingest_texts(&[("s3/bad-data/bucket-acl.json", b"{\n \"Grants\": \xc3\x28}")]);
    assert_eq!(
        said(&got),
        ["ingest::not_utf8 s3/bad-data/bucket-acl.json:2:12 byte 13 is no UTF-8 (0xc3)"]
    );
}

#[test]
fn broken_files_outside_of_a_snapshot_are_errors_where_they_may_be_ours() {
    for text in [
        r#"{"Statement":[{"Effect":"#,
        r#"{"Statement":[,]}"#,
        &"[".repeat(100_000),
    ] {
        let got = ingest_texts(&[GOOD, ("x/policy.json", text)]);
        assert!(got.incomplete && statuses(&got).contains(&"refused"), "{text:.40}");
        assert!(bucket(&got, "good-data").acl.value().is_some());
    }
    // `tsconfig.json` may have comments.
    let got = ingest_texts(&[GOOD, ("tsconfig.json", "// x\n{}")]);
    assert_eq!((got.incomplete, codes(&got)), (false, Vec::new()));
    let got = ingest_file("tsconfig.json", "// x\n{}", None);
    assert_eq!((got.incomplete, statuses(&got)), (true, vec!["refused"]));
}

#[test]
fn files_over_the_limit_are_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    fs::create_dir_all(at("s3/good-data")).expect("made");
    fs::create_dir_all(at("s3/bad-data")).expect("made");
    fs::write(at(GOOD.0), GOOD.1).expect("written");
    // 100 MB that cost no disk.
    let big = fs::File::create(at("s3/bad-data/bucket-policy.json")).expect("created");
    big.set_len(100_000_000).expect("sized");
    // A bomb: 65 MiB in 65 kB.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![b' '; 1 << 20]).expect("written");
    let member = encoder.finish().expect("finished");
    fs::write(at("s3/bad-data/bucket-acl.json.gz"), member.repeat(65)).expect("written");
    let got = ingest(&paths(&[directory.path()]));
    assert_eq!(
        codes(&got),
        ["ingest::too_large", "ingest::too_large"],
        "{:?}",
        said(&got)
    );
    let bad = settings(bucket(&got, "bad-data"));
    assert_eq!((&*bad[0], &*bad[2]), ("policy unreadable", "acl unreadable"));
    assert!(bucket(&got, "good-data").acl.value().is_some());
    assert_eq!(statuses(&got), ["incomplete", "refused", "refused"]);
}

#[test]
fn strange_names_are_data() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::NAME"}}"#;
    for name in ["\u{1b}[31mred\u{1b}[0m", "<script>alert(1)<", "a b", "ab"] {
        let path = format!("111122223333/s3/{name}/bucket-acl.json");
        let got = ingest_texts(&[(&*path, r#"{"Grants":[]}"#)]);
        assert_eq!(codes(&got), ["ingest::strange_name"], "{name:?}");
        assert!(bucket(&got, name).acl.value().is_some());
        assert!(!got.incomplete);
        // The content says that it is a bucket.
        let path = format!("111122223333/s3/{name}/bucket-policy.json");
        let text = policy.replace("NAME", &name.escape_default().to_string().replace("\\u{1b}", "\\u001b"));
        let got = ingest_texts(&[(&*path, text)]);
        assert_eq!(codes(&got), Vec::<&str>::new(), "{name:?} {:?}", said(&got));
    }
}

#[test]
fn nothing_to_read_is_said() {
    let directory = tempfile::tempdir().expect("a directory");
    let got = ingest(&paths(&[directory.path()]));
    assert_eq!(
        (codes(&got), statuses(&got)),
        (vec!["ingest::nothing_recognised"], vec!["not-recognised"])
    );
    assert_eq!(got.diagnostics[0].message, "the directory is empty");
    assert!(got.incomplete);

    fs::write(directory.path().join("package.json"), "{\"name\":1}").expect("written");
    fs::write(directory.path().join("main.rs"), "fn main() {}").expect("written");
    let got = ingest(&paths(&[directory.path()]));
    assert_eq!(codes(&got), ["ingest::nothing_recognised"]);
    let help = got
        .diagnostics
        .iter()
        .find_map(|said| said.help.as_deref())
        .unwrap_or_default();
    assert!(help.contains("bucket-policy.json"), "{help}");
    let notes = got
        .diagnostics
        .iter()
        .filter(|said| said.code == "bucketproof::ingest::not_recognised");
    assert_eq!(notes.count(), 2);

    let got = ingest(&paths(&[&directory.path().join("package.json")]));
    assert_eq!(
        (codes(&got), statuses(&got)),
        (vec!["ingest::nothing_recognised"], vec!["not-recognised"])
    );
    let got = ingest(&paths(&[&directory.path().join("missing")]));
    assert_eq!(
        (codes(&got), statuses(&got)),
        (vec!["ingest::not_found"], vec!["refused"])
    );
}

#[test]
fn many_unrelated_files_are_summarised() {
    let names: Vec<_> = (0..2000).map(|n| format!("src/{n}.json")).collect();
    let files: Vec<_> = names.iter().map(|name| (&**name, "{}")).chain([GOOD]).collect();
    let got = ingest_texts(&files);
    let [note] = &*got.diagnostics else {
        panic!("one note: {:?}", said(&got));
    };
    assert_eq!(note.message, "2000 files were not recognised, such as `src/0.json`");
    assert!(!got.incomplete);
}

#[test]
fn texts_without_a_place_are_dropped() {
    let refused = "An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: x";
    let got = ingest_texts(&[GOOD, ("s3/good-data/bucket-policy.json", refused), ("other.json", "{}")]);
    let kept: Vec<_> = (0..3)
        .map(|id| {
            got.sources
                .file(bucketproof::source::FileId(id))
                .is_some_and(|file| !file.text().is_empty())
        })
        .collect();
    assert_eq!(kept, [true, false, false]);
}
