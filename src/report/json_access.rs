use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Report;
use crate::finding::{
    Assumption, Confinement, ContextValue, Declaration, Grant, GrantSource, Grantee, Indeterminate, Request, Residual,
    ResourceAccess,
};
use crate::iam;
use crate::model::When;
use crate::source::{Sources, Span};

/// The `resources` of the contract, made one at a time.
pub(super) struct Resources<'a>(pub(super) &'a Report<'a>);

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        let views = report.resources.iter().enumerate();
        serializer.collect_seq(views.map(|(place, access)| ResourceView::of(access, place, report)))
    }
}

#[derive(Serialize)]
struct ResourceView<'a> {
    id: &'a str,
    kind: &'static str,
    name: &'a str,
    account: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    when: Vec<WhenView<'a>>,
    location: PlaceView<'a>,
    status: StatusView,
    grants: Vec<GrantView<'a>>,
    indeterminate: Vec<IndeterminateView<'a>>,
}

/// What a grantee is; an account that is not known before deployment is somebody that the input does not tell.
fn kind(grantee: &Grantee) -> &'static str {
    match grantee {
        Grantee::Account(account) if account.placeholder().is_some() => Grantee::Unknown(Box::default()).kind(),
        _ => grantee.kind(),
    }
}

/// An outcome of a test that is not known before deployment.
#[derive(Serialize)]
pub(super) struct WhenView<'a> {
    test: &'a str,
    holds: bool,
}

impl<'a> WhenView<'a> {
    pub(super) fn of(when: &'a When) -> Self {
        Self {
            test: &when.test,
            holds: when.holds,
        }
    }
}

#[derive(Serialize)]
pub(super) struct PlaceView<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct StatusView {
    policy_public: Option<bool>,
    acl_public: Option<bool>,
    console: Option<&'static str>,
    sharing: &'static str,
}

#[derive(Serialize)]
pub(super) struct GrantView<'a> {
    grantee: GranteeView,
    effect: &'static str,
    blocked_by: &'a [String],
    outside_zone: bool,
    open: bool,
    confined_by: Vec<ConfinementView<'a>>,
    levels: Vec<&'static str>,
    actions: Vec<&'static str>,
    resources: &'a [String],
    conditions: Vec<ResidualView<'a>>,
    assumed: Vec<AssumptionView<'a>>,
    sources: Vec<SourceView<'a>>,
    witness: WitnessView<'a>,
    /// Left out where nobody declared it.
    #[serde(skip_serializing_if = "Option::is_none")]
    intended: Option<DeclarationView<'a>>,
}

/// Why access is intended.
#[derive(Serialize)]
struct DeclarationView<'a> {
    reason: &'a str,
    owner: Option<&'a str>,
    expires: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct GranteeView {
    kind: &'static str,
    id: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ConfinementView<'a> {
    kind: &'static str,
    key: &'a str,
    values: &'a [String],
}

#[derive(Serialize)]
struct ResidualView<'a> {
    operator: &'a str,
    key: &'a str,
    values: &'a [String],
}

#[derive(Serialize)]
struct AssumptionView<'a> {
    unknown: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
}

#[derive(Serialize)]
pub(super) struct SourceView<'a> {
    document: &'static str,
    statement: Option<&'a str>,
    index: u32,
    file: &'a str,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
pub(super) struct IndeterminateView<'a> {
    reason: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
}

/// A `witness` of the contract.
#[derive(Serialize)]
pub(super) struct WitnessView<'a> {
    principal: String,
    action: &'static str,
    resource: &'a str,
    context: ContextView<'a>,
}

struct ContextView<'a>(&'a Request);

impl Serialize for ContextView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.0.context.iter() {
            match value {
                ContextValue::One(value) => map.serialize_entry(key.name(), value)?,
                // An empty list counts as absent [COND-28], and absent keys are left out.
                ContextValue::Many(values) if values.is_empty() => {}
                ContextValue::Many(values) => map.serialize_entry(key.name(), values)?,
            }
        }
        map.end()
    }
}

impl<'a> ResourceView<'a> {
    fn of(access: &'a ResourceAccess, place: usize, report: &'a Report<'_>) -> Self {
        let sources = report.sources;
        let ResourceAccess {
            resource,
            status,
            grants,
            indeterminate,
        } = access;
        let undecided = |undecided| IndeterminateView::of(undecided, sources);
        Self {
            id: &resource.arn,
            kind: resource.kind.as_str(),
            name: &resource.name,
            account: resource
                .account
                .filter(|account| account.placeholder().is_none())
                .map(|account| account.to_string()),
            when: resource.when.iter().map(WhenView::of).collect(),
            location: PlaceView::of(resource.span, sources),
            status: StatusView {
                policy_public: status.policy_public,
                acl_public: status.acl_public,
                console: status.console.map(|label| label.as_str()),
                sharing: status.sharing.as_str(),
            },
            grants: grants
                .iter()
                .enumerate()
                .map(|(index, grant)| GrantView::of(grant, sources).declared(report.intended.get(&(place, index))))
                .collect(),
            indeterminate: indeterminate.iter().map(undecided).collect(),
        }
    }
}

impl<'a> IndeterminateView<'a> {
    pub(super) fn of(undecided: &'a Indeterminate, sources: &'a Sources) -> Self {
        Self {
            reason: &undecided.reason,
            file: undecided.span.map(|span| sources.path(span)),
            line: undecided.span.map(|span| sources.start(span).line),
        }
    }
}

impl<'a> PlaceView<'a> {
    pub(super) fn of(span: Span, sources: &'a Sources) -> Self {
        let start = sources.start(span);
        Self {
            file: sources.path(span),
            line: start.line,
            column: start.column,
        }
    }
}

impl<'a> GrantView<'a> {
    pub(super) fn of(grant: &'a Grant, sources: &'a Sources) -> Self {
        let Grant {
            grantee,
            effect,
            blocked_by,
            outside_zone,
            open,
            confined_by,
            actions,
            resources,
            conditions,
            assumed,
            sources: rests_on,
            witness,
        } = grant;
        Self {
            grantee: GranteeView::of(grantee),
            effect: effect.as_str(),
            blocked_by,
            outside_zone: *outside_zone,
            open: *open,
            confined_by: confined_by.iter().map(ConfinementView::of).collect(),
            levels: grant.levels().into_iter().map(iam::Level::as_str).collect(),
            actions: actions
                .iter()
                .filter_map(|id| iam::action(*id))
                .map(|action| action.name)
                .collect(),
            resources,
            conditions: conditions.iter().map(ResidualView::of).collect(),
            assumed: assumed
                .iter()
                .map(|assumed| AssumptionView::of(assumed, sources))
                .collect(),
            sources: rests_on.iter().map(|source| SourceView::of(source, sources)).collect(),
            witness: WitnessView::of(witness),
            intended: None,
        }
    }

    /// The same with why it is intended, where it is.
    pub(super) fn declared(self, declared: Option<&'a Declaration>) -> Self {
        Self {
            intended: declared.map(DeclarationView::of),
            ..self
        }
    }
}

impl<'a> DeclarationView<'a> {
    fn of(declaration: &'a Declaration) -> Self {
        Self {
            reason: &declaration.reason,
            owner: declaration.owner.as_deref(),
            expires: declaration.expires.as_deref(),
        }
    }
}

impl GranteeView {
    pub(super) fn of(grantee: &Grantee) -> Self {
        Self {
            kind: kind(grantee),
            id: grantee.id(),
        }
    }
}

impl<'a> ConfinementView<'a> {
    pub(super) fn of(confinement: &'a Confinement) -> Self {
        Self {
            kind: confinement.kind.as_str(),
            key: &confinement.key,
            values: &confinement.values,
        }
    }
}

impl<'a> ResidualView<'a> {
    fn of(residual: &'a Residual) -> Self {
        Self {
            operator: &residual.operator,
            key: &residual.key,
            values: &residual.values,
        }
    }
}

impl<'a> AssumptionView<'a> {
    fn of(assumption: &'a Assumption, sources: &'a Sources) -> Self {
        Self {
            unknown: &assumption.unknown,
            file: assumption.span.map(|span| sources.path(span)),
            line: assumption.span.map(|span| sources.start(span).line),
        }
    }
}

impl<'a> SourceView<'a> {
    pub(super) fn of(source: &'a GrantSource, sources: &'a Sources) -> Self {
        let start = sources.start(source.span);
        Self {
            document: source.document.as_str(),
            statement: source.sid.as_deref(),
            index: source.index,
            file: sources.path(source.span),
            line: start.line,
            column: start.column,
        }
    }
}

impl<'a> WitnessView<'a> {
    /// The witness as the contract writes it.
    pub(super) fn of(request: &'a Request) -> Self {
        Self {
            principal: request.caller.to_string(),
            action: request.action.name,
            resource: &request.resource,
            context: ContextView(request),
        }
    }
}
