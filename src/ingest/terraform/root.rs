//! One root: every resource that it declares, evaluated.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::eval::{Evaluator, Fault};
use super::instance::{Env, Evaluated, Instance, Key, ModuleRef, Resource, ResourceRef};
use super::kinds::wanted;
use super::value::{Entry, Val};
use crate::model::When;
use crate::source::Node;

impl Evaluator<'_> {
    /// The resources of the root and of all its modules.
    pub fn root_resources(&self, root: &Rc<Instance>) -> Vec<Evaluated> {
        let mut found = Vec::new();
        self.collect(root, &[], &mut found);
        found
    }

    fn collect(&self, instance: &Rc<Instance>, settled: &[When], found: &mut Vec<Evaluated>) {
        let module = instance.module.clone();
        for resource in module.resources.iter().filter(|resource| !resource.name.is_data) {
            if let Some(wanted) = wanted(&resource.name.kind) {
                self.resource_instances(resource, instance, wanted, settled, found);
            }
        }
        for (name, block) in &module.calls {
            let call = Rc::new(ModuleRef {
                parent: instance.clone(),
                name: name.clone(),
                key: Key::Single,
            });
            let keys = |_: ()| match self.keys_of_module(&call, block.head) {
                Ok(keys) => keys,
                Err(fault) => {
                    self.complain(&fault);
                    vec![Key::Any]
                }
            };
            let outcomes = self.scenarios(settled, || keys(()));
            let all = outcomes
                .into_iter()
                .map(|(when, keys)| (when, keys.into_iter().map(|key| (key, ())).collect()));
            for (key, whens) in by_key(all.collect()) {
                let child = match self.instance(instance, name, &key) {
                    Ok(Some(child)) => child,
                    Ok(None) => continue,
                    Err(fault) => {
                        self.complain(&fault);
                        continue;
                    }
                };
                for (when, there) in whens {
                    if there.is_some() {
                        self.collect(&child, &when, found);
                    }
                }
            }
        }
    }

    fn resource_instances(
        &self,
        resource: &Resource,
        instance: &Rc<Instance>,
        wanted: &[&str],
        settled: &[When],
        found: &mut Vec<Evaluated>,
    ) {
        let all = ResourceRef {
            instance: instance.clone(),
            name: resource.name.clone(),
            key: Key::Single,
        };
        let span = resource.block.head;
        let one = || -> Result<Vec<(Key, Node)>, Fault> {
            let keys = self.keys_of_resource(&all, span)?;
            let single = |key: Key| {
                let one = ResourceRef {
                    key: key.clone(),
                    ..all.clone()
                };
                Ok((key, self.properties(resource, &one, wanted)?))
            };
            keys.into_iter().map(single).collect()
        };
        let outcomes = self.scenarios(settled, || {
            one().unwrap_or_else(|fault| {
                self.complain(&fault);
                // That it is there is known, and nothing else.
                vec![(Key::Any, self.nameless(&all, span))]
            })
        });
        for (key, whens) in by_key(outcomes) {
            let one = ResourceRef { key, ..all.clone() };
            let address: Box<str> = self.reveal(&one.address()).into();
            for (when, properties) in whens {
                if let Some(properties) = properties {
                    found.push(Evaluated {
                        kind: resource.name.kind.clone(),
                        address: address.clone(),
                        properties,
                        when,
                        is_new: true,
                        span,
                    });
                }
            }
        }
    }

    /// A resource of which nothing is known but that it is there.
    fn nameless(&self, resource: &ResourceRef, span: crate::source::Span) -> Node {
        let name = own_name(&resource.name.kind).map(|attribute| {
            let name = self.identity(&resource.address(), span);
            Entry::new(attribute, span, Val::text(name, span))
        });
        let value = Val::object(name.into_iter().collect(), span);
        self.to_node(&value).unwrap_or_default()
    }

    /// The attributes and blocks of one instance that matter.
    fn properties(&self, resource: &Resource, one: &ResourceRef, wanted: &[&str]) -> Result<Node, Fault> {
        let block = &resource.block;
        let repetition = self.repetition(block, &one.instance, &one.name.address(), &one.key)?;
        let env = Env {
            instance: &one.instance,
            repetition: &repetition,
            bound: None,
        };
        let body = self.body(&block.body, env, &|name| name != "tags" && wanted.contains(&name))?;
        let mut members = body.as_object().unwrap_or_default().to_vec();
        if wanted.contains(&"tags") && block.body.get("tags").is_some() {
            let tags = self.without_branching(|| self.body(&block.body, env, &|name| name == "tags"))?;
            members.extend(tags.as_object().unwrap_or_default().iter().cloned());
        }
        if &*one.name.kind == "aws_organizations_policy" {
            let id = self.identity(&format!("{}.id", one.address()), block.head);
            members.push(Entry::new("id", block.head, Val::text(id, block.head)));
        }
        if let Some(attribute) = own_name(&one.name.kind) {
            let place = block.body.get(attribute).map_or(block.head, |expr| expr.span);
            let name = self.name_of(one, attribute, place).or_else(|fault| {
                self.complain(&fault);
                Ok::<String, Fault>(self.identity(&one.address(), place))
            })?;
            members.push(Entry::new(attribute, place, Val::text(name, place)));
        }
        self.to_node(&Val::object(members, block.head))
    }
}

/// The attribute that is the name of a kind of resource, where it may be left out.
fn own_name(kind: &str) -> Option<&'static str> {
    match kind {
        "aws_s3_bucket" => Some("bucket"),
        "aws_iam_role" | "aws_s3_access_point" => Some("name"),
        _ => None,
    }
}

type Outcomes<T> = Vec<(Vec<When>, Option<T>)>;

/// What a block makes in one scenario.
type Made<T> = (Vec<When>, Vec<(Key, T)>);

/// What there is under which outcomes, by its key; tests that make no difference are left out.
fn by_key<T: Clone + PartialEq>(outcomes: Vec<Made<T>>) -> Vec<(Key, Outcomes<T>)> {
    let mut keys: BTreeMap<Key, Outcomes<T>> = BTreeMap::new();
    let all: Vec<Key> = outcomes
        .iter()
        .flat_map(|(_, found)| found.iter().map(|(key, _)| key.clone()))
        .collect();
    for key in all {
        keys.entry(key).or_default();
    }
    for (when, found) in outcomes {
        for (key, known) in &mut keys {
            let there = found
                .iter()
                .find(|(other, _)| other == key)
                .map(|(_, value)| value.clone());
            known.push((when.clone(), there));
        }
    }
    keys.into_iter()
        .map(|(key, outcomes)| (key, reduced(outcomes)))
        .collect()
}

/// Joins outcomes that differ in nothing but the last test and give the same.
fn reduced<T: PartialEq>(mut outcomes: Outcomes<T>) -> Outcomes<T> {
    loop {
        let pair = (0..outcomes.len()).find_map(|first| {
            (first + 1..outcomes.len())
                .find(|second| same_but_one(outcomes.get(first), outcomes.get(*second)))
                .map(|second| (first, second))
        });
        let Some((first, second)) = pair else {
            return outcomes;
        };
        outcomes.remove(second);
        if let Some((when, _)) = outcomes.get_mut(first) {
            when.pop();
        }
    }
}

/// Whether two outcomes give the same, and differ only in how the last test of both comes out.
fn same_but_one<T: PartialEq>(a: Option<&(Vec<When>, Option<T>)>, b: Option<&(Vec<When>, Option<T>)>) -> bool {
    let (Some((a, one)), Some((b, other))) = (a, b) else {
        return false;
    };
    let (Some((last_a, rest_a)), Some((last_b, rest_b))) = (a.split_last(), b.split_last()) else {
        return false;
    };
    rest_a == rest_b && last_a.test == last_b.test && last_a.holds != last_b.holds && one == other
}

/// The root itself.
pub(super) fn root_instance(module: Rc<super::instance::Module>) -> Rc<Instance> {
    Rc::new(Instance {
        id: 0,
        module,
        path: "".into(),
        call: None,
        depth: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn when(tests: &[(&str, bool)]) -> Vec<When> {
        let one = |(test, holds): &(&str, bool)| When {
            test: (*test).into(),
            holds: *holds,
            span: Span::default(),
        };
        tests.iter().map(one).collect()
    }

    #[test]
    fn outcomes_that_are_the_same_are_one() {
        let outcomes = vec![
            (when(&[("a", true), ("b", true)]), Some(1)),
            (when(&[("a", true), ("b", false)]), Some(1)),
            (when(&[("a", false)]), None),
        ];
        assert_eq!(
            reduced(outcomes),
            [(when(&[("a", true)]), Some(1)), (when(&[("a", false)]), None)]
        );
    }
}
