//! Answers of AWS as the commands that would have it answer so.

use super::action::Stage;
use super::document::{Members, members, object, string};
use super::lockout::denies_policies;
use super::roles::has_no_statement;

/// One kind of answer: how it is put, and what is done where there is none.
pub(super) struct Answer {
    pub stage: Stage,
    pub what: &'static str,
    service: &'static str,
    put: &'static str,
    option: &'static str,
    /// What takes the setting away; empty where nothing can.
    absent: &'static [&'static str],
    content: Content,
}

/// How a document is written into a command.
pub(super) type Lay = fn(&str) -> String;

/// What of an answer goes into the command.
enum Content {
    Policy,
    Member(&'static str),
    Members(&'static [&'static str]),
    ObjectAcl,
}

impl Answer {
    /// The command that makes AWS answer with a text, its document written by `lay`; no text stands for a missing file.
    ///
    /// # Errors
    /// The reason, where no command does.
    pub fn command(&self, about: &[String], text: Option<&str>, lay: Lay) -> Result<Vec<String>, String> {
        let service = vec!["aws".to_owned(), self.service.to_owned()];
        let Some(content) = self.content(about, text)? else {
            let Some((first, rest)) = self.absent.split_first() else {
                return Err("what it was before is not in the snapshot".into());
            };
            let rest = rest.iter().map(|argument| (*argument).to_owned());
            let named = about.iter().cloned().chain(rest);
            return Ok([service, vec![(*first).to_owned()], named.collect()].concat());
        };
        let content = lay(&content);
        let (named, document) = match self.content {
            // The name of an object may be anything, also what the AWS CLI takes for an option or the address of a file.
            Content::ObjectAcl => (
                about.get(1..).unwrap_or_default(),
                vec![self.option.to_owned(), content],
            ),
            Content::Policy | Content::Member(_) | Content::Members(_) => {
                (about, vec![format!("{}={content}", self.option)])
            }
        };
        Ok([service, vec![self.put.to_owned()], named.to_vec(), document].concat())
    }

    /// Whether the way back is open to whoever goes forth: a policy that denies to all whoever could replace it, and did not
    /// before, leaves the root user alone.
    pub fn locks_out(&self, before: Option<&str>, after: &str) -> bool {
        let denied = |text| match (&self.content, self.content(&[], text)) {
            (Content::Policy, Ok(Some(policy))) => denies_policies(&policy),
            (Content::Policy | Content::Member(_) | Content::Members(_) | Content::ObjectAcl, _) => false,
        };
        denied(Some(after)) && !denied(before)
    }

    fn content(&self, about: &[String], text: Option<&str>) -> Result<Option<String>, String> {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
            return Ok(None);
        };
        let said = members(text).filter(|said| !said.contains_key("Error"));
        let Some(said) = said else {
            // AWS says so where a setting does not exist; every other error leaves it unknown.
            let is_absent = text.contains("NoSuch") || text.contains("NotFoundError");
            let unknown = || Err("what it was before is not known, so there would be no way back".into());
            return if is_absent { Ok(None) } else { unknown() };
        };
        match self.content {
            Content::Policy => {
                let policy = match said.get("Policy") {
                    Some(inside) => string(inside).unwrap_or_else(|| inside.get().to_owned()),
                    None => text.trim().to_owned(),
                };
                // S3 takes no policy without a statement: it is the same as none.
                Ok((!has_no_statement(&policy)).then_some(policy))
            }
            Content::Member(name) => Ok(said.get(name).map(|value| value.get().to_owned())),
            Content::Members(names) => {
                let known = names.iter().filter_map(|name| Some((*name, said.get(*name)?.get())));
                let known: Vec<_> = known.collect();
                Ok((!known.is_empty()).then(|| object(&known)))
            }
            Content::ObjectAcl => object_acl(about, &said),
        }
    }
}

fn object_acl(about: &[String], said: &Members) -> Result<Option<String>, String> {
    let no_acl = || "the file holds no key and ACL".to_owned();
    let acl = said.get("Acl").and_then(|acl| members(acl.get())).ok_or_else(no_acl)?;
    let parts = ["Owner", "Grants"]
        .into_iter()
        .filter_map(|name| Some((name, acl.get(name)?.get())));
    let acl = object(&parts.collect::<Vec<_>>());
    let bucket = about.first().and_then(|bucket| bucket.strip_prefix("--bucket="));
    let bucket = serde_json::Value::from(bucket.unwrap_or_default()).to_string();
    let mut all = vec![("Bucket", &*bucket)];
    all.push(("Key", said.get("Key").ok_or_else(no_acl)?.get()));
    all.extend(said.get("VersionId").map(|version| ("VersionId", version.get())));
    all.push(("AccessControlPolicy", &acl));
    Ok(Some(object(&all)))
}

/// The answer that a file in the directory of a bucket holds.
pub(super) fn of_bucket(stem: &str) -> Option<Answer> {
    let answer = |stage, what, put, option, absent, content| {
        Some(Answer {
            stage,
            what,
            service: "s3api",
            put,
            option,
            absent,
            content,
        })
    };
    match stem {
        "bucket-policy" => answer(
            Stage::DataPlane,
            "put the new bucket policy",
            "put-bucket-policy",
            "--policy",
            &["delete-bucket-policy"],
            Content::Policy,
        ),
        "bucket-acl" => answer(
            Stage::DataPlane,
            "put the new ACL of the bucket",
            "put-bucket-acl",
            "--access-control-policy",
            &[],
            Content::Members(&["Owner", "Grants"]),
        ),
        "public-access-block" => answer(
            Stage::Blocks,
            "set Block Public Access of the bucket",
            "put-public-access-block",
            "--public-access-block-configuration",
            &["delete-public-access-block"],
            Content::Member("PublicAccessBlockConfiguration"),
        ),
        "bucket-ownership-controls" => answer(
            Stage::Blocks,
            "set Object Ownership",
            "put-bucket-ownership-controls",
            "--ownership-controls",
            &["delete-bucket-ownership-controls"],
            Content::Member("OwnershipControls"),
        ),
        _ => hygiene(stem),
    }
}

fn hygiene(stem: &str) -> Option<Answer> {
    let (what, put, option, absent, content): (_, _, _, &'static [&'static str], _) = match stem {
        // Versioning cannot be taken away, only suspended.
        "bucket-versioning" => (
            "set versioning",
            "put-bucket-versioning",
            "--versioning-configuration",
            &["put-bucket-versioning", "--versioning-configuration=Status=Suspended"],
            Content::Members(&["Status"]),
        ),
        "bucket-encryption" => (
            "set the default encryption",
            "put-bucket-encryption",
            "--server-side-encryption-configuration",
            &["delete-bucket-encryption"],
            Content::Member("ServerSideEncryptionConfiguration"),
        ),
        "bucket-lifecycle-configuration" => (
            "set the lifecycle rules",
            "put-bucket-lifecycle-configuration",
            "--lifecycle-configuration",
            &["delete-bucket-lifecycle"],
            Content::Members(&["Rules"]),
        ),
        _ => return None,
    };
    Some(Answer {
        stage: Stage::Hygiene,
        what,
        service: "s3api",
        put,
        option,
        absent,
        content,
    })
}

/// The ACL of an object.
pub(super) fn of_object() -> Answer {
    Answer {
        stage: Stage::DataPlane,
        what: "put the new ACL of the object",
        service: "s3api",
        put: "put-object-acl",
        option: "--cli-input-json",
        absent: &[],
        content: Content::ObjectAcl,
    }
}

/// The policy of an access point.
pub(super) fn of_access_point() -> Answer {
    Answer {
        stage: Stage::DataPlane,
        what: "put the new policy of the access point",
        service: "s3control",
        put: "put-access-point-policy",
        option: "--policy",
        absent: &["delete-access-point-policy"],
        content: Content::Policy,
    }
}

/// Block Public Access of the account.
pub(super) fn of_account() -> Answer {
    Answer {
        stage: Stage::AccountBlocks,
        what: "set Block Public Access of the account",
        service: "s3control",
        put: "put-public-access-block",
        option: "--public-access-block-configuration",
        absent: &["delete-public-access-block"],
        content: Content::Member("PublicAccessBlockConfiguration"),
    }
}
