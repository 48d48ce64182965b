use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// One action of S3 or STS, as the Service Authorization Reference lists it.
#[derive(Debug, PartialEq, Eq)]
pub struct Action {
    /// Its place in the catalogue.
    pub id: ActionId,
    /// Name with service prefix and AWS's letter case, such as `s3:GetObject`.
    pub name: &'static str,
    /// The name in lower case, which patterns are matched against [ACT-01].
    pub folded: Box<str>,
    /// Its access level.
    pub level: Level,
    /// The kinds of resource that it works on, of those that have resource policies we read.
    pub targets: Vec<Target>,
    /// The service-specific condition keys that its requests can carry, in lower case; `*` ends a family of tag keys.
    ///
    /// Many actions share one list.
    keys: Arc<[Box<str>]>,
}

/// An action by its place in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionId(pub u16);

/// AWS's access levels, narrowest meaning first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Names of things.
    List,
    /// Contents and configuration.
    Read,
    /// Changes of contents and configuration.
    Write,
    /// Changes of tags.
    Tagging,
    /// Changes of who has access.
    PermissionsManagement,
}

/// A kind of resource that an action works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A bucket.
    Bucket,
    /// An object of a bucket.
    Object,
    /// An access point.
    AccessPoint,
    /// An object through an access point.
    AccessPointObject,
    /// A role.
    Role,
}

/// What an action touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plane {
    /// Objects: names, contents, tags.
    Data,
    /// The configuration, and whatever can change who has access.
    Control,
}

impl Action {
    /// What the action touches [S3A-01…11]: objects and their lists are data, all else is control.
    pub fn plane(&self) -> Plane {
        let on_objects = self.targets.contains(&Target::Object) || self.targets.contains(&Target::AccessPointObject);
        match self.level {
            Level::PermissionsManagement => Plane::Control,
            Level::List => Plane::Data,
            Level::Read | Level::Write | Level::Tagging if on_objects => Plane::Data,
            Level::Read | Level::Write | Level::Tagging => Plane::Control,
        }
    }

    /// The service-specific keys that its requests can carry, in lower case; `*` ends a family of tag keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| &**key)
    }

    /// Whether requests of this action can carry a service-specific key, given in lower case.
    pub fn has_key(&self, folded: &str) -> bool {
        self.keys.iter().any(|key| match key.strip_suffix('*') {
            Some(family) => folded.starts_with(family),
            None => **key == *folded,
        })
    }
}

impl Level {
    /// AWS's name for the level.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Tagging => "Tagging",
            Self::PermissionsManagement => "Permissions management",
        }
    }
}

/// All actions, in the order of their ids: S3 by name, then STS.
pub fn actions() -> &'static [Action] {
    &CATALOGUE.actions
}

/// The action with this id.
pub fn action(id: ActionId) -> Option<&'static Action> {
    CATALOGUE.actions.get(usize::from(id.0))
}

/// The action of this name, whatever its letter case [ACT-01].
pub fn find_action(name: &str) -> Option<&'static Action> {
    let id = CATALOGUE.by_name.get(name.to_lowercase().as_str())?;
    action(*id)
}

struct Catalogue {
    actions: Vec<Action>,
    by_name: HashMap<Box<str>, ActionId>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut key_sets: HashMap<&str, Arc<[Box<str>]>> = HashMap::new();
    let mut actions = Vec::new();
    for line in include_str!("actions.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let fields: Vec<&'static str> = line.split('\t').collect();
        match fields.as_slice() {
            ["keys", id, keys] => {
                key_sets.insert(id, keys.split(' ').map(|key| key.to_lowercase().into()).collect());
            }
            [name, level, targets, keys] => {
                if let (Some(level), Ok(id)) = (level_of(level), u16::try_from(actions.len())) {
                    actions.push(Action {
                        id: ActionId(id),
                        name,
                        folded: name.to_lowercase().into(),
                        level,
                        targets: targets.split(' ').filter_map(target_of).collect(),
                        keys: key_sets.get(keys).cloned().unwrap_or_default(),
                    });
                }
            }
            _ => {}
        }
    }
    let by_name = actions
        .iter()
        .map(|action| (action.folded.clone(), action.id))
        .collect();
    Catalogue { actions, by_name }
});

fn level_of(name: &str) -> Option<Level> {
    [
        Level::List,
        Level::Read,
        Level::Write,
        Level::Tagging,
        Level::PermissionsManagement,
    ]
    .into_iter()
    .find(|level| level.as_str() == name)
}

fn target_of(name: &str) -> Option<Target> {
    match name {
        "bucket" => Some(Target::Bucket),
        "object" => Some(Target::Object),
        "access-point" => Some(Target::AccessPoint),
        "access-point-object" => Some(Target::AccessPointObject),
        "role" => Some(Target::Role),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_read_whole() {
        let lines = include_str!("actions.tsv").lines();
        let expected = lines
            .filter(|line| line.starts_with("s3:") || line.starts_with("sts:"))
            .count();
        assert_eq!(actions().len(), expected);
        assert!(expected > 190);
        for (index, action) in actions().iter().enumerate() {
            assert_eq!(usize::from(action.id.0), index);
            assert!(!action.keys.is_empty(), "{}", action.name);
        }
    }

    /// [S3A-01], [S3A-05], [S3A-08], [S3A-11]
    #[test]
    fn levels_targets_and_planes_follow_the_reference() {
        let check = |name: &str, level, target, plane| {
            let action = find_action(name).expect(name);
            assert_eq!((action.level, action.plane()), (level, plane), "{name}");
            assert!(action.targets.contains(&target), "{name}");
        };
        check("s3:getobject", Level::Read, Target::Object, Plane::Data);
        check("s3:ListBucket", Level::List, Target::Bucket, Plane::Data);
        check(
            "s3:PutBucketPolicy",
            Level::PermissionsManagement,
            Target::Bucket,
            Plane::Control,
        );
        check(
            "s3:PutObjectAcl",
            Level::PermissionsManagement,
            Target::Object,
            Plane::Control,
        );
        check(
            "s3:PutReplicationConfiguration",
            Level::Write,
            Target::Bucket,
            Plane::Control,
        );
        check("s3:PutBucketTagging", Level::Tagging, Target::Bucket, Plane::Control);
        check("sts:AssumeRole", Level::Write, Target::Role, Plane::Control);
        assert!(find_action("s3:ListObjects").is_none());
    }

    #[test]
    fn keys_belong_to_actions() {
        let has = |action: &str, key: &str| find_action(action).expect(action).has_key(key);
        assert!(has("s3:ListBucket", "s3:prefix"));
        assert!(!has("s3:GetObject", "s3:prefix"));
        assert!(has("s3:GetObject", "s3:existingobjecttag/public"));
        assert!(has("s3:PutObject", "s3:x-amz-acl"));
        assert!(has("sts:AssumeRole", "sts:externalid"));
    }
}
