use super::Query;
use crate::iam::Timestamp;

/// The question as queries of Athena, for logs that stay in AWS: the actions, and the sessions that were made.
///
/// The columns are those that the CloudTrail User Guide gives the table [CT-90].
pub fn athena(query: &Query, table: &str, from: Option<Timestamp>, to: Option<Timestamp>) -> String {
    let mut all = Vec::new();
    all.extend(any(who(query)));
    all.extend(any(places(query)));
    all.extend(any(addresses(query)));
    let mut times = Vec::new();
    times.extend(from.map(|from| format!("eventtime >= '{from}'")));
    times.extend(to.map(|to| format!("eventtime < '{to}'")));
    all.extend(times.iter().cloned());
    let table = identifier(table);
    let hits = format!("{ACTIONS}FROM {table}\n{}ORDER BY eventtime;\n", filter(&all));
    if !query.asks_who() {
        return hits;
    }
    let mut made = vec![
        "eventsource = 'sts.amazonaws.com'".to_owned(),
        "errorcode IS NULL".to_owned(),
    ];
    made.extend(any(who(query)));
    made.extend(times);
    format!(
        "-- What was done.\n{hits}\n-- Credentials that were made: ask again for each key.\n{SESSIONS}FROM {table}\n{}ORDER BY eventtime;\n",
        filter(&made)
    )
}

fn filter(all: &[String]) -> String {
    match all {
        [] => String::new(),
        _ => format!("WHERE {}\n", all.join("\n  AND ")),
    }
}

fn any(terms: Vec<String>) -> Option<String> {
    match terms.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(format!("({})", terms.join(" OR "))),
    }
}

fn who(query: &Query) -> Vec<String> {
    let keys = query
        .access_keys()
        .iter()
        .map(|key| format!("useridentity.accesskeyid = {}", text(key)));
    let principals = query.principals().iter().map(|principal| match principal.as_str() {
        // [CT-19]
        "anonymous" => "lower(useridentity.accountid) IN ('anonymous', 'anonymous_principal')".to_owned(),
        arn if arn.starts_with("arn:") => {
            let arn = text(arn);
            format!("(useridentity.arn = {arn} OR useridentity.sessioncontext.sessionissuer.arn = {arn})")
        }
        account => format!("useridentity.accountid = {}", text(account)),
    });
    keys.chain(principals).collect()
}

fn places(query: &Query) -> Vec<String> {
    let place = |(bucket, key): &(String, Option<String>)| {
        let parameter = |name: &str| format!("json_extract_scalar(requestparameters, '$.{name}')");
        let source = "url_decode(json_extract_scalar(requestparameters, '$[\"x-amz-copy-source\"]'))";
        let mut here = Vec::new();
        if bucket != "*" {
            here.push(format!("{} = {}", parameter("bucketName"), text(bucket)));
        }
        here.extend(key.as_deref().map(|key| compared(&parameter("key"), key)));
        let from = match key {
            Some(key) if bucket != "*" => compared(&format!("ltrim({source}, '/')"), &format!("{bucket}/{key}")),
            Some(key) => format!("{source} LIKE {} ESCAPE '\\'", text(&format!("%/{}", pattern(key)))),
            None => compared(&format!("ltrim({source}, '/')"), &format!("{bucket}/*")),
        };
        // The keys of this one are not logged [CT-85].
        let several = (key.is_some() && bucket != "*").then(|| {
            format!(
                "(eventname = 'DeleteObjects' AND {} = {})",
                parameter("bucketName"),
                text(bucket)
            )
        });
        let here = if here.is_empty() {
            "true".to_owned()
        } else {
            here.join(" AND ")
        };
        let all: Vec<String> = [Some(format!("({here})")), Some(from), several]
            .into_iter()
            .flatten()
            .collect();
        format!("({})", all.join(" OR "))
    };
    query.places().iter().map(place).collect()
}

fn compared(column: &str, asked: &str) -> String {
    if asked.ends_with('*') {
        format!("{column} LIKE {} ESCAPE '\\'", text(&pattern(asked)))
    } else {
        format!("{column} = {}", text(asked))
    }
}

/// A pattern of LIKE for a text in which a `*` at the end stands for anything.
fn pattern(asked: &str) -> String {
    let (prefix, any) = asked.strip_suffix('*').map_or((asked, ""), |prefix| (prefix, "%"));
    let mut escaped = String::new();
    for char in prefix.chars() {
        if matches!(char, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped + any
}

fn addresses(query: &Query) -> Vec<String> {
    let contains = |network: &ipnet::IpNet| {
        let network = text(&network.trunc().to_string());
        format!("contains({network}, try_cast(sourceipaddress AS ipaddress))")
    };
    query.networks().iter().map(contains).collect()
}

/// A text of SQL.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A name of SQL, quoted in its parts.
fn identifier(name: &str) -> String {
    let part = |part: &str| format!("\"{}\"", part.replace('"', "\"\""));
    name.split('.').map(part).collect::<Vec<_>>().join(".")
}

const ACTIONS: &str = "\
SELECT eventtime, eventid, eventname, useridentity.arn, useridentity.accountid, useridentity.accesskeyid, sourceipaddress,
       json_extract_scalar(requestparameters, '$.bucketName') AS bucket,
       json_extract_scalar(requestparameters, '$.key') AS object_key,
       json_extract_scalar(additionaleventdata, '$.bytesTransferredOut') AS bytes_out, errorcode
";

const SESSIONS: &str = "\
SELECT eventtime, eventid, eventname, useridentity.arn, useridentity.accesskeyid,
       json_extract_scalar(requestparameters, '$.roleArn') AS role,
       json_extract_scalar(responseelements, '$.credentials.accessKeyId') AS made
";
