//! Lines of S3 server access logs.

use bucketproof::model::ApiEvent;

use crate::logs::{problem, read, sound};

const LINE: &str = r#"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be acme [06/Feb/2019:01:00:38 +0100] 203.0.113.7 - 3E57427F3EXAMPLE REST.GET.OBJECT a%2520b/c%C3%A9 "GET /acme/a%20b/c HTTP/1.1" 200 - 113 113 7 6 "-" "curl/7.15.1" v1 s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= - - - acme.s3.us-west-1.amazonaws.com TLSV1.2 - Yes"#;

fn line(changes: &[(&str, &str)]) -> ApiEvent {
    let text = changes.iter().fold(LINE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    sound(text.as_bytes()).remove(0)
}

/// CT-T18 [SAL-01], [SAL-02].
#[test]
fn a_line_of_an_access_log_is_an_event() {
    let event = line(&[]);
    assert!(event.actor.is_anonymous());
    assert_eq!((&*event.name, &*event.service), ("GetObject", "s3.amazonaws.com"));
    assert_eq!(event.time.to_string(), "2019-02-06T00:00:38Z");
    assert_eq!((event.error.as_deref(), event.bytes_out), (None, Some(113)));
    assert_eq!(event.user_agent.as_deref(), Some("curl/7.15.1"));
    assert!(event.acl_required);
    let parameters = event.parameters.as_deref();
    assert_eq!(
        parameters,
        Some(r#"{"bucketName":"acme","key":"a b/cé","versionId":"v1"}"#)
    );
}

/// [SAL-02], [SAL-03], [SAL-04].
#[test]
fn requesters_and_operations_are_told() {
    let of = |requester: &str| line(&[(" - 3E5", &format!(" {requester} 3E5"))]).actor;
    let role = of("arn:aws:sts::111122223333:assumed-role/deploy/ci");
    assert_eq!((role.session_name(), role.is_anonymous()), (Some("ci"), false));
    assert_eq!(role.account.map(|id| id.to_string()).as_deref(), Some("111122223333"));
    let canonical = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
    assert_eq!(of(canonical).principal_id.as_deref(), Some(canonical));
    assert_eq!(
        of("svc:logging.s3.amazonaws.com").invoked_by.as_deref(),
        Some("logging.s3.amazonaws.com")
    );
    assert!(line(&[("1234= - - -", "1234= SigV4 AES128 QueryString")]).is_presigned());
    let denied = line(&[(" 200 - ", " 403 AccessDenied ")]);
    assert_eq!(denied.error.as_deref(), Some("AccessDenied"));
    assert_eq!(
        &*line(&[("REST.GET.OBJECT a%2520b/c%C3%A9", "REST.PUT.ACL -")]).name,
        "PutBucketAcl"
    );
    assert_eq!(
        &*line(&[("REST.GET.OBJECT", "S3.EXPIRE.OBJECT")]).name,
        "S3.EXPIRE.OBJECT"
    );
}

/// [SAL-01], [SAL-06].
#[test]
fn quotes_and_other_lengths_are_no_obstacle() {
    let quoted = line(&[("curl/7.15.1", "a\" b \"c"), ("c HTTP/1.1", "c?a=\" 7 HTTP/1.1")]);
    assert_eq!(quoted.user_agent.as_deref(), Some("a\" b \"c"));
    assert_eq!(quoted.bytes_out, Some(113));
    let old = LINE.split(" v1 ").next().expect("a line");
    assert_eq!(sound(old.as_bytes()).len(), 1);
    assert_eq!(sound(format!("{LINE} new fields\n{LINE}\n").as_bytes()).len(), 2);
    let (events, _) = read(format!("{LINE}\nnonsense\n{LINE}\n").as_bytes());
    assert_eq!(events.len(), 2);
    assert!(problem(format!("{LINE}\nnonsense\n").as_bytes()).contains("record 2"));
}
