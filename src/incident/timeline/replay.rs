use std::collections::BTreeSet;

use super::change::{Change, Set, Target, Told, change};
use super::differs::differs;
use super::forget::forget;
use super::gap::gap;
use super::order::in_order;
use super::parameters::Written;
use super::reach::{difference, document, is_exposure, now};
use super::state::State;
use super::unknown::unknown_account;
use super::windows::{Turn, Window, Windows};
use crate::engine::{DocumentKind, Grant, NewGrant, Options, ResourceAccess, Zone};
use crate::iam::AccountId;
use crate::model::{ApiEvent, Inventory};
use crate::source::{Diagnostic, SourceFile, Sources};

/// What is known beside the log.
#[derive(Debug, Default)]
pub enum Start {
    /// Nothing: what was before the first event is unknown [CT-96].
    #[default]
    Unknown,
    /// The state before the first event.
    Before(Box<Inventory>),
    /// The state after the last event: what no event changed was so from the start.
    After(Box<Inventory>),
}

/// What a log tells, in order.
#[derive(Debug, Default)]
pub struct Timeline {
    /// The events.
    pub entries: Vec<Entry>,
    /// When somebody from outside had access.
    pub windows: Vec<Window>,
    /// Problems with the events.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether something could not be decided of which all is told that there was before.
    pub undecided: bool,
}

/// One event and what it changed.
#[derive(Debug)]
pub struct Entry {
    /// The event.
    pub event: ApiEvent,
    /// ARN of what it is about, or its name.
    pub resource: String,
    /// What it did, in words; of an attempt what it would have done.
    pub words: String,
    /// Who has access that was not there before.
    pub gained: Vec<NewGrant>,
    /// Who had access that is gone.
    pub lost: Vec<NewGrant>,
    /// Who has access by what the event set, where what was before is unknown.
    pub standing: Vec<Grant>,
    /// What could not be decided, in words.
    pub undecided: Vec<String>,
}

impl Entry {
    /// Whether it was refused, and changed nothing [CT-05].
    pub fn is_attempt(&self) -> bool {
        self.event.error.is_some()
    }
}

/// Puts events in order and tells what each changed.
///
/// Documents in events become files of `sources`, so that grants have a place. Access is judged at the time of each event.
pub fn timeline(
    events: Vec<ApiEvent>,
    start: Start,
    zone: &Zone,
    options: &Options,
    sources: &mut Sources,
) -> Timeline {
    let mut diagnostics = Vec::new();
    let mut told: Vec<(ApiEvent, Change)> = Vec::new();
    for event in in_order(events) {
        if let Some(change) = read(&event, sources, &mut diagnostics) {
            told.push((event, change));
        }
    }
    let later = match &start {
        Start::After(inventory) => Some(inventory.clone()),
        Start::Unknown | Start::Before(_) => None,
    };
    let mut replay = Replay {
        state: State::new(started(start, &told)),
        zone,
        options,
        windows: Windows::default(),
        diagnostics,
        undecided: false,
    };
    replay.start();
    let entries = told
        .into_iter()
        .map(|(event, change)| replay.entry(event, change))
        .collect();
    let differences = later.iter().flat_map(|later| differs(&replay.state, later));
    replay.diagnostics.extend(differences);
    Timeline {
        entries,
        windows: replay.windows.finish(),
        diagnostics: replay.diagnostics,
        undecided: replay.undecided,
    }
}

/// Adds the accounts that logs are of: of those nothing but their ids is known.
pub fn name_accounts(inventory: &mut Inventory, events: &[ApiEvent]) {
    let ids: BTreeSet<AccountId> = events.iter().filter_map(|event| event.account).collect();
    for id in ids {
        if inventory.account(Some(id)).is_none() {
            inventory.accounts.push(unknown_account(Some(id)));
        }
    }
}

/// The objects that these events give an ACL: bucket and key.
pub fn with_acl<'e>(events: impl Iterator<Item = &'e ApiEvent>) -> BTreeSet<(Box<str>, Box<str>)> {
    let mut objects = BTreeSet::new();
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    for event in events.filter(|event| event.error.is_none()) {
        if let Some(Change {
            target: Target::Bucket(bucket, _),
            set: Set::ObjectAcl(key, _) | Set::NewObject(key, _),
            ..
        }) = read(event, &mut sources, &mut diagnostics)
        {
            objects.insert((bucket, key));
        }
    }
    objects
}

/// What an event changes, with its documents in a file of their own.
fn read(event: &ApiEvent, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) -> Option<Change> {
    let mut written = |text: &Option<Box<str>>, what: &str| {
        let text = laid_out(text.as_deref()?);
        let path = format!("{} ({what} of event {})", sources.path(event.span), event.id);
        let file = sources.add(SourceFile::new(path, text.clone()));
        Written::read(file, &text)
    };
    let parameters = written(&event.parameters, "parameters");
    // A trust policy is told twice, and a key only here [CT-60], [CT-67].
    let response = match event.name.starts_with("Create") {
        true => written(&event.response, "answer"),
        false => None,
    };
    change(&mut Told {
        event,
        parameters: parameters.as_ref(),
        response: response.as_ref(),
        diagnostics,
    })
}

/// JSON over several lines, so that places in it mean something.
fn laid_out(text: &str) -> String {
    let value: Option<serde_json::Value> = serde_json::from_str(text).ok();
    let laid_out = value.and_then(|value| serde_json::to_string_pretty(&value).ok());
    laid_out.unwrap_or_else(|| text.to_owned())
}

/// The state before the first event, as far as it is known.
fn started(start: Start, told: &[(ApiEvent, Change)]) -> Inventory {
    match start {
        Start::Unknown => Inventory::default(),
        Start::Before(inventory) => *inventory,
        Start::After(inventory) => {
            let mut inventory = *inventory;
            let done = told.iter().filter(|(event, _)| event.error.is_none());
            done.for_each(|(_, change)| forget(&mut inventory, &change.target, &change.set));
            inventory
        }
    }
}

/// A state on its way through the events.
struct Replay<'r> {
    state: State,
    zone: &'r Zone,
    options: &'r Options,
    windows: Windows,
    diagnostics: Vec<Diagnostic>,
    undecided: bool,
}

impl Replay<'_> {
    fn start(&mut self) {
        for target in self.state.targets().collect::<Vec<Target>>() {
            let piece = self.state.piece(&target);
            let access = now(&self.state, &piece, self.zone, self.options);
            self.windows.start(&access);
        }
    }

    fn entry(&mut self, event: ApiEvent, change: Change) -> Entry {
        let Change {
            target,
            set,
            words,
            open,
        } = change;
        let mut entry = Entry {
            resource: self.state.arn(&target),
            event,
            words,
            gained: Vec::new(),
            lost: Vec::new(),
            standing: Vec::new(),
            undecided: Vec::new(),
        };
        // [CT-05]: what failed changed nothing.
        if entry.is_attempt() {
            return entry;
        }
        entry.undecided.extend(open.map(str::to_owned));
        if !matches!(set, Set::Nothing) {
            self.turn(&mut entry, target, set);
        }
        entry
    }

    fn turn(&mut self, entry: &mut Entry, target: Target, set: Set) {
        let options = Options {
            now: entry.event.time,
            ..self.options.clone()
        };
        let about = self.state.decides(&target, &set);
        self.state.expect(&about, &set);
        let knows = self.state.knows(&target, &set);
        self.doubt(entry, &about, &set);
        let before = self.state.piece(&about);
        let was = now(&self.state, &before, self.zone, &options);
        let document = document(&set);
        let is_gone = matches!(set, Set::NoBucket | Set::NoPoint | Set::NoRole);
        self.state.apply(target.clone(), set);
        let after = self.state.piece(&about);
        if !is_gone {
            entry.resource = self.state.arn(&target);
        }
        let is = now(&self.state, &after, self.zone, &options);
        if knows {
            let reach = difference(&self.state, &before, &after, self.zone, &options);
            entry.gained = reach.gained;
            entry.lost = reach.lost;
            self.undecided |= !reach.undecided.is_empty();
            entry.undecided.extend(reach.undecided);
        } else {
            stand(entry, &is, document);
        }
        let turn = Turn {
            time: entry.event.time,
            event: &entry.event.id,
            knows_before: knows,
        };
        self.windows.turn(turn, &was, &is);
    }

    /// Says where an event cannot have succeeded in this state, and takes nothing for granted there any more [CT-100].
    fn doubt(&mut self, entry: &mut Entry, about: &Target, set: &Set) {
        let before = self.state.piece(about);
        if let Some(gap) = gap(&self.state, &before, about, set) {
            let message = format!("event `{}` does not fit what came before: {gap}", entry.event.id);
            let diagnostic = Diagnostic::warning("bucketproof::incident::gap", entry.event.span, message);
            self.diagnostics.push(
                diagnostic
                    .with_help("look for logs of other Regions or accounts, and for time without a running trail"),
            );
            entry.undecided.push(gap);
            self.state.doubt_blocks(about);
        }
    }
}

/// Who has access by what an event set, where what was before is unknown [CT-96].
fn stand(entry: &mut Entry, is: &[ResourceAccess], document: Option<DocumentKind>) {
    let grants = is.iter().flat_map(|access| &access.grants);
    let standing = grants.filter(|grant| match document {
        Some(document) => grant.sources.iter().any(|source| source.document == document),
        None => is_exposure(grant),
    });
    entry.standing = standing.cloned().collect();
    entry
        .undecided
        .push("what was before is not told, so that nothing can be called gained or lost".into());
    let open = is.iter().flat_map(|access| &access.indeterminate);
    let open = open.map(|undecided| format!("who has access now is not all decided: {}", undecided.reason));
    entry.undecided.extend(open);
}
