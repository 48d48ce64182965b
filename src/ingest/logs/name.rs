use crate::iam::{AccountId, Timestamp};

/// What the name of a file that CloudTrail delivered says about it [CT-01].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LogName<'a> {
    pub account: AccountId,
    pub region: &'a str,
    /// When it was delivered: nothing in it is later.
    pub delivered: Timestamp,
}

impl<'a> LogName<'a> {
    /// Reads `ACCT_CloudTrail_REGION_YYYYMMDDTHHmmZ_UNIQUE`.
    pub fn read(name: &'a str) -> Option<Self> {
        let mut parts = name.split('_');
        let account = parts.next()?.parse().ok()?;
        let service = parts.next()?;
        if !matches!(service, "CloudTrail" | "CloudTrail-Insight") {
            return None;
        }
        let region = parts.next()?;
        let stamp = parts.next()?;
        let cut = |from: usize, to: usize| stamp.get(from..to);
        let (year, month, day) = (cut(0, 4)?, cut(4, 6)?, cut(6, 8)?);
        let (hour, minute) = (cut(9, 11)?, cut(11, 13)?);
        let delivered = format!("{year}-{month}-{day}T{hour}:{minute}:00Z").parse().ok()?;
        Some(Self {
            account,
            region,
            delivered,
        })
    }
}

/// What a file is by its name, before anybody opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// It may be a log.
    Perhaps,
    /// It stands beside logs and holds no events: a digest [CT-01], a signature [CT-91].
    Beside,
    /// It may be a log, or anything.
    Doubtful,
    /// Nothing that a log is stored as.
    Other,
}

impl Named {
    /// Tells by the path, as it is shown.
    pub fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        if path.contains("/CloudTrail-Digest/")
            || name.contains("_CloudTrail-Digest_")
            || name.starts_with("result_sign.json")
        {
            return Self::Beside;
        }
        let name = name.strip_suffix(".gz").unwrap_or(name);
        match name.rsplit_once('.') {
            // Access logs have names without an ending [SAL-07].
            None if is_dated(name) => Self::Perhaps,
            None => Self::Doubtful,
            Some((_, ending)) if ending.eq_ignore_ascii_case("txt") => Self::Doubtful,
            Some((_, ending)) if ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)) => Self::Perhaps,
            Some(_) => Self::Other,
        }
    }
}

/// Whether a name ends as those of access logs do: `YYYY-mm-DD-HH-MM-SS-UNIQUE` [SAL-07].
fn is_dated(name: &str) -> bool {
    let parts: Vec<&str> = name.rsplitn(8, '-').collect();
    let is_number = |part: &&str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.get(1..6).is_some_and(|parts| parts.iter().all(is_number))
}

const ENDINGS: &[&str] = &["json", "jsonl", "ndjson", "log", "csv"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_account_region_and_time() {
        let name = "111122223333_CloudTrail_us-east-1_20230710T1220Z_WMiHxZgr5Hdd6UDc.json.gz";
        let read = LogName::read(name).map(|name| (name.account.to_string(), name.region, name.delivered.to_string()));
        let expected = (
            "111122223333".to_owned(),
            "us-east-1",
            "2023-07-10T12:20:00Z".to_owned(),
        );
        assert_eq!(read, Some(expected));
        for other in [
            "a.json",
            "111122223333_Config_us-east-1_x.json",
            "111122223333_CloudTrail_us-east-1_2023",
        ] {
            assert_eq!(LogName::read(other), None, "{other}");
        }
    }

    #[test]
    fn digests_and_signatures_hold_no_events() {
        let check = |path: &str, expected| assert_eq!(Named::of(path), expected, "{path}");
        check(
            "l/AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2023/a.json.gz",
            Named::Beside,
        );
        check("l/111122223333_CloudTrail-Digest_us-east-1_t.json.gz", Named::Beside);
        check("l/result_sign.json", Named::Beside);
        check("l/2024-01-31-12-00-00-ABCDEF0123456789", Named::Perhaps);
        check("l/a.JSON.gz", Named::Perhaps);
        check("l/README.md", Named::Other);
        check("l/LICENSE", Named::Doubtful);
    }
}
