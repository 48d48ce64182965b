use super::Incident;
use crate::iam::Timestamp;
use crate::model::ApiEvent;

/// On whose side a caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Of those who attack.
    Hostile,
    /// Of those who must still be able to work.
    Legitimate,
}

impl Incident {
    /// On whose side the caller of an event is; none for somebody else. `bucket` is what the event is about.
    ///
    /// Whoever is hostile in one way is so whatever else is true. Nothing is hostile before the incident.
    pub fn side(&self, event: &ApiEvent, bucket: Option<&str>) -> Option<Side> {
        if self.from.is_none_or(|from| event.time >= from) && self.is_hostile(event, bucket) {
            return Some(Side::Hostile);
        }
        self.is_legitimate(event).then_some(Side::Legitimate)
    }

    /// Whether an ARN is that of a bucket, object or role of the incident; all are where it names none of their kind.
    pub fn is_about(&self, arn: &str) -> bool {
        match arn.split_once(":s3:::") {
            Some((_, name)) => {
                let bucket = name.split('/').next().unwrap_or_default();
                self.buckets.is_empty() || self.buckets.contains(bucket)
            }
            None if arn.contains(":role/") => self.roles.is_empty() || self.roles.contains(arn),
            // Whose access point it is, its ARN does not say.
            None => true,
        }
    }

    /// Whether a time is one at which everything should have been shut.
    pub fn is_shut(&self, time: Timestamp) -> bool {
        self.contained.is_some_and(|contained| time >= contained)
    }

    fn is_hostile(&self, event: &ApiEvent, bucket: Option<&str>) -> bool {
        if event.actor.is_anonymous() {
            let is_ours = bucket.is_some_and(|bucket| self.buckets.contains(bucket));
            let anybody = self.hostile.iter().any(|principal| principal == "anonymous");
            return (anybody && is_ours) || self.is_hostile_address(event);
        }
        let asked = &self.hostile_callers;
        (asked.asks_who() && asked.matches_caller(event)) || self.is_hostile_address(event)
    }

    fn is_hostile_address(&self, event: &ApiEvent) -> bool {
        let asked = &self.hostile_addresses;
        !asked.networks().is_empty() && asked.matches_caller(event)
    }

    fn is_legitimate(&self, event: &ApiEvent) -> bool {
        match self.legitimate.is_empty() {
            true => event.actor.account.is_some_and(|id| self.accounts.contains(&id)),
            false => self.legitimate_callers.matches_caller(event),
        }
    }
}
