//! Objects: names by prefix, which nodes a member is asked, what is required.

use super::text::narrow;
use super::{Engine, Question, Role};
use crate::guard::Shared;
use crate::schema::{ObjectRule, Schema, Search, Types};
use crate::settings::DuplicateKeys;
use crate::status::Kind;

impl Engine {
    /// Cells of the object whose name is being read.
    pub(super) fn object_cells(&self) -> std::ops::Range<usize> {
        let object = self.places.len() - 1 - usize::from(self.in_name);
        let end = self
            .places
            .get(object + 1)
            .map_or(self.cells.len(), |name| name.cells as usize);
        self.places[object].cells as usize..end
    }

    fn open_object<'s>(&self, cell: usize, schema: &'s Schema) -> Option<&'s ObjectRule> {
        self.open_check(cell, schema)?.object.as_ref()
    }

    /// A comma, after which a member must come.
    pub fn member_comma(&mut self, shared: &Shared) -> bool {
        if shared.settings.duplicate_keys == DuplicateKeys::Refuse {
            self.refuse_more(shared);
            self.flush(shared);
        }
        self.alive()
    }

    /// Fails the cells that have as many members as they may.
    fn refuse_more(&mut self, shared: &Shared) {
        let count = self.top().count;
        for cell in self.top_cells() {
            if self
                .open_object(cell, shared.schema())
                .is_some_and(|rule| count >= rule.max)
            {
                self.fail(cell, Kind::MaxProperties);
            }
        }
    }

    /// A name starts in the last place, an object.
    pub fn begin_name(&mut self, shared: &Shared) -> bool {
        let schema = shared.schema();
        self.key_searches.clear();
        // No name can be a repeated one before the first.
        if self.top().count == 0 {
            self.refuse_more(shared);
        }
        let mut reads = false;
        for cell in self.top_cells() {
            let Some(rule) = self.open_object(cell, schema) else {
                continue;
            };
            let state = &mut self.cells[cell];
            state.low = 0;
            state.high = rule.members.len() as u32;
            state.first_search = self.key_searches.len() as u32;
            let searches = rule
                .patterns
                .iter()
                .map(|&(pattern, _)| schema.patterns[pattern as usize].start());
            self.key_searches.extend(searches);
            reads |= rule.is_closed() || !rule.patterns.is_empty();
            if let Some(node) = rule.names {
                self.questions.push(Question {
                    node,
                    from: cell as u32,
                    role: Role::Part,
                });
            }
        }
        let place = self.top();
        place.reads = reads;
        place.bytes = 0;
        if self.questions.is_empty() {
            self.flush(shared);
            return self.alive();
        }
        self.in_name = true;
        self.open(shared, Types::STRING, 0)
    }

    /// Whether any cell reads the name that is open.
    pub fn reads_name(&self) -> bool {
        self.in_name || self.reads()
    }

    /// Decoded text of the name that is open, at most a character, and how many characters start in it; empty where an
    /// escape starts.
    pub fn name_text(&mut self, shared: &Shared, (text, chars): (&[u8], u64)) -> bool {
        let object = self.places.len() - 1 - usize::from(self.in_name);
        if self.places[object].reads {
            let at = self.places[object].bytes;
            for cell in self.object_cells() {
                let Some(rule) = self.open_object(cell, shared.schema()) else {
                    continue;
                };
                if rule.is_closed() || !rule.patterns.is_empty() {
                    self.narrow_name(rule, cell, (at, text), shared.schema());
                }
            }
            self.places[object].bytes = at + text.len();
            self.flush(shared);
        }
        if self.in_name && self.alive() {
            return self.apply_text(shared, (text, chars));
        }
        self.alive()
    }

    fn narrow_name(
        &mut self,
        rule: &ObjectRule,
        cell: usize,
        (at, text): (usize, &[u8]),
        schema: &Schema,
    ) {
        let mut open = false;
        let first = self.cells[cell].first_search as usize;
        for (&(pattern, _), search) in rule.patterns.iter().zip(&mut self.key_searches[first..]) {
            *search = schema.patterns[pattern as usize].step(*search, text);
            open |= *search != Search::Lost;
        }
        let state = &mut self.cells[cell];
        let range = narrow(
            (state.low, state.high),
            at,
            (text, |index| &*rule.members[index].name),
        );
        match range {
            Some((low, high)) => (state.low, state.high) = (low, high),
            None if rule.is_closed() && !open => self.fail(cell, Kind::AdditionalProperties),
            None => state.low = state.high,
        }
    }

    /// The name that is open ends: collects the questions about its value. `repeated`: the object has it already.
    pub fn end_name(&mut self, shared: &Shared, (name, repeated): (&[u8], bool)) -> bool {
        if self.in_name {
            let held = self.end_string(shared) && self.close(shared);
            self.in_name = false;
            if !held {
                return false;
            }
        }
        let place = self.top();
        place.count += u64::from(!repeated);
        let count = place.count;
        if place.digests {
            place.name = shared.keys.digest(name);
        }
        for cell in self.top_cells() {
            let Some(rule) = self.open_object(cell, shared.schema()) else {
                continue;
            };
            if count > rule.max {
                self.fail(cell, Kind::MaxProperties);
                continue;
            }
            self.ask_member(rule, cell, (shared.schema(), name));
        }
        self.flush(shared);
        self.alive()
    }

    fn ask_member(&mut self, rule: &ObjectRule, cell: usize, (schema, name): (&Schema, &[u8])) {
        let from = cell as u32;
        let found = rule
            .members
            .binary_search_by(|member| (*member.name).cmp(name))
            .ok();
        let member = found.map(|index| &rule.members[index]);
        if let Some(bit) = member.and_then(|member| member.required) {
            self.cells[cell].seen |= 1 << bit;
        }
        let mut known = false;
        if let Some(node) = member.and_then(|member| member.node) {
            known = true;
            self.questions.push(Question {
                node,
                from,
                role: Role::Part,
            });
        }
        let first = self.cells[cell].first_search as usize;
        for (&(pattern, node), search) in rule.patterns.iter().zip(&self.key_searches[first..]) {
            if schema.patterns[pattern as usize].ends(*search) {
                known = true;
                self.questions.push(Question {
                    node,
                    from,
                    role: Role::Part,
                });
            }
        }
        if known {
            return;
        }
        if rule.is_closed() {
            self.fail(cell, Kind::AdditionalProperties);
        } else {
            self.questions.push(Question {
                node: rule.additional,
                from,
                role: Role::Part,
            });
        }
    }

    pub fn end_object(&mut self, shared: &Shared) -> bool {
        let count = self.top().count;
        for cell in self.top_cells() {
            let Some(check) = self.open_check(cell, shared.schema()) else {
                continue;
            };
            let Some(rule) = &check.object else { continue };
            if self.cells[cell].seen != rule.required {
                self.fail(cell, Kind::Required);
            } else if count < rule.min {
                self.fail(cell, Kind::MinProperties);
            } else {
                self.end_own(check, cell, Types::OBJECT);
            }
        }
        self.flush(shared);
        self.alive()
    }
}
