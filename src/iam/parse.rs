use super::{
    BaseOperator, Condition, ConditionValue, ContextKey, Effect, ElementList, Operand, Operator, Pattern, PatternError,
    PolicyDocument, PolicyKind, Principal, PrincipalElement, PrincipalError, Statement, Version, undeployed,
};
use crate::source::{Diagnostic, DiagnosticSeverity, Member, Node, Placeholder, Span, Spanned, Value};

/// What became of a document: itself if AWS would take it, and everything there is to say about it.
#[derive(Clone, Debug)]
pub struct ParsedPolicy {
    /// The document, or the diagnostics (at least one an error) that say why there is none [POL-18].
    pub document: Result<PolicyDocument, Vec<Diagnostic>>,
    /// Warnings and notes about a valid document.
    pub remarks: Vec<Diagnostic>,
}

/// Reads a policy document of the given kind from its tree.
pub fn parse_policy(node: &Node, kind: PolicyKind) -> ParsedPolicy {
    let mut parser = Parser {
        kind,
        version: Version::V2008,
        undeployed: false,
        unresolved: Vec::new(),
        skipped: 0,
        diagnostics: Vec::new(),
    };
    let document = parser.document(node);
    let (errors, remarks): (Vec<_>, Vec<_>) = parser
        .diagnostics
        .into_iter()
        .partition(|found| found.severity == DiagnosticSeverity::Error);
    match document {
        Some(document) if errors.is_empty() => ParsedPolicy {
            document: Ok(document),
            remarks,
        },
        Some(_) | None => ParsedPolicy {
            document: Err(errors.into_iter().chain(remarks).collect()),
            remarks: Vec::new(),
        },
    }
}

struct Parser {
    kind: PolicyKind,
    version: Version,
    /// Whether there are placeholders in the document.
    undeployed: bool,
    /// Statements, or parts that they cannot be read without, that are placeholders.
    unresolved: Vec<Spanned<Placeholder>>,
    /// How many of them are entries of a list that only adds to what a statement is about: the rest of it is certain.
    skipped: usize,
    diagnostics: Vec<Diagnostic>,
}

impl Parser {
    fn document(&mut self, node: &Node) -> Option<PolicyDocument> {
        if !node.is_object() {
            self.error(
                node.span,
                format!("a policy is an object, not {} [POL-01]", node.kind()),
            );
            return None;
        }
        // Nothing more is said about a document that is too long: hostile ones hold millions of mistakes.
        if !self.fits(node) {
            return None;
        }
        self.duplicates(node);
        self.known_names(node, &["Version", "Id", "Statement"], "a policy");
        self.version = self.read_version(node);
        let id = self.optional_text(node, "Id");
        let Some(list) = node.get("Statement") else {
            self.error(node.span, "`Statement` is missing [POL-01]".into());
            return None;
        };
        // [POL-04]: one bare object is a list of one.
        if self.is_unresolved(list) {
            return Some(self.nothing_known(node, id));
        }
        let nodes = if list.is_array() {
            list.items()
        } else {
            std::slice::from_ref(list)
        };
        let statements = nodes
            .iter()
            .enumerate()
            .filter_map(|(index, node)| self.statement(node, index))
            .collect::<Vec<_>>();
        self.unique_sids(&statements);
        Some(PolicyDocument {
            version: self.version,
            id,
            statements,
            unresolved: std::mem::take(&mut self.unresolved),
            span: node.span,
        })
    }

    /// A document of which no statement is known before deployment.
    fn nothing_known(&mut self, node: &Node, id: Option<Box<str>>) -> PolicyDocument {
        PolicyDocument {
            version: self.version,
            id,
            statements: Vec::new(),
            unresolved: std::mem::take(&mut self.unresolved),
            span: node.span,
        }
    }

    /// Whether a value is not known before deployment where nothing but a known one can be read: then the whole statement
    /// is not.
    fn is_unresolved(&mut self, node: &Node) -> bool {
        node.as_str()
            .is_some_and(|text| self.is_unresolved_text(text, node.span))
    }

    fn is_unresolved_text(&mut self, text: &str, span: Span) -> bool {
        if !self.undeployed {
            return false;
        }
        let found = Placeholder::all_in(text).next();
        self.unresolved
            .extend(found.iter().map(|(_, placeholder)| Spanned::new(*placeholder, span)));
        found.is_some()
    }

    fn read_version(&mut self, node: &Node) -> Version {
        match node.get("Version") {
            None => {
                self.warning(
                    node.span,
                    "`Version` is missing: the policy follows 2008-10-17, in which `${…}` is ordinary text [POL-02]",
                );
                Version::V2008
            }
            Some(version) if self.undeployed && version.as_str().is_some_and(Placeholder::is_in) => Version::V2012,
            Some(version) => match version.as_str() {
                Some("2012-10-17") => Version::V2012,
                Some("2008-10-17") => Version::V2008,
                Some(_) | None => {
                    self.error_help(
                        version.span,
                        "`Version` is neither \"2012-10-17\" nor \"2008-10-17\" [POL-02]".into(),
                        "write \"2012-10-17\"; it is the version of the language, not of your policy",
                    );
                    Version::V2012
                }
            },
        }
    }

    fn statement(&mut self, node: &Node, index: usize) -> Option<Statement> {
        if self.is_unresolved(node) {
            return None;
        }
        let unresolved = self.unresolved.len() - self.skipped;
        if !node.is_object() {
            self.error(
                node.span,
                format!("a statement is an object, not {} [POL-04]", node.kind()),
            );
            return None;
        }
        self.duplicates(node);
        self.known_names(node, STATEMENT, "a statement");
        let sid = self.optional_text(node, "Sid");
        let effect = self.effect(node);
        let principal = self.principal_element(node);
        let action = self.element(node, "Action", "NotAction", true);
        let resource = self.resource_element(node);
        let conditions = node
            .get("Condition")
            .map(|block| self.conditions(block))
            .unwrap_or_default();
        if self.unresolved.len() - self.skipped > unresolved {
            return None;
        }
        let statement = Statement {
            index: u32::try_from(index).unwrap_or(u32::MAX),
            sid,
            effect: effect?,
            principal: principal?,
            action: action?,
            resource: resource?,
            conditions,
            placeholders: if self.undeployed {
                placeholders(node)
            } else {
                Vec::new()
            },
            span: node.span,
        };
        self.resource_control(&statement);
        Some(statement)
    }

    fn effect(&mut self, node: &Node) -> Option<Effect> {
        let Some(effect) = node.get("Effect") else {
            self.error(node.span, "`Effect` is missing [POL-07]".into());
            return None;
        };
        match effect.as_str() {
            Some("Allow") => Some(Effect::Allow),
            Some("Deny") => Some(Effect::Deny),
            Some(_) | None if self.is_unresolved(effect) => None,
            Some(_) | None => {
                self.error(
                    effect.span,
                    "`Effect` is neither \"Allow\" nor \"Deny\" [POL-07]".into(),
                );
                None
            }
        }
    }

    /// Exactly one of an element and its `Not…` form [POL-08].
    fn one_of<'n>(&mut self, node: &'n Node, name: &str, not: &str) -> Option<(bool, &'n Node)> {
        match (node.get(name), node.get(not)) {
            (Some(value), None) => Some((false, value)),
            (None, Some(value)) => Some((true, value)),
            (Some(_), Some(value)) => {
                self.error(
                    value.span,
                    format!("`{name}` and `{not}` cannot stand in one statement [POL-08]"),
                );
                None
            }
            (None, None) => {
                self.error(node.span, format!("`{name}` or `{not}` is missing [POL-08]"));
                None
            }
        }
    }

    fn principal_element(&mut self, node: &Node) -> Option<PrincipalElement> {
        let (negated, value) = self.one_of(node, "Principal", "NotPrincipal")?;
        if negated && self.kind == PolicyKind::Trust {
            self.error(
                value.span,
                "`NotPrincipal` cannot stand in a role trust policy [PRIN-18]".into(),
            );
        }
        let unresolved = self.unresolved.len();
        let mut entries = Vec::new();
        let mut empty = false;
        match &value.value {
            Value::String(text) if &**text == "*" => {
                if self.kind == PolicyKind::Trust {
                    self.warning(
                        value.span,
                        "`\"Principal\": \"*\"` in a trust policy is read as {\"AWS\": \"*\"}: any AWS account [PRIN-21]",
                    );
                }
                entries.push(Spanned::new(Principal::Everyone, value.span));
            }
            Value::Object(members) => {
                self.duplicates(value);
                empty = members.iter().all(|member| scalar_or_list(&member.value).is_empty());
                for member in members {
                    self.principals(member, &mut entries);
                }
            }
            Value::String(_) if self.is_unresolved(value) => return None,
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                self.error_help(
                    value.span,
                    "a principal is \"*\" or an object such as {\"AWS\": …} [PRIN-01]".into(),
                    "name the kind of principal: {\"AWS\": …}, {\"Service\": …}, {\"Federated\": …} or {\"CanonicalUser\": …}",
                );
                return None;
            }
        }
        if !negated {
            self.skipped += self.unresolved.len() - unresolved;
        }
        if empty {
            self.warning(value.span, "an empty principal matches nobody [POL-11]");
        }
        Some(PrincipalElement {
            negated,
            entries,
            span: value.span,
        })
    }

    fn principals(&mut self, member: &Member, entries: &mut Vec<Spanned<Principal>>) {
        let read: fn(&str) -> Result<Principal, PrincipalError> = match &*member.key {
            "AWS" => Principal::from_aws,
            "CanonicalUser" => Principal::from_canonical,
            "Service" => Principal::from_service,
            "Federated" => Principal::from_federated,
            other => {
                self.error_help(
                    member.key_span,
                    format!("`{other}` is no kind of principal [PRIN-14]"),
                    "the kinds are `AWS`, `CanonicalUser`, `Service` and `Federated`",
                );
                return;
            }
        };
        for node in scalar_or_list(&member.value) {
            let Some(text) = node.as_str() else {
                self.principal_type(node);
                continue;
            };
            match read(text) {
                Ok(principal) => {
                    self.principal_remarks(&principal, node.span);
                    entries.push(Spanned::new(principal, node.span));
                }
                Err(_) if self.is_unresolved(node) => {}
                Err(error) => self.error(node.span, format!("`{text}`: {error}")),
            }
        }
    }

    /// [PRIN-19]
    fn principal_type(&mut self, node: &Node) {
        match &node.value {
            Value::Number(number) => self.error_help(
                node.span,
                format!("the account id `{number}` is written as a number [PRIN-19]"),
                "put it in quotes: leading zeros are lost otherwise",
            ),
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                self.error(
                    node.span,
                    format!("a principal is a string, not {} [PRIN-02]", node.kind()),
                );
            }
        }
    }

    fn principal_remarks(&mut self, principal: &Principal, span: Span) {
        match principal {
            Principal::Federated(_) if self.kind != PolicyKind::Trust => self.warning(
                span,
                "a federated principal has no effect here: only a role trust policy knows it [PRIN-11]",
            ),
            Principal::Canonical(_) | Principal::OriginAccessIdentity(_) if self.kind == PolicyKind::Trust => {
                self.error(
                    span,
                    "a role trust policy cannot name S3's own principals [PRIN-07]".into(),
                );
            }
            Principal::Everyone
            | Principal::Account(_)
            | Principal::Aws(_)
            | Principal::Deleted(_)
            | Principal::Canonical(_)
            | Principal::OriginAccessIdentity(_)
            | Principal::Service(_)
            | Principal::Federated(_) => {}
        }
    }

    fn resource_element(&mut self, node: &Node) -> Option<Option<ElementList>> {
        if self.kind != PolicyKind::Trust {
            return self.element(node, "Resource", "NotResource", false).map(Some);
        }
        for name in ["Resource", "NotResource"] {
            if let Some(value) = node.get(name) {
                self.error(
                    value.span,
                    format!("`{name}` cannot stand in a role trust policy [POL-08]"),
                );
            }
        }
        Some(None)
    }

    fn element(&mut self, node: &Node, name: &str, not: &str, is_action: bool) -> Option<ElementList> {
        let (negated, value) = self.one_of(node, name, not)?;
        let unresolved = self.unresolved.len();
        let mut entries = Vec::new();
        for node in scalar_or_list(value) {
            let Some(text) = node.as_str() else {
                self.error(
                    node.span,
                    format!("`{name}` holds strings, not {} [POL-09]", node.kind()),
                );
                continue;
            };
            let pattern = if is_action {
                self.action(text, node.span)
            } else {
                self.resource(text, node.span)
            };
            if let Some(pattern) = pattern {
                entries.push(Spanned::new((text.into(), pattern), node.span));
            }
        }
        if scalar_or_list(value).is_empty() {
            self.warning(value.span, format!("an empty `{name}` matches nothing [POL-11]"));
        }
        if !negated {
            self.skipped += self.unresolved.len() - unresolved;
        }
        Some(ElementList {
            negated,
            entries,
            span: value.span,
        })
    }

    /// An action pattern, in lower case: prefix and name compare without case [ACT-01].
    fn action(&mut self, text: &str, span: Span) -> Option<Pattern> {
        let well_formed = text == "*"
            || text.split_once(':').is_some_and(|(service, name)| {
                let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'*' | b'?');
                !service.is_empty() && !name.is_empty() && service.bytes().chain(name.bytes()).all(fits)
            });
        if !well_formed && self.is_unresolved_text(text, span) {
            return None;
        }
        if !well_formed {
            self.error(span, format!("`{text}` is no action: expected `service:Name` [ACT-01]"));
            return None;
        }
        if text
            .split_once(':')
            .is_some_and(|(service, _)| service.contains(['*', '?']))
        {
            self.warning(span, format!("`{text}` has a wildcard in the service prefix [ACT-02]"));
        }
        Pattern::glob(&text.to_lowercase(), Version::V2008).ok()
    }

    fn resource(&mut self, text: &str, span: Span) -> Option<Pattern> {
        if text != "*" && !text.starts_with("arn:") {
            if self.is_unresolved_text(text, span) {
                return None;
            }
            self.error_help(
                span,
                format!("`{text}` is no resource: expected an ARN or `*` [RES-01]"),
                "a bucket is `arn:aws:s3:::NAME`, its objects are `arn:aws:s3:::NAME/*`",
            );
            return None;
        }
        self.pattern(Pattern::glob(text, self.version), text, span)
    }

    fn pattern<E: std::fmt::Display>(
        &mut self,
        pattern: Result<Pattern, E>,
        text: &str,
        span: Span,
    ) -> Option<Pattern> {
        pattern
            .map_err(|error| self.error(span, format!("`{text}`: {error}")))
            .ok()
    }

    fn conditions(&mut self, block: &Node) -> Vec<Condition> {
        if self.is_unresolved(block) {
            return Vec::new();
        }
        if !block.is_object() {
            self.error(
                block.span,
                format!("`Condition` is an object, not {} [COND-01]", block.kind()),
            );
            return Vec::new();
        }
        self.duplicates(block);
        let mut conditions = Vec::new();
        for member in block.members() {
            if self.is_unresolved_text(&member.key, member.key_span) || self.is_unresolved(&member.value) {
                continue;
            }
            let Some(operator) = Operator::from_name(&member.key) else {
                self.error_help(
                    member.key_span,
                    format!("`{}` is no condition operator [COND-41]", member.key),
                    &nearest_operator(&member.key),
                );
                continue;
            };
            if operator.to_string() != *member.key {
                self.warning(
                    member.key_span,
                    format!("`{}` is documented as `{operator}` [COND-05]", member.key),
                );
            }
            if !member.value.is_object() {
                let kind = member.value.kind();
                self.error(
                    member.value.span,
                    format!("`{operator}` holds context keys, not {kind} [COND-01]"),
                );
                continue;
            }
            self.duplicates(&member.value);
            for key in member.value.members() {
                conditions.extend(self.condition(operator, key));
            }
        }
        self.keys_in_two_cases(&conditions);
        conditions
    }

    fn condition(&mut self, operator: Operator, member: &Member) -> Option<Condition> {
        if self.is_unresolved_text(&member.key, member.key_span) {
            return None;
        }
        let key = ContextKey::new(&member.key);
        let mut values = Vec::new();
        for node in scalar_or_list(&member.value) {
            let text: Box<str> = match &node.value {
                Value::String(text) | Value::Number(text) => text.clone(),
                Value::Bool(true) => "true".into(),
                Value::Bool(false) => "false".into(),
                Value::Null | Value::Array(_) | Value::Object(_) => {
                    self.error(
                        node.span,
                        format!("a condition value cannot be {} [COND-06]", node.kind()),
                    );
                    continue;
                }
            };
            let operand = self.operand(&text, operator, (&key, node.span));
            let operand = operand
                .map_err(|error| self.error(node.span, format!("`{text}`: {error}")))
                .ok()?;
            if operand == Operand::Unreadable {
                self.warning(
                    node.span,
                    format!("`{operator}` cannot read the value `{text}` [COND-36]"),
                );
            }
            values.push(ConditionValue {
                text,
                operand,
                span: node.span,
            });
        }
        if scalar_or_list(&member.value).is_empty() {
            self.warning(
                member.value.span,
                format!("`{}` has no value to compare with [POL-12]", member.key),
            );
        }
        Some(Condition {
            operator,
            key,
            values,
            span: Span {
                end: member.value.span.end,
                ..member.key_span
            },
        })
    }

    fn operand(
        &mut self,
        text: &str,
        operator: Operator,
        (key, span): (&ContextKey, Span),
    ) -> Result<Operand, PatternError> {
        if self.undeployed && Placeholder::is_in(text) {
            if !undeployed::can_compare(operator.base) {
                self.is_unresolved_text(text, span);
                return Ok(Operand::Bool(false));
            }
            let network = matches!(operator.base, BaseOperator::IpAddress | BaseOperator::NotIpAddress);
            if network {
                let known = undeployed::network(text);
                if known.is_none() {
                    self.is_unresolved_text(text, span);
                }
                return Ok(known.unwrap_or(Operand::Bool(false)));
            }
            let text = undeployed::in_form(text, key);
            if let Some(text) = text {
                return Operand::read(&text, operator.base, self.version);
            }
        }
        Operand::read(text, operator.base, self.version)
    }

    /// [COND-03]: both spellings must hold.
    fn keys_in_two_cases(&mut self, conditions: &[Condition]) {
        let again = conditions.iter().enumerate().filter(|(index, condition)| {
            let same = |earlier: &Condition| earlier.operator == condition.operator && earlier.key == condition.key;
            conditions.iter().take(*index).any(same)
        });
        for (_, condition) in again {
            let name = condition.key.name().to_owned();
            self.warning(
                condition.span,
                format!("`{name}` stands twice in one operator; both must hold [COND-03]"),
            );
        }
    }

    /// [POL-10]
    fn resource_control(&mut self, statement: &Statement) {
        if self.kind != PolicyKind::ResourceControl {
            return;
        }
        let everyone = !statement.principal.negated
            && statement
                .principal
                .entries
                .iter()
                .all(|entry| entry.value == Principal::Everyone);
        if !everyone {
            let span = statement.principal.span;
            self.error(
                span,
                "a resource control policy knows only `\"Principal\": \"*\"` [POL-10]".into(),
            );
        }
        let full_access = statement.conditions.is_empty()
            && statement.action.entries.iter().all(|entry| &*entry.value.0 == "*")
            && !statement.action.negated;
        if statement.effect == Effect::Allow && !full_access {
            self.error(statement.span, "a resource control policy only denies [POL-10]".into());
        }
    }

    fn unique_sids(&mut self, statements: &[Statement]) {
        let mut seen = std::collections::HashSet::new();
        for statement in statements {
            if let Some(sid) = statement
                .sid
                .as_deref()
                .filter(|sid| !sid.is_empty() && !seen.insert(*sid))
            {
                self.warning(
                    statement.span,
                    format!("the Sid `{sid}` stands more than once [POL-06]"),
                );
            }
        }
    }

    /// [POL-15]: white space does not count.
    fn fits(&mut self, node: &Node) -> bool {
        let (limit, what) = match self.kind {
            PolicyKind::Bucket => (20 << 10, "a bucket policy"),
            PolicyKind::AccessPoint => (20 << 10, "an access point policy"),
            PolicyKind::Trust => (4096, "a role trust policy"),
            PolicyKind::ResourceControl => (5120, "a resource control policy"),
        };
        let size = compact_len(node);
        self.undeployed = has_placeholder(node);
        if size > limit {
            self.error(
                node.span,
                format!("{size} bytes are too long for {what}: the limit is {limit} [POL-15]"),
            );
        }
        size <= limit
    }

    /// [POL-13]
    fn duplicates(&mut self, node: &Node) {
        let members = node.members();
        let mut seen = std::collections::HashSet::with_capacity(members.len());
        for member in members {
            if !seen.insert(&*member.key) {
                self.error(
                    member.key_span,
                    format!("`{}` stands twice in one object [POL-13]", member.key),
                );
            }
        }
    }

    /// [POL-14]
    fn known_names(&mut self, node: &Node, names: &[&str], what: &str) {
        for member in node.members() {
            if !names.contains(&&*member.key) {
                let near = names
                    .iter()
                    .find(|name| strsim::osa_distance(&member.key.to_lowercase(), &name.to_lowercase()) < 3);
                let help = near.map_or_else(
                    || format!("{what} has {}", names.join(", ")),
                    |name| format!("write `{name}`"),
                );
                self.error_help(
                    member.key_span,
                    format!("`{}` is no element of {what} [POL-14]", member.key),
                    &help,
                );
            }
        }
    }

    fn optional_text(&mut self, node: &Node, name: &str) -> Option<Box<str>> {
        let value = node.get(name)?;
        if value.as_str().is_none() {
            self.error(
                value.span,
                format!("`{name}` is a string, not {} [POL-06]", value.kind()),
            );
        }
        value.as_str().map(Into::into)
    }

    fn error(&mut self, span: Span, message: String) {
        self.diagnostics.push(Diagnostic::error(INVALID, span, message));
    }

    fn error_help(&mut self, span: Span, message: String, help: &str) {
        self.diagnostics
            .push(Diagnostic::error(INVALID, span, message).with_help(help));
    }

    fn warning(&mut self, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::warning(REMARK, span, message));
    }
}

/// [POL-09]: a scalar means a list of one.
fn scalar_or_list(node: &Node) -> &[Node] {
    if node.is_array() {
        node.items()
    } else {
        std::slice::from_ref(node)
    }
}

/// Whether some value or name in the tree is not known before deployment.
fn has_placeholder(node: &Node) -> bool {
    // The first byte that every character of a placeholder has, and hardly anything else that a policy holds.
    let has = |text: &str| text.as_bytes().contains(&0xEE) && Placeholder::is_in(text);
    match &node.value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => has(text),
        Value::Array(items) => items.iter().any(has_placeholder),
        Value::Object(members) => members
            .iter()
            .any(|member| has(&member.key) || has_placeholder(&member.value)),
    }
}

/// The placeholders in a tree, in order.
fn placeholders(node: &Node) -> Vec<Spanned<Placeholder>> {
    match &node.value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
        Value::String(text) => Placeholder::all_in(text)
            .map(|(_, placeholder)| Spanned::new(placeholder, node.span))
            .collect(),
        Value::Array(items) => items.iter().flat_map(placeholders).collect(),
        Value::Object(members) => members.iter().flat_map(|member| placeholders(&member.value)).collect(),
    }
}

fn nearest_operator(name: &str) -> String {
    use super::BaseOperator;
    let stem = name
        .rsplit(':')
        .next()
        .unwrap_or(name)
        .trim_end_matches("IfExists")
        .to_lowercase();
    BaseOperator::ALL
        .iter()
        .map(|base| (strsim::osa_distance(&stem, &base.name().to_lowercase()), base.name()))
        .min()
        .map_or_else(String::new, |(_, name)| format!("did you mean `{name}`?"))
}

/// Length of the tree as JSON without white space.
fn compact_len(node: &Node) -> usize {
    match &node.value {
        Value::Null => 4,
        Value::Bool(value) => {
            if *value {
                4
            } else {
                5
            }
        }
        Value::Number(text) => text.len(),
        Value::String(text) => text.len() + 2,
        Value::Array(items) => {
            2 + items
                .iter()
                .map(|item| compact_len(item) + 1)
                .sum::<usize>()
                .saturating_sub(1)
        }
        Value::Object(members) => {
            let inner: usize = members
                .iter()
                .map(|member| member.key.len() + 4 + compact_len(&member.value))
                .sum();
            2 + inner.saturating_sub(1)
        }
    }
}

const STATEMENT: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

const INVALID: &str = "bucketproof::iam::invalid_policy";
const REMARK: &str = "bucketproof::iam::doubtful_policy";
