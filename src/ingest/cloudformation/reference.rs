use super::attributes::{self, IDENTITY};
use super::evaluator::{Evaluator, short};
use super::function::Call;
use super::parameters::scalar;
use super::serverless::implied_ids;
use super::template::Resource;
use crate::source::{Node, Placeholder, Span, Value};

/// What names of a template stand for.
impl<'t> Evaluator<'t> {
    /// `Ref` with what it is given.
    pub fn reference_call(&mut self, call: &Call<'_>) -> Option<Node> {
        let name = self.argument(call)?;
        match name.as_str() {
            Some(name) if !Placeholder::is_in(name) => self.reference(name, call.span),
            Some(_) => Some(self.derived("Ref", &name, call.span)),
            None => Some(self.misused(call, "it takes a name")),
        }
    }

    /// `Ref`: a parameter, a pseudo parameter or a resource.
    pub fn reference(&mut self, name: &str, span: Span) -> Option<Node> {
        if let Some(pseudo) = name.strip_prefix("AWS::") {
            return self.pseudo(pseudo, span);
        }
        let template = self.template;
        if let Some((name, parameter)) = template.parameters.get_key_value(name) {
            return Some(self.parameter(name, parameter, span));
        }
        Some(self.attribute(name, "", span))
    }

    /// Pseudo parameters [FMT-77].
    fn pseudo(&mut self, name: &str, span: Span) -> Option<Node> {
        let text = match name {
            "NoValue" => return None,
            "AccountId" => self.account(span),
            "Region" => self.identity("region", span),
            "Partition" => "aws".to_owned(),
            "URLSuffix" => "amazonaws.com".to_owned(),
            "StackName" => self.identity("stack", span),
            "StackId" => {
                let (region, account) = (self.identity("region", span), self.account(span));
                let (stack, id) = (self.identity("stack", span), self.identity("AWS::StackId", span));
                format!("arn:aws:cloudformation:{region}:{account}:stack/{stack}/{id}")
            }
            "NotificationARNs" => return Some(self.unknown("AWS::NotificationARNs", span)),
            _ => {
                let message = format!("`AWS::{}` is no pseudo parameter", short(name));
                let help = "its value is taken as not known";
                self.say("bucketproof::ingest::undefined_name", span, &message, help);
                return Some(self.unknown(&short(&format!("AWS::{name}")), span));
            }
        };
        Some(Node::new(Value::String(text.into()), span))
    }

    /// The account that the template is deployed in.
    pub fn account(&mut self, span: Span) -> String {
        match self.surroundings.account {
            Some(account) => account.to_string(),
            None => self.identity("account", span),
        }
    }

    /// `Fn::GetAtt`.
    pub fn attribute_call(&mut self, call: &Call<'_>) -> Node {
        let items = call.argument.items();
        if let Some(text) = call.argument.as_str() {
            return match text.split_once('.') {
                Some((resource, attribute)) => self.attribute(resource, attribute, call.span),
                None => self.misused(call, "it takes a resource and an attribute"),
            };
        }
        let [resource, attributes @ ..] = items else {
            return self.misused(call, "it takes a resource and an attribute");
        };
        let names: Vec<Node> = attributes.iter().filter_map(|node| self.value(node)).collect();
        let names: Option<Vec<&str>> = names.iter().map(scalar).collect();
        match (resource.as_str(), names) {
            (Some(resource), Some(names)) if !names.is_empty() => self.attribute(resource, &names.join("."), call.span),
            (Some(_) | None, Some(_) | None) => self.misused(call, "it takes a resource and an attribute"),
        }
    }

    /// An attribute of a resource; the empty one is what `Ref` gives.
    pub fn attribute(&mut self, id: &str, attribute: &str, span: Span) -> Node {
        let template = self.template;
        let Some(resource) = template.resources.get(id).copied() else {
            return self.of_nothing(id, attribute, span);
        };
        let Some(form) = attributes::form(resource.kind, attribute) else {
            // What somebody else's code or template gives may be anything.
            return match is_foreign(resource.kind) {
                true => self.unknown(&short(&format!("{id}.{attribute}")), span),
                false => self.own(id, attribute, span),
            };
        };
        if form == IDENTITY {
            return self.own(id, "", span);
        }
        let text = self.in_form(&resource, form, span);
        self.made(text, span)
    }

    /// A value of a resource that AWS makes up.
    fn own(&mut self, id: &str, attribute: &str, span: Span) -> Node {
        let name = match attribute {
            "" => short(id),
            _ => short(&format!("{id}.{attribute}")),
        };
        let text = self.identity(&name, span);
        Node::new(Value::String(text.into()), span)
    }

    /// What AWS SAM makes, or a name that nothing has.
    fn of_nothing(&mut self, id: &str, attribute: &str, span: Span) -> Node {
        let template = self.template;
        let implied = self.implied.get_or_insert_with(|| implied_ids(template));
        if implied.contains(id) {
            return match attributes::form("AWS::IAM::Role", attribute) {
                Some(form) => {
                    let account = self.account(span);
                    let name = self.identity(&short(id), span);
                    let text = form.replace("{account}", &account).replace("{path}", "/");
                    let text = text.replace("{name}", &name).replace("{partition}", "aws");
                    self.made(text, span)
                }
                None => self.own(id, attribute, span),
            };
        }
        if template.transforms().next().is_none() {
            let message = format!("`{}` is no parameter or resource of this template", short(id));
            let help = "CloudFormation refuses it; its value is taken as not known";
            self.say("bucketproof::ingest::undefined_name", span, &message, help);
        }
        let name = match attribute {
            "" => short(id),
            _ => short(&format!("{id}.{attribute}")),
        };
        self.unknown(&name, span)
    }

    /// A text such as an ARN with what it takes from the resource.
    fn in_form(&mut self, resource: &Resource<'t>, form: &str, span: Span) -> String {
        let mut text = String::new();
        let mut rest = form;
        while let Some((before, behind)) = rest.split_once('{') {
            text.push_str(before);
            let (name, behind) = behind.split_once('}').unwrap_or((behind, ""));
            rest = behind;
            let part = match name {
                "partition" => "aws".to_owned(),
                "account" => self.account(span),
                "region" => self.identity("region", span),
                "path" => self.property_text(resource, "Path").unwrap_or_else(|| "/".to_owned()),
                "id" => self.identity(&short(resource.id), span),
                "url" => {
                    let url = self.property_text(resource, "Url");
                    let url = url.map(|url| url.trim_start_matches("https://").to_owned());
                    url.unwrap_or_else(|| self.identity(&short(resource.id), span))
                }
                _ => self.own_name(resource, span),
            };
            text.push_str(&part);
        }
        text.push_str(rest);
        text
    }

    /// The name of a resource: the one that it is given, or what AWS will make up.
    pub fn own_name(&mut self, resource: &Resource<'t>, span: Span) -> String {
        if let Some(known) = self.named.get(resource.id) {
            return known.clone();
        }
        let name = attributes::name_property(resource.kind).and_then(|name| self.property_text(resource, name));
        let name = name.unwrap_or_else(|| self.identity(&short(resource.id), span));
        self.named.insert(resource.id, name.clone());
        name
    }

    /// A property as a text; none where there is none, or where it leads back to itself.
    fn property_text(&mut self, resource: &Resource<'t>, name: &str) -> Option<String> {
        let node = resource.property(name)?;
        if self.open.contains(&resource.id) || self.open.len() >= LONGEST_CHAIN {
            let message = format!("the name of `{}` leads back to itself", short(resource.id));
            let help = "CloudFormation refuses it; the name is taken as not known";
            self.say("bucketproof::ingest::circular_name", node.span, &message, help);
            return None;
        }
        self.open.push(resource.id);
        let value = self.value(node);
        self.open.pop();
        value
            .as_ref()
            .and_then(scalar)
            .map(str::to_owned)
            .filter(|text| !text.is_empty())
    }

    /// `Fn::FindInMap`, with a default where the language extensions give one.
    pub fn find_in_map(&mut self, call: &Call<'_>) -> Node {
        let (keys, default) = match call.argument.items() {
            [map, first, second] => ([map, first, second], None),
            [map, first, second, options] => ([map, first, second], options.get("DefaultValue")),
            _ => return self.misused(call, "it takes a map and two keys"),
        };
        let keys = keys.map(|key| self.value(key).map(|key| self.text(&key, call)).unwrap_or_default());
        let [map, first, second] = &keys;
        let mappings = &self.template.mappings;
        let maps = mappings.get(&**map).map(|map| map.members()).unwrap_or_default();
        self.spend(maps.len(), call.span);
        let is_for = |key: &str, asked: &str| key == asked || Placeholder::is_in(asked);
        let rows = maps.iter().filter(|row| is_for(&row.key, first));
        let values = rows.flat_map(|row| row.value.members().iter().filter(|cell| is_for(&cell.key, second)));
        let values: Vec<&Node> = values.map(|cell| &cell.value).take(MOST_CELLS).collect();
        if let Some((only, others)) = values.split_first()
            && others.iter().all(|other| other == only)
        {
            let value = self.value(only);
            return value
                .map(|value| Node {
                    span: call.span,
                    ..value
                })
                .unwrap_or_default();
        }
        if values.is_empty()
            && let Some(default) = default
        {
            return self.value(default).unwrap_or_default();
        }
        let shown = self.shown(&keys.join("."));
        if values.is_empty() && !keys.iter().any(|key| Placeholder::is_in(key)) {
            let message = format!("the mappings have no `{}`", short(&shown));
            let help = "CloudFormation refuses it; its value is taken as not known";
            self.say("bucketproof::ingest::undefined_name", call.span, &message, help);
        }
        self.unknown(&short(&format!("FindInMap({shown})")), call.span)
    }

    /// `Fn::ImportValue`: what one of the templates exports.
    pub fn import(&mut self, call: &Call<'_>) -> Node {
        let name = self
            .argument(call)
            .map(|name| self.text(&name, call))
            .unwrap_or_default();
        match self.surroundings.exports.get(&name) {
            Some(value) => Node {
                span: call.span,
                ..value.clone()
            },
            None => {
                let shown = self.shown(&name);
                self.unknown(&short(&format!("ImportValue({shown})")), call.span)
            }
        }
    }
}

/// Whether the attributes of a type of resource are up to code that is not known.
fn is_foreign(kind: &str) -> bool {
    !kind.starts_with("AWS::") || kind.starts_with("AWS::CloudFormation::") || kind == "AWS::Serverless::Application"
}

/// Longest way from one name to another.
const LONGEST_CHAIN: usize = 24;

/// Most cells of a map that are compared where a key is not known.
const MOST_CELLS: usize = 1000;
