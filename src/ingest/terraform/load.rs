//! Directories of Terraform files as modules.

use std::rc::Rc;

use super::eval::Evaluator;
use super::instance::{Module, Resource, ResourceName};
use super::syntax::{Block, Body};
use crate::source::{Diagnostic, DiagnosticSeverity};

impl Evaluator<'_> {
    /// The module in a directory; none where there are no files.
    pub fn load(&self, directory: &str) -> Option<Rc<Module>> {
        if let Some(known) = self.state.borrow().modules.get(directory) {
            return known.clone();
        }
        let bodies = self.files.bodies(directory);
        let module = bodies.map(|bodies| Rc::new(self.module_of(directory, bodies)));
        self.state.borrow_mut().modules.insert(directory.into(), module.clone());
        module
    }

    fn module_of(&self, directory: &str, bodies: Vec<(bool, Body)>) -> Module {
        let mut module = Module {
            directory: directory.into(),
            ..Module::default()
        };
        for (overrides, body) in bodies {
            for block in body.blocks {
                match overriding(&block, &mut module).filter(|_| overrides) {
                    Some(known) => merge(known, block.body),
                    None => self.declare(block, &mut module),
                }
            }
        }
        module
    }

    fn declare(&self, block: Block, module: &mut Module) {
        let label = |place: usize| block.labels.get(place).cloned().unwrap_or_default();
        match &*block.kind {
            "variable" => {
                module.variables.insert(label(0), block);
            }
            "output" => {
                if let Some(value) = block.body.get("value") {
                    module.outputs.insert(label(0), value.clone());
                }
            }
            "locals" => {
                for attribute in block.body.attributes {
                    module.locals.insert(attribute.name, attribute.value);
                }
            }
            "module" => {
                module.calls.insert(label(0), block);
            }
            "resource" | "data" => {
                let name = ResourceName {
                    is_data: &*block.kind == "data",
                    kind: label(0),
                    name: label(1),
                };
                if module.by_name.contains_key(&name) {
                    let message = format!("`{}` is declared twice in this module", name.address());
                    let said = Diagnostic::new(
                        DiagnosticSeverity::Warning,
                        "bucketproof::ingest::declared_twice",
                        message,
                    );
                    self.say(
                        said.at(block.head)
                            .with_help("Terraform refuses this: rename one; both are judged here"),
                    );
                } else {
                    module.by_name.insert(name.clone(), module.resources.len());
                }
                module.resources.push(Resource { name, block });
            }
            "provider" if &*label(0) == "aws" && block.body.get("alias").is_none() => {
                module.region = block.body.get("region").cloned();
            }
            // What else there is, such as providers and checks, says nothing about access.
            _ => {}
        }
    }
}

/// The block that another one of the same name overrides.
fn overriding<'m>(block: &Block, module: &'m mut Module) -> Option<&'m mut Body> {
    let label = |place: usize| block.labels.get(place).map(|label| &**label).unwrap_or_default();
    match &*block.kind {
        "variable" => module.variables.get_mut(label(0)).map(|known| &mut known.body),
        "module" => module.calls.get_mut(label(0)).map(|known| &mut known.body),
        "resource" | "data" => {
            let name = ResourceName {
                is_data: &*block.kind == "data",
                kind: label(0).into(),
                name: label(1).into(),
            };
            let place = module.by_name.get(&name)?;
            module.resources.get_mut(*place).map(|known| &mut known.block.body)
        }
        _ => None,
    }
}

/// Attributes are replaced one by one, blocks all of a kind together.
fn merge(known: &mut Body, body: Body) {
    known
        .blocks
        .retain(|block| !body.blocks.iter().any(|other| other.kind == block.kind));
    known.blocks.extend(body.blocks);
    known.attributes.extend(body.attributes);
}
