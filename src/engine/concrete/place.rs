use super::keys::Keys;
use crate::engine::BucketScope;
use crate::iam::{ContextKey, Target};
use crate::model::{AccessPoint, NetworkOrigin};

/// What a request to a bucket is about, and by which way it comes.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    /// The object's key; none for the bucket or access point itself.
    pub(super) object: Option<String>,
    /// The way.
    pub(super) door: Door<'a>,
    /// Whether the request names the access point and not the bucket.
    pub(super) names_access_point: bool,
}

/// The way by which a request comes to a bucket.
#[derive(Clone, Debug)]
pub(super) enum Door<'a> {
    /// Straight to the bucket.
    Direct,
    /// Through an access point of the input.
    Listed(&'a AccessPoint, AccessPointArn),
    /// Through an access point that the input does not list.
    Unlisted,
}

/// ARN of an access point, without anything behind its name [RES-03].
#[derive(Clone, Debug)]
pub(super) struct AccessPointArn {
    text: String,
    region: String,
    account: String,
    name: String,
}

/// What a resource ARN means for this bucket; none if it is about something else.
pub(super) fn place<'a>(resource: &str, keys: &Keys<'_>, scope: &BucketScope<'a>) -> Option<Place<'a>> {
    let (named, object) = match bucket_object(resource, scope) {
        Some(object) => (None, object),
        None => {
            let (access_point, object) = access_point_object(resource, scope)?;
            (Some(access_point), object)
        }
    };
    let names_access_point = named.is_some();
    let arn = named.or_else(|| {
        let stated = keys.variable(&ContextKey::new(ARN))?;
        access_point_object(stated, scope).map(|(access_point, _)| access_point)
    });
    let through = [ARN, ACCOUNT, ORIGIN]
        .iter()
        .any(|name| keys.values(&ContextKey::new(name)).is_some());
    let listed = arn.and_then(|arn| {
        let access_point = scope.access_points.iter().find(|known| arn.names(known))?;
        Some(Door::Listed(access_point, arn))
    });
    let door = match listed {
        Some(door) => door,
        None if names_access_point || through => Door::Unlisted,
        None => Door::Direct,
    };
    Some(Place {
        object,
        door,
        names_access_point,
    })
}

impl Place<'_> {
    /// The kinds of resource that an action must work on to reach this place [RES-04].
    pub(super) fn targets(&self) -> Vec<Target> {
        let behind = if self.object.is_some() {
            Target::Object
        } else {
            Target::Bucket
        };
        let in_front = if self.object.is_some() {
            Target::AccessPointObject
        } else {
            Target::AccessPoint
        };
        match (&self.door, self.names_access_point) {
            (Door::Direct, _) => vec![behind],
            (Door::Listed(..) | Door::Unlisted, true) => vec![in_front],
            (Door::Listed(..) | Door::Unlisted, false) => vec![behind, in_front],
        }
    }

    /// ARN of the bucket or object, as the bucket policy knows it.
    pub(super) fn bucket_arn(&self, scope: &BucketScope<'_>) -> String {
        with_object(scope.bucket.arn(), "/", self.object.as_deref())
    }

    /// States the keys that S3 sets for requests through an access point [CTX-21].
    pub(super) fn state_keys(&self, resource: &str, scope: &BucketScope<'_>, keys: &mut Keys<'_>) {
        let unlisted = || access_point_object(resource, scope).map(|(arn, _)| arn);
        match &self.door {
            Door::Direct => {}
            Door::Listed(access_point, arn) => {
                arn.state(keys);
                keys.state(
                    ORIGIN,
                    match access_point.origin {
                        NetworkOrigin::Internet => "Internet",
                        NetworkOrigin::Vpc(_) => "VPC",
                    },
                );
            }
            Door::Unlisted => {
                if let Some(arn) = unlisted() {
                    arn.state(keys);
                }
            }
        }
    }
}

impl AccessPointArn {
    /// ARN of the access point or of an object through it, as its policy knows it [AP-03].
    pub(super) fn resource(&self, object: Option<&str>) -> String {
        with_object(self.text.clone(), "/object/", object)
    }

    /// What the input does not tell of an access point is taken from the ARN.
    fn names(&self, access_point: &AccessPoint) -> bool {
        let told = |known: Option<String>, named: &str| known.is_none_or(|known| known == named);
        *access_point.name == *self.name
            && told(access_point.account.map(|id| id.to_string()), &self.account)
            && told(access_point.region.as_deref().map(str::to_owned), &self.region)
    }

    fn state(&self, keys: &mut Keys<'_>) {
        keys.state(ARN, &self.text);
        keys.state(ACCOUNT, &self.account);
    }
}

/// The key of `arn:P:s3:::BUCKET/KEY`, or that there is none; nothing if it is about something else.
fn bucket_object(resource: &str, scope: &BucketScope<'_>) -> Option<Option<String>> {
    match resource.strip_prefix(&scope.bucket.arn())? {
        "" => Some(None),
        // [RES-05]: no object has an empty key.
        rest => rest
            .strip_prefix('/')
            .filter(|key| !key.is_empty())
            .map(|key| Some(key.to_owned())),
    }
}

/// Access point and key of `arn:P:s3:R:A:accesspoint/NAME/object/KEY`.
fn access_point_object(resource: &str, scope: &BucketScope<'_>) -> Option<(AccessPointArn, Option<String>)> {
    let fields: Vec<&str> = resource.splitn(6, ':').collect();
    let &["arn", partition, "s3", region, account, path] = fields.as_slice() else {
        return None;
    };
    if partition != scope.bucket.partition.as_str() || account.is_empty() {
        return None;
    }
    let name_and_key = path.strip_prefix("accesspoint/")?;
    let (name, key) = match name_and_key.split_once("/object/") {
        Some((name, key)) => (name, Some(key)),
        None => (name_and_key, None),
    };
    if name.is_empty() || name.contains('/') || key.is_some_and(str::is_empty) {
        return None;
    }
    let arn = AccessPointArn {
        text: format!("arn:{partition}:s3:{region}:{account}:accesspoint/{name}"),
        region: region.to_owned(),
        account: account.to_owned(),
        name: name.to_owned(),
    };
    Some((arn, key.map(str::to_owned)))
}

fn with_object(arn: String, separator: &str, object: Option<&str>) -> String {
    match object {
        Some(key) => arn + separator + key,
        None => arn,
    }
}

const ARN: &str = "s3:DataAccessPointArn";
const ACCOUNT: &str = "s3:DataAccessPointAccount";
const ORIGIN: &str = "s3:AccessPointNetworkOrigin";
