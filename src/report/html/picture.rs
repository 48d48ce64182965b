use std::collections::BTreeMap;

use serde::Serialize;

use super::super::words::cut;
use super::reach::{Reach, Reached};

/// Who reaches what, as a drawing: grantees on the left, resources on the right, a line for what one can do to the other.
#[derive(Serialize)]
pub(super) struct Picture {
    width: usize,
    height: usize,
    box_width: usize,
    box_height: usize,
    left: Vec<Box>,
    right: Vec<Box>,
    lines: Vec<Line>,
    /// Whether boxes stand for several.
    grouped: bool,
}

/// A grantee or a resource.
#[derive(Serialize)]
struct Box {
    x: usize,
    y: usize,
    text_x: usize,
    text_y: usize,
    text: String,
    /// All of the name, and what is below the pointer.
    title: String,
    kind: &'static str,
}

/// What a grantee can do to a resource.
#[derive(Serialize)]
struct Line {
    path: String,
    kind: &'static str,
    title: String,
}

/// A box before it has a place.
struct Node {
    title: String,
    kind: Reach,
    /// How many lines end in it.
    degree: usize,
}

/// The drawing, if anybody outside reaches anything. What has no room of its own shares the last box of its side.
pub(super) fn picture(reached: &[Reached]) -> Option<Picture> {
    let names = reached.iter().map(|reached| (reached.whom.as_str(), reached.kind, 0));
    let grantees = Side::of(names, MOST_GRANTEES);
    // Resources stand in the order of their grantees, so that fewer lines cross.
    let names = reached.iter().map(|reached| {
        let grantee = grantees.place(&reached.whom);
        (reached.target.as_str(), reached.kind, grantee)
    });
    let resources = Side::of(names, MOST_RESOURCES);
    let rows = grantees.nodes.len().max(resources.nodes.len());
    let height = rows * ROW + 2 * MARGIN;
    (!reached.is_empty()).then(|| Picture {
        width: WIDTH,
        height,
        box_width: BOX_WIDTH,
        box_height: BOX_HEIGHT,
        grouped: grantees.grouped || resources.grouped,
        left: grantees.boxes(INSET, rows),
        right: resources.boxes(WIDTH - BOX_WIDTH - INSET, rows),
        lines: lines(reached, (&grantees, &resources), rows),
    })
}

/// One line for each grantee and resource, with what it stands for.
fn lines(reached: &[Reached], (grantees, resources): (&Side, &Side), rows: usize) -> Vec<Line> {
    let mut lines: BTreeMap<(usize, usize), (Reach, Vec<String>)> = BTreeMap::new();
    for reached in reached {
        let ends = (grantees.place(&reached.whom), resources.place(&reached.target));
        let (kind, words) = lines.entry(ends).or_insert((reached.kind, Vec::new()));
        *kind = reached.kind.min(*kind);
        if words.len() < MOST_WORDS {
            let levels = reached.levels_in_words();
            words.push(format!(
                "{} → {}: {levels} ({})",
                reached.grantee,
                reached.resource,
                reached.kind.as_str()
            ));
        }
    }
    let lines = lines.into_iter();
    lines
        .map(|((from, to), (kind, words))| Line {
            path: path(grantees.middle(from, rows), resources.middle(to, rows)),
            kind: kind.as_str(),
            title: words.join("\n"),
        })
        .collect()
}

/// One side of the drawing.
struct Side {
    nodes: Vec<Node>,
    places: BTreeMap<String, usize>,
    grouped: bool,
}

impl Side {
    /// The names on a side, each with how bad it is and near what it would best stand; those that do not fit share one box.
    fn of<'n>(names: impl Iterator<Item = (&'n str, Reach, usize)>, most: usize) -> Self {
        let mut found: BTreeMap<&str, (Reach, usize, usize)> = BTreeMap::new();
        for (name, kind, near) in names {
            let (worst, nearest, degree) = found.entry(name).or_insert((kind, near, 0));
            *worst = kind.min(*worst);
            *nearest = near.min(*nearest);
            *degree += 1;
        }
        let mut nodes: Vec<(&str, Reach, usize, usize)> = found
            .into_iter()
            .map(|(name, (kind, near, degree))| (name, kind, near, degree))
            .collect();
        nodes.sort_by_key(|(name, kind, near, degree)| (*kind, *near, std::cmp::Reverse(*degree), *name));
        let grouped = nodes.len() > most;
        let alone = if grouped { most - 1 } else { nodes.len() };
        let mut side = Self {
            nodes: Vec::new(),
            places: BTreeMap::new(),
            grouped,
        };
        for (index, (name, kind, _, degree)) in nodes.iter().enumerate() {
            side.places.insert((*name).to_owned(), index.min(alone));
            if index <= alone {
                let title = if index < alone {
                    (*name).to_owned()
                } else {
                    format!("{} others", nodes.len() - alone)
                };
                let (kind, degree) = (*kind, *degree);
                side.nodes.push(Node { title, kind, degree });
            }
        }
        side
    }

    fn place(&self, name: &str) -> usize {
        self.places.get(name).copied().unwrap_or_default()
    }

    /// The height at which lines reach a box; the shorter side is in the middle of the longer one.
    fn middle(&self, index: usize, rows: usize) -> usize {
        MARGIN + (rows - self.nodes.len()) * ROW / 2 + index * ROW + BOX_HEIGHT / 2
    }

    fn boxes(&self, x: usize, rows: usize) -> Vec<Box> {
        let nodes = self.nodes.iter().enumerate();
        nodes
            .map(|(index, node)| Box {
                x,
                y: self.middle(index, rows) - BOX_HEIGHT / 2,
                text_x: x + PADDING,
                text_y: self.middle(index, rows) + BASELINE,
                text: cut(&node.title, LONGEST_NAME),
                title: format!(
                    "{} ({})",
                    node.title,
                    super::super::summary::count(node.degree, "grant")
                ),
                kind: node.kind.as_str(),
            })
            .collect()
    }
}

/// A line from the right edge of one box to the left edge of another.
fn path(from: usize, to: usize) -> String {
    let (start, end) = (BOX_WIDTH + INSET, WIDTH - BOX_WIDTH - INSET);
    let bend = (end - start) / 2;
    format!(
        "M{start} {from} C{} {from} {} {to} {end} {to}",
        start + bend,
        end - bend
    )
}

const WIDTH: usize = 960;
const BOX_WIDTH: usize = 330;
const BOX_HEIGHT: usize = 26;
const ROW: usize = 34;
const MARGIN: usize = 6;
/// Room for the frame of a box at the edge.
const INSET: usize = 1;
const PADDING: usize = 10;
const BASELINE: usize = 4;

/// Characters that a box has room for.
const LONGEST_NAME: usize = 42;

/// Boxes on the left.
const MOST_GRANTEES: usize = 16;

/// Boxes on the right.
const MOST_RESOURCES: usize = 24;

/// Grants that a line names.
const MOST_WORDS: usize = 12;
