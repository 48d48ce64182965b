use crate::engine::claims::{ClaimKey, claim_key};
use crate::engine::{Caller, Context, ContextValue};
use crate::iam::ContextKey;
use crate::model::{Setting, Tags};
use crate::source::UnknownReason;

/// The context keys of a request as a statement sees them: what the request carries and what is a fact of the resource.
#[derive(Debug, Default)]
pub(super) struct Keys<'a> {
    context: Context,
    issuer: Option<&'a str>,
    unknown_families: Vec<&'static str>,
}

impl<'a> Keys<'a> {
    /// The keys of a request of this caller.
    pub(super) fn new(context: &Context, caller: &'a Caller) -> Self {
        let issuer = match caller {
            Caller::Federated(provider) => provider.issuer(),
            Caller::Anonymous
            | Caller::Aws(_)
            | Caller::Canonical(_)
            | Caller::UniqueId(_)
            | Caller::Service(_)
            | Caller::OriginAccessIdentity(_) => None,
        };
        Self {
            context: context.clone(),
            issuer,
            unknown_families: Vec::new(),
        }
    }

    /// The values of a key; none where it is absent. An empty set counts as absent [COND-28].
    pub(super) fn values(&self, key: &ContextKey) -> Option<Vec<&str>> {
        match self.visible(key)? {
            ContextValue::One(value) => Some(vec![value]),
            ContextValue::Many(values) if values.is_empty() => None,
            ContextValue::Many(values) => Some(values.iter().map(String::as_str).collect()),
        }
    }

    /// The value that a policy variable of this key stands for: a multivalued key never resolves [VAR-02].
    pub(super) fn variable(&self, key: &ContextKey) -> Option<&str> {
        match self.visible(key)? {
            ContextValue::One(value) if !is_multivalued_by_name(key) => Some(value),
            ContextValue::One(_) | ContextValue::Many(_) => None,
        }
    }

    /// Whether a key has several values, by its documentation or in this request [COND-44].
    pub(super) fn is_multivalued(&self, key: &ContextKey) -> bool {
        is_multivalued_by_name(key) || matches!(self.visible(key), Some(ContextValue::Many(_)))
    }

    /// Whether a key belongs to the tags of a resource that the input does not tell.
    pub(super) fn is_unknown(&self, key: &ContextKey) -> bool {
        self.unknown_families
            .iter()
            .any(|family| key.folded().starts_with(family))
    }

    /// States a single-valued key, whatever the request said.
    pub(super) fn state(&mut self, name: &str, value: &str) {
        self.context.set(name, value);
    }

    /// States a family of tag keys, named in lower case with its slash, from a resource's own tags [CTX-27].
    ///
    /// Where the input does not carry the tags, the request's own word holds.
    pub(super) fn state_tags(&mut self, family: &'static str, tags: &Setting<Tags>) {
        match tags {
            Setting::Absent => self.forget(family),
            Setting::Set(tags) => {
                self.forget(family);
                for (tag, value) in &tags.value {
                    self.context.set(&format!("{family}{tag}"), &**value);
                }
            }
            Setting::Unknown(unknown) => match unknown.reason {
                UnknownReason::NotInInput => {}
                UnknownReason::Refused(_)
                | UnknownReason::Unreadable
                | UnknownReason::Undecided
                | UnknownReason::Invalid
                | UnknownReason::NotDeployed(_) => {
                    self.unknown_families.push(family);
                }
            },
        }
    }

    /// To the policy of an access point the resource is the access point, with its own tags [CTX-27].
    pub(super) fn tags_of_access_point(&mut self) {
        let own: Vec<(String, ContextValue)> = self
            .context
            .iter()
            .filter_map(|(key, value)| {
                let tag = key.folded().strip_prefix("s3:accesspointtag/")?;
                Some((format!("aws:resourcetag/{tag}"), value.clone()))
            })
            .collect();
        self.forget("aws:resourcetag/");
        self.unknown_families.retain(|family| *family != "aws:resourcetag/");
        for (name, value) in own {
            self.context.insert(ContextKey::new(&name), value);
        }
    }

    fn forget(&mut self, family: &str) {
        let keys: Vec<ContextKey> = self
            .context
            .iter()
            .map(|(key, _)| key.clone())
            .filter(|key| key.folded().starts_with(family))
            .collect();
        for key in keys {
            self.context.remove(&key);
        }
    }

    /// A claim of another issuer, and one that AWS does not know, is never there [TRUST-33], [TRUST-35].
    fn visible(&self, key: &ContextKey) -> Option<&ContextValue> {
        match claim_key(key.folded(), self.issuer) {
            ClaimKey::NeverThere => None,
            ClaimKey::NoClaim | ClaimKey::Known => self.context.get(key),
        }
    }
}

/// Source: IAM User Guide, "Single-valued vs. multivalued context keys"; types in the Service Authorization Reference.
fn is_multivalued_by_name(key: &ContextKey) -> bool {
    // How somebody signed in is a claim of every issuer [TRUST-35].
    MULTIVALUED.contains(&key.folded()) || key.folded().ends_with(":amr")
}

/// [COND-44], and [TRUST-29] for SAML.
const MULTIVALUED: &[&str] = &[
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "aws:vpceorgpaths",
    "s3:inventoryaccessibleoptionalfields",
    "s3:requestobjecttagkeys",
    "saml:edupersonaffiliation",
    "sts:transitivetagkeys",
];
