use std::collections::BTreeMap;

use super::function::Call;
use crate::source::{Member, Node, Span};

/// A template, with what can be looked up in it by name.
#[derive(Debug)]
pub(super) struct Template<'t> {
    root: &'t Node,
    pub parameters: BTreeMap<&'t str, &'t Node>,
    pub mappings: BTreeMap<&'t str, &'t Node>,
    pub conditions: BTreeMap<&'t str, &'t Member>,
    pub resources: BTreeMap<&'t str, Resource<'t>>,
}

/// One resource of a template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resource<'t> {
    /// Its logical id.
    pub id: &'t str,
    /// Its type, such as `AWS::S3::Bucket`.
    pub kind: &'t str,
    pub properties: Option<&'t Node>,
    /// The condition under which it is there.
    pub condition: Option<&'t Node>,
    /// Its name in the template.
    pub span: Span,
}

impl<'t> Template<'t> {
    pub fn new(root: &'t Node) -> Self {
        let section = |name: &str| root.get(name).map(Node::members).unwrap_or_default();
        let nodes = |name: &str| {
            let members = section(name).iter();
            members.map(|member| (&*member.key, &member.value)).collect()
        };
        let conditions = section("Conditions").iter();
        let resources = section("Resources").iter().filter_map(Resource::of);
        Self {
            root,
            parameters: nodes("Parameters"),
            mappings: nodes("Mappings"),
            conditions: conditions.map(|member| (&*member.key, member)).collect(),
            resources: resources.map(|resource| (resource.id, resource)).collect(),
        }
    }

    /// The resources in the order of the template.
    pub fn in_order(&self) -> impl Iterator<Item = Resource<'t>> {
        let members = self.root.get("Resources").map(Node::members).unwrap_or_default();
        members.iter().filter_map(Resource::of)
    }

    /// The members of a section.
    pub fn section(&self, name: &str) -> &'t [Member] {
        self.root.get(name).map(Node::members).unwrap_or_default()
    }

    /// The transforms of the whole template, by name.
    pub fn transforms(&self) -> impl Iterator<Item = (&'t str, Span)> {
        transforms(self.root)
    }
}

/// The transforms of a template, by name.
pub(super) fn transforms(root: &Node) -> impl Iterator<Item = (&str, Span)> {
    let node = root.get("Transform");
    let items = node.into_iter().flat_map(Node::items);
    node.into_iter().chain(items).filter_map(|node| {
        let name = node.as_str().or_else(|| node.get("Name").and_then(Node::as_str))?;
        Some((name, node.span))
    })
}

impl<'t> Resource<'t> {
    fn of(member: &'t Member) -> Option<Self> {
        let node = &member.value;
        Some(Self {
            id: &member.key,
            kind: node.get("Type")?.as_str()?,
            properties: node.get("Properties"),
            condition: node.get("Condition"),
            span: member.key_span,
        })
    }

    /// A property as it is written.
    pub fn property(&self, name: &str) -> Option<&'t Node> {
        self.properties.and_then(|properties| properties.get(name))
    }
}

/// Whether a document is a template: by its version, its transform, or resources that have types of AWS.
pub(in crate::ingest) fn is_template(root: &Node) -> bool {
    let typed = |member: &Member| {
        let kind = member.value.get("Type").and_then(Node::as_str);
        kind.is_some_and(|kind| kind.contains("::"))
    };
    let resources = root.get("Resources").filter(|resources| resources.is_object());
    let looped = |member: &Member| member.key.starts_with("Fn::ForEach::");
    resources.is_some_and(|resources| {
        root.get("AWSTemplateFormatVersion").is_some()
            || resources.members().iter().any(|member| typed(member) || looped(member))
            || Call::of(resources).is_some()
    })
}

/// Whether a text may hold a template: cheap, for the many YAML files of a repository that are none.
pub(in crate::ingest) fn could_be_template(text: &str) -> bool {
    text.contains("Resources") && (text.contains("AWS::") || text.contains("AWSTemplateFormatVersion"))
}
