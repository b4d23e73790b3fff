//! Arrays: which nodes an item is asked, lengths, `contains`, `uniqueItems`.

use super::{Engine, Items, Question, Role, Verdict};
use crate::guard::Shared;
use crate::schema::{Check, FALSE, Types};
use crate::seen::Digest;
use crate::status::Kind;

impl Engine {
    /// An item is about to start in the last place, an array: collects its questions. Returns whether one may come.
    pub fn item(&mut self, shared: &Shared) -> bool {
        let index = self.top().count;
        for cell in self.top_cells() {
            let Some(rule) = self
                .open_check(cell, shared.schema())
                .and_then(|check| check.array.as_ref())
            else {
                continue;
            };
            let prefix = usize::try_from(index)
                .ok()
                .and_then(|index| rule.prefix.get(index));
            let node = prefix.copied().unwrap_or(rule.items);
            if index >= rule.max {
                self.fail(cell, Kind::MaxItems);
            } else if node == FALSE {
                self.fail(cell, Kind::Items);
            } else {
                let from = cell as u32;
                self.questions.push(Question {
                    node,
                    from,
                    role: Role::Part,
                });
                if let Some(contains) = &rule.contains {
                    self.questions.push(Question {
                        node: contains.node,
                        from,
                        role: Role::Contains,
                    });
                }
            }
        }
        self.flush(shared);
        self.alive()
    }

    /// A comma, after which an item must come.
    pub fn item_comma(&mut self, shared: &Shared) -> bool {
        let index = self.top().count;
        for cell in self.top_cells() {
            let Some(rule) = self
                .open_check(cell, shared.schema())
                .and_then(|check| check.array.as_ref())
            else {
                continue;
            };
            if index >= rule.max {
                self.fail(cell, Kind::MaxItems);
            } else if rule.items == FALSE && index >= rule.prefix.len() as u64 {
                self.fail(cell, Kind::Items);
            }
        }
        self.flush(shared);
        self.alive()
    }

    pub fn end_array(&mut self, shared: &Shared) -> bool {
        let (count, items) = (self.top().count, self.top().items);
        for cell in self.top_cells() {
            let Some(check) = self.open_check(cell, shared.schema()) else {
                continue;
            };
            let Some(rule) = &check.array else { continue };
            if count < rule.min {
                self.fail(cell, Kind::MinItems);
                continue;
            }
            let mut verdict = if check.deferred.meets(Types::ARRAY) {
                Verdict::Maybe
            } else {
                Verdict::Yes
            };
            if items == Items::TooMany && rule.unique {
                verdict = Verdict::Maybe;
            }
            if let Some(contains) = &rule.contains {
                let (yes, maybe) = (
                    u64::from(self.cells[cell].low),
                    u64::from(self.cells[cell].high),
                );
                if yes + maybe < contains.min {
                    self.fail(cell, Kind::Contains);
                    continue;
                }
                if yes < contains.min || yes + maybe > contains.max {
                    verdict = Verdict::Maybe;
                }
            }
            self.end_part(cell, verdict);
        }
        self.flush(shared);
        self.alive()
    }

    pub(super) fn count_contained(&mut self, check: &Check, cell: usize, verdict: Verdict) {
        let state = &mut self.cells[cell];
        state.low += u32::from(verdict == Verdict::Yes);
        state.high += u32::from(verdict == Verdict::Maybe);
        let max = check
            .array
            .as_ref()
            .and_then(|rule| rule.contains.as_ref())
            .map_or(u64::MAX, |contains| contains.max);
        if u64::from(state.low) > max {
            self.fail(cell, Kind::MaxContains);
        }
    }

    /// An item of an array whose items must differ is complete.
    pub(super) fn compare_item(&mut self, shared: &Shared, item: Digest) {
        let place = self.top();
        if place.count > u64::from(shared.settings.max_unique_items) {
            place.items = Items::TooMany;
            return;
        }
        let digest = shared.keys.digest((place.serial, item));
        if self.items.insert(digest) {
            return;
        }
        for cell in self.top_cells() {
            let rule = self
                .open_check(cell, shared.schema())
                .and_then(|check| check.array.as_ref());
            if rule.is_some_and(|rule| rule.unique) {
                self.fail(cell, Kind::UniqueItems);
            }
        }
    }
}
