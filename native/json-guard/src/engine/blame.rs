//! Which keyword was broken, where, and what it would have allowed.

use super::{Cause, Engine, NONE, Verdict};
use crate::guard::Shared;
use crate::schema::{Check, Number, Origin, Rule, Types, Values};
use crate::status::Kind;

/// Most names, values or types that are listed.
const MAX_ENTRIES: usize = 16;
/// Most causes that are looked at: many alternatives may end at one byte.
const MAX_CAUSES: usize = 64;

/// Why the schema has no place for a byte.
#[derive(Clone, Debug)]
pub(crate) struct Blame {
    pub kind: Kind,
    pub schema_path: String,
    /// How many levels deep the value stands whose schema was broken.
    pub level: usize,
    pub expected: Vec<String>,
}

impl Engine {
    /// Of the event after which the root is `No`.
    pub fn blame(&self, shared: &Shared) -> Option<Blame> {
        let mut causes: Vec<Cause> = self
            .causes
            .iter()
            .copied()
            .take(MAX_CAUSES)
            .filter(|cause| self.counts(cause.cell))
            .collect();
        if causes.iter().any(|cause| cause.kind != Kind::Condition) {
            causes.retain(|cause| cause.kind != Kind::Condition);
        }
        let mut causes = causes.into_iter();
        let first = causes.next()?;
        let mut blame = self.blame_one(shared, first);
        let mut several = false;
        for cause in causes {
            several = true;
            if blame.expected.len() < MAX_ENTRIES {
                let further = self.blame_one(shared, cause).expected;
                let further = further
                    .into_iter()
                    .filter(|entry| !blame.expected.contains(entry));
                let further: Vec<_> = further.collect();
                blame.expected.extend(further);
            }
        }
        if several && let Some(gate) = self.failed_gate(shared, first.cell) {
            let node = self.cells[gate as usize].node as usize;
            blame
                .schema_path
                .clone_from(&shared.schema().nodes[node].at);
        }
        blame.expected.truncate(MAX_ENTRIES);
        Some(blame)
    }

    /// Whether the cell's failure is one of the reasons of the root's: not if it is below `not`, or below an alternative
    /// that failed for nobody.
    fn counts(&self, cell: u32) -> bool {
        let mut seen = vec![false; self.cells.len()];
        let mut waiting = vec![cell];
        while let Some(cell) = waiting.pop() {
            if cell == 0 {
                return true;
            }
            let mut edge = self.cells[cell as usize].edge;
            while edge != NONE {
                let asks = &self.edges[edge as usize];
                let failed = self.cells[asks.to as usize].verdict == Verdict::No;
                if failed && !std::mem::replace(&mut seen[asks.to as usize], true) {
                    waiting.push(asks.to);
                }
                edge = asks.next;
            }
        }
        false
    }

    /// The nearest `anyOf` or `oneOf` that failed with the cell.
    fn failed_gate(&self, shared: &Shared, mut cell: u32) -> Option<u32> {
        loop {
            let edge = self.cells[cell as usize].edge;
            if edge == NONE {
                return None;
            }
            cell = self.edges[edge as usize].to;
            let state = &self.cells[cell as usize];
            let rule = &shared.schema().nodes[state.node as usize].rule;
            if state.verdict == Verdict::No && matches!(rule, Rule::Any(_) | Rule::One(_)) {
                return Some(cell);
            }
        }
    }

    fn blame_one(&self, shared: &Shared, Cause { cell, kind }: Cause) -> Blame {
        let node = &shared.schema().nodes[self.cells[cell as usize].node as usize];
        let level = self
            .places
            .partition_point(|place| place.cells <= cell)
            .saturating_sub(1);
        let mut blame = Blame {
            kind,
            schema_path: node.at.clone(),
            level,
            expected: Vec::new(),
        };
        if let Rule::Check(check) = &node.rule {
            blame.expected = self.expected_of(check, cell as usize, kind);
            match check.origin {
                Origin::Constant => blame.kind = Kind::Const,
                Origin::Schema => blame.schema_path = format!("{}/{}", node.at, kind.keyword()),
                Origin::Keyword => {}
            }
        }
        blame
    }

    fn expected_of(&self, check: &Check, cell: usize, kind: Kind) -> Vec<String> {
        let state = &self.cells[cell];
        let listed = state.low as usize..state.high as usize;
        let members = check.object.as_ref().map_or(&[][..], |rule| &rule.members);
        let string = check.string.as_ref();
        let number = check.number.as_ref();
        let array = check.array.as_ref();
        let one = |text: String| vec![text];
        let bound = |sign: &str, bound: Option<Number>| {
            bound.map_or_else(Vec::new, |bound| one(format!("{sign} {bound}")))
        };
        match kind {
            Kind::Type => check.types.names().into_iter().map(str::to_owned).collect(),
            Kind::Enum => check
                .values
                .as_ref()
                .map_or_else(Vec::new, |values| self.expected_values(values, cell)),
            Kind::AdditionalProperties => {
                let names = members
                    .get(listed)
                    .unwrap_or_default()
                    .iter()
                    .filter(|member| member.node.is_some());
                let mut names: Vec<_> = names
                    .take(MAX_ENTRIES)
                    .map(|member| Self::quoted(&member.name))
                    .collect();
                if names.is_empty() {
                    names.push("}".to_owned());
                }
                names
            }
            Kind::Required => {
                let missing = |bit: u8| state.seen & (1 << bit) == 0;
                let missing = members
                    .iter()
                    .filter(|member| member.required.is_some_and(missing));
                missing
                    .take(MAX_ENTRIES)
                    .map(|member| Self::quoted(&member.name))
                    .collect()
            }
            Kind::MinLength => one(format!(
                "at least {} characters",
                string.map_or(0, |rule| rule.min)
            )),
            Kind::MaxLength => one(format!(
                "at most {} characters",
                string.map_or(0, |rule| rule.max)
            )),
            Kind::Pattern => one("text that matches the pattern".to_owned()),
            Kind::Minimum => bound(">=", number.and_then(|rule| rule.min)),
            Kind::Maximum => bound("<=", number.and_then(|rule| rule.max)),
            Kind::ExclusiveMinimum => bound(">", number.and_then(|rule| rule.above)),
            Kind::ExclusiveMaximum => bound("<", number.and_then(|rule| rule.below)),
            Kind::MultipleOf => one("a multiple of the number in the schema".to_owned()),
            Kind::MinItems => one(format!(
                "at least {} items",
                array.map_or(0, |rule| rule.min)
            )),
            Kind::MaxItems => one(format!(
                "at most {} items",
                array.map_or(0, |rule| rule.max)
            )),
            Kind::Items => one(format!(
                "at most {} items",
                array.map_or(0, |rule| rule.prefix.len() as u64)
            )),
            Kind::UniqueItems => one("an item unlike the others".to_owned()),
            Kind::Contains => one("more items that `contains` holds for".to_owned()),
            Kind::MaxContains => one("fewer items that `contains` holds for".to_owned()),
            Kind::MinProperties => one(format!(
                "at least {} members",
                check.object.as_ref().map_or(0, |rule| rule.min)
            )),
            Kind::MaxProperties => one(format!(
                "at most {} members",
                check.object.as_ref().map_or(0, |rule| rule.max)
            )),
            _ => Vec::new(),
        }
    }

    fn expected_values(&self, values: &Values, cell: usize) -> Vec<String> {
        let state = &self.cells[cell];
        // Before a string's first byte the range is not set; a value of another type has none.
        let range = if state.high > state.low {
            state.low as usize..state.high as usize
        } else {
            0..values.strings.len()
        };
        let in_string = self
            .places
            .last()
            .is_some_and(|place| place.kind == Types::STRING)
            && state.high > 0;
        let mut out: Vec<_> = values.strings[range]
            .iter()
            .take(MAX_ENTRIES)
            .map(|text| Self::quoted(text))
            .collect();
        if !in_string {
            out.extend(values.numbers.iter().map(ToString::to_string));
            out.extend(values.literal_names());
        }
        out
    }

    /// A string of the schema as JSON, cut at 64 bytes.
    pub fn quoted(text: &[u8]) -> String {
        let text = String::from_utf8_lossy(text);
        let mut cut = text.len().min(64);
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        let more = if cut < text.len() { "..." } else { "" };
        serde_json::Value::from(format!("{}{more}", &text[..cut])).to_string()
    }

    /// Strings that the schema lists for the open string or name, whole and from where the text stands.
    pub fn listed<'s>(&self, shared: &'s Shared, is_name: bool) -> Vec<(&'s [u8], &'s [u8])> {
        let (cells, at) = if is_name {
            let object = self.places.len() - 1 - usize::from(self.in_name);
            (self.object_cells(), self.places[object].bytes)
        } else {
            (
                self.top_cells(),
                self.places.last().map_or(0, |place| place.bytes),
            )
        };
        let mut out = Vec::new();
        for cell in cells {
            let Some(check) = self.open_check(cell, shared.schema()) else {
                continue;
            };
            let range = self.cells[cell].low as usize..self.cells[cell].high as usize;
            let texts: Vec<&[u8]> = match (is_name, &check.object, &check.values) {
                (true, Some(rule), _) if rule.is_closed() => {
                    let members = rule.members.get(range).unwrap_or_default();
                    members
                        .iter()
                        .take(4 * MAX_ENTRIES)
                        .map(|member| &*member.name)
                        .collect()
                }
                (false, _, Some(values)) => {
                    let strings = values.strings.get(range).unwrap_or_default();
                    strings
                        .iter()
                        .take(4 * MAX_ENTRIES)
                        .map(|text| &**text)
                        .collect()
                }
                _ => continue,
            };
            out.extend(
                texts
                    .into_iter()
                    .filter_map(|text| Some((text, text.get(at..)?))),
            );
        }
        out
    }
}
