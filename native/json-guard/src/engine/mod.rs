//! What a compiled schema says of a value that is still arriving.
//!
//! For every value that is open there is a [`Place`], and in it a [`Cell`] for each node that is asked about that value. A
//! node is asked once for a place, whoever asks, so that cells are at most nodes times depth, and recursion and wide
//! `anyOf` cost no more than that. Cells are told of the text and end with a [`Verdict`] of Kleene's three-valued logic,
//! which goes along the edges to the cells that asked. The first cell is the schema's root: its `No` is a violation.
//!
//! Knows nothing of JSON's grammar, of offsets and of the text around: it is told of well-formed events only.

mod array;
mod blame;
mod number;
mod object;
mod text;
mod verdict;

pub(crate) use blame::Blame;

use crate::guard::Shared;
use crate::schema::{Check, NodeId, Rule, Schema, TRUE, Types};
use crate::schema::{Number, Search};
use crate::seen::{Digest, Seen};
use crate::status::Kind;

const NONE: u32 = u32::MAX;

/// Edges for each state that settings allow; a node is seldom asked by more than two others.
const EDGES_PER_STATE: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Open,
    Yes,
    No,
    /// The subset cannot tell.
    Maybe,
}

/// A node that is asked about a place.
#[derive(Clone, Debug)]
struct Cell {
    node: NodeId,
    /// First of the edges to those who asked.
    edge: u32,
    /// Parts whose verdict is awaited, its own assertions among them.
    open: u32,
    yes: u32,
    unknown: u32,
    verdict: Verdict,
    /// Members of a sorted list that agree with the text so far: names of an object, strings of `enum`. In arrays, how
    /// many items `contains` holds for, and for how many that is not known.
    low: u32,
    high: u32,
    /// Of `pattern`; in objects `key_searches` has those of `patternProperties`, from `low_search`.
    search: Search,
    first_search: u32,
    /// Required members that were seen.
    seen: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// The verdict is part of the asking cell's.
    Part,
    /// The item counts for `contains`.
    Contains,
}

#[derive(Clone, Debug)]
struct Edge {
    to: u32,
    role: Role,
    next: u32,
}

/// A node to be asked about the next value.
#[derive(Clone, Copy, Debug)]
struct Question {
    node: NodeId,
    from: u32,
    role: Role,
}

/// A value that is open.
#[derive(Clone, Debug)]
struct Place {
    kind: Types,
    /// Its cells are those from here to the next place's.
    cells: u32,
    edges: u32,
    /// Items that are complete, or names that were different.
    count: u64,
    /// Code points and decoded bytes of a string.
    chars: u64,
    bytes: usize,
    /// Whether any cell reads a string's or number's text.
    reads: bool,
    /// Whether its digest is wanted, by a `uniqueItems` further out.
    digests: bool,
    items: Items,
    digest: Digest,
    /// Of the name of the member that is open.
    name: Digest,
    serial: u32,
    mark: usize,
}

/// Whether an array's items must differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Items {
    Any,
    Compared,
    /// They should, but are too many to compare.
    TooMany,
}

/// A cell that became `No` by itself, in this event.
#[derive(Clone, Copy, Debug)]
struct Cause {
    cell: u32,
    kind: Kind,
}

/// The state of one stream.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    cells: Vec<Cell>,
    edges: Vec<Edge>,
    places: Vec<Place>,
    questions: Vec<Question>,
    /// For each node the serial number of the last place that has a cell for it, and that cell.
    stamps: Vec<(u32, u32)>,
    serial: u32,
    settled: Vec<u32>,
    causes: Vec<Cause>,
    key_searches: Vec<Search>,
    /// Whether the last place is that of a name, for `propertyNames`.
    in_name: bool,
    /// The number that is open, or the string if its digest is wanted.
    text: Vec<u8>,
    items: Seen,
    verdict: Verdict,
}

impl Engine {
    pub fn new(schema: &Schema) -> Self {
        Self {
            cells: Vec::new(),
            edges: Vec::new(),
            places: Vec::new(),
            questions: Vec::new(),
            stamps: vec![(0, 0); schema.nodes.len()],
            serial: 0,
            settled: Vec::new(),
            causes: Vec::new(),
            key_searches: Vec::new(),
            in_name: false,
            text: Vec::new(),
            items: Seen::default(),
            verdict: Verdict::Open,
        }
    }

    /// Ready for another text, with the memory it has.
    pub fn reset(&mut self) {
        self.cells.clear();
        self.edges.clear();
        self.places.clear();
        self.questions.clear();
        self.settled.clear();
        self.causes.clear();
        self.in_name = false;
        self.items.release(0);
        self.verdict = Verdict::Open;
    }

    /// Of the whole value. Once it is not `Open`, the engine need not be told of anything more.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    fn alive(&self) -> bool {
        self.verdict != Verdict::No
    }

    fn top(&mut self) -> &mut Place {
        self.places.last_mut().expect("a value is open")
    }

    /// Cells of the last place.
    fn top_cells(&self) -> std::ops::Range<usize> {
        self.places.last().map_or(0, |place| place.cells as usize)..self.cells.len()
    }

    /// The check of a cell that is still open.
    fn open_check<'s>(&self, cell: usize, schema: &'s Schema) -> Option<&'s Check> {
        let cell = &self.cells[cell];
        match &schema.nodes[cell.node as usize].rule {
            Rule::Check(check) if cell.verdict == Verdict::Open => Some(check),
            _ => None,
        }
    }

    /// A value of `kind` starts; `literal` is its bit if it is `null`, `true` or `false`. Returns whether it may.
    pub fn open(&mut self, shared: &Shared, kind: Types, literal: u8) -> bool {
        self.push_place(kind);
        // Of a container it will grow; a literal has no other text.
        self.top().digest = [literal.into(), 0];
        if self.places.len() == 1 {
            self.add_cell(shared, shared.schema().root);
        }
        let first = self.top().cells as usize;
        for index in 0..self.questions.len() {
            let question = self.questions[index];
            self.ask(shared, question);
        }
        self.questions.clear();
        let mut cell = first;
        while cell < self.cells.len() {
            self.expand(shared, cell as u32, kind);
            cell += 1;
        }
        for cell in first..self.cells.len() {
            self.begin(shared, cell, (kind, literal));
        }
        self.flush(shared);
        self.alive()
    }

    fn push_place(&mut self, kind: Types) {
        if self.serial == u32::MAX {
            self.stamps.fill((0, 0));
            self.serial = 0;
        }
        self.serial += 1;
        let outer = self
            .places
            .last()
            .is_some_and(|place| place.digests || place.items == Items::Compared);
        self.text.clear();
        self.places.push(Place {
            kind,
            cells: self.cells.len() as u32,
            edges: self.edges.len() as u32,
            count: 0,
            chars: 0,
            bytes: 0,
            reads: outer && !self.in_name,
            digests: outer && !self.in_name,
            items: Items::Any,
            digest: [0, 0],
            name: [0, 0],
            serial: self.serial,
            mark: self.items.mark(),
        });
    }

    fn add_cell(&mut self, shared: &Shared, node: NodeId) -> u32 {
        let cell = self.cells.len() as u32;
        let checks = matches!(shared.schema().nodes[node as usize].rule, Rule::Check(_));
        self.stamps[node as usize] = (self.serial, cell);
        self.cells.push(Cell {
            node,
            edge: NONE,
            open: u32::from(checks),
            yes: 0,
            unknown: 0,
            verdict: Verdict::Open,
            low: 0,
            high: 0,
            search: Search::Lost,
            first_search: 0,
            seen: 0,
        });
        cell
    }

    /// Lets a cell ask a node about the last place.
    fn ask(&mut self, shared: &Shared, question: Question) {
        let Question { node, from, role } = question;
        let asking = self.cells[from as usize].node as usize;
        if node == TRUE
            && role == Role::Part
            && matches!(shared.schema().nodes[asking].rule, Rule::Check(_))
        {
            return;
        }
        let (serial, known) = self.stamps[node as usize];
        let limit = shared.settings.max_states;
        let is_known = serial == self.serial;
        if self.edges.len() >= limit.saturating_mul(EDGES_PER_STATE)
            || (!is_known && self.cells.len() >= limit)
        {
            let from = &mut self.cells[from as usize];
            match role {
                Role::Part => from.unknown += 1,
                Role::Contains => from.high += 1,
            }
            return;
        }
        let to = if is_known {
            known
        } else {
            self.add_cell(shared, node)
        };
        if role == Role::Part {
            self.cells[from as usize].open += 1;
        }
        let next = self.cells[to as usize].edge;
        self.cells[to as usize].edge = self.edges.len() as u32;
        self.edges.push(Edge {
            to: from,
            role,
            next,
        });
    }

    /// Asks the nodes that a cell's node is made of, unless the value is of another type anyway.
    fn expand(&mut self, shared: &Shared, cell: u32, kind: Types) {
        let rule = &shared.schema().nodes[self.cells[cell as usize].node as usize].rule;
        if matches!(rule, Rule::Check(check) if !check.types.meets(kind)) {
            return;
        }
        for &node in rule.same_place() {
            self.ask(
                shared,
                Question {
                    node,
                    from: cell,
                    role: Role::Part,
                },
            );
        }
    }

    fn begin(&mut self, shared: &Shared, cell: usize, (kind, literal): (Types, u8)) {
        if self.cells[cell].verdict != Verdict::Open {
            return;
        }
        match &shared.schema().nodes[self.cells[cell].node as usize].rule {
            Rule::Never => self.fail(cell, Kind::Never),
            Rule::Unknown => self.settle(cell, Verdict::Maybe),
            Rule::Check(check) => self.begin_check(check, cell, (kind, literal), shared),
            rule @ (Rule::Any(_) | Rule::One(_) | Rule::Not(_) | Rule::Unless(_)) => {
                self.count(rule, cell);
            }
        }
    }

    fn begin_check(
        &mut self,
        check: &Check,
        cell: usize,
        (kind, literal): (Types, u8),
        shared: &Shared,
    ) {
        if !check.types.meets(kind) {
            return self.fail(cell, Kind::Type);
        }
        let waits = match kind {
            Types::ARRAY => {
                let rule = check.array.as_ref();
                if rule.is_some_and(|rule| rule.unique) {
                    self.top().items = Items::Compared;
                }
                rule.is_some()
            }
            Types::OBJECT => check.object.is_some(),
            Types::STRING => check.string.is_some(),
            Types::NUMBER => check.number.is_some() || !check.types.meets(Types::FRACTION),
            _ => false,
        };
        if let Some(values) = &check.values {
            let possible = match kind {
                Types::STRING => !values.strings.is_empty(),
                Types::NUMBER => !values.numbers.is_empty(),
                _ => values.literals & literal != 0,
            };
            if !possible {
                return self.fail(cell, Kind::Enum);
            }
        }
        let reads = kind == Types::STRING || kind == Types::NUMBER;
        if !(waits || reads && check.values.is_some()) {
            return self.end_own(check, cell, kind);
        }
        self.top().reads |= reads;
        if kind == Types::STRING {
            self.cells[cell].high = check
                .values
                .as_ref()
                .map_or(0, |values| values.strings.len() as u32);
            self.begin_text(check, cell, shared);
        }
    }

    /// The value that was opened last is over, and its cells were told so. Returns whether it may be.
    pub fn close(&mut self, shared: &Shared) -> bool {
        let place = self.places.pop().expect("a value is open");
        self.items.release(place.mark);
        let own = place.cells as usize..self.cells.len();
        debug_assert!(
            self.cells[own]
                .iter()
                .all(|cell| cell.verdict != Verdict::Open),
            "a cell of a closed value is open"
        );
        self.cells.truncate(place.cells as usize);
        self.edges.truncate(place.edges as usize);
        if let Some(outer) = self.places.last_mut() {
            if outer.kind == Types::ARRAY {
                outer.count += 1;
            }
            if place.digests {
                self.add_digest(shared, &place);
            }
        }
        self.flush(shared);
        self.alive()
    }

    fn add_digest(&mut self, shared: &Shared, place: &Place) {
        let keys = &shared.keys;
        let digest = match place.kind {
            Types::STRING => keys.digest((1, &self.text)),
            Types::NUMBER => keys.digest((
                2,
                Number::parse(std::str::from_utf8(&self.text).unwrap_or_default()).bits(),
            )),
            kind => keys.digest((3, kind.0, place.digest)),
        };
        let outer = self
            .places
            .last_mut()
            .expect("an outer value asked for the digest");
        if outer.kind == Types::ARRAY {
            if outer.digests {
                outer.digest = keys.digest((4, outer.digest, digest));
            }
            if outer.items == Items::Compared {
                self.compare_item(shared, digest);
            }
        } else {
            // A sum, since the order of members means nothing.
            let member = keys.digest((5, outer.name, digest));
            outer.digest[0] = outer.digest[0].wrapping_add(member[0]);
            outer.digest[1] = outer.digest[1].wrapping_add(member[1]);
        }
    }
}
