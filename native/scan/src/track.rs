//! Many attempts of one part, kept small.
//!
//! Attempts that have come to the same state go on alike for ever, and are stepped as one group. What they are told apart by (where
//! they started, so which context words stand before them and how long they may become) is looked at only when they end. That keeps
//! time linear where every byte may start an attempt, as in `a.a.a.a`.

use std::ops::Range;

use crate::attempt::{MarkList, NEVER};
use crate::lane::give_back;
use crate::machine::{DEAD, Machine, is_accepting};
use crate::plan::Part;

/// Most groups of one part. Numbers in groups of digits keep some forty states apart.
const MAX_GROUPS: usize = 128;
/// Most starts of one part: every byte of 512, twice the longest match of the shipped rules. Attempts over a cap are not begun, and
/// counted.
const MAX_STARTS: usize = 512;

/// Attempts in one state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) state: u16,
    /// Some rules may not match from these starts.
    pub(crate) restricted: bool,
    /// Their starts in the track's list.
    pub(crate) from: u32,
    pub(crate) count: u32,
    pub(crate) marks: MarkList,
    /// Raw offset of the first start.
    pub(crate) first_raw: u64,
    /// Patterns of the part that may match.
    pub(crate) rules: u64,
}

/// Attempts of one part.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    /// In the order of their starts.
    pub(crate) groups: Vec<Group>,
    /// Lane positions of the starts, in their order; between those of two groups may lie some that are gone.
    starts: Vec<u64>,
    /// Patterns of the part that context words have woken.
    pub(crate) awake: u64,
}

/// The only group of a track, or none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Single {
    /// `DEAD` for none.
    pub(crate) state: u16,
    pub(crate) rules: u64,
    /// Raw offset of the first start.
    pub(crate) raw: u64,
}

impl Single {
    /// Whether it needs no more than steps, for now.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.rules == u64::MAX && !is_accepting(self.state)
    }
}

impl Group {
    pub(crate) fn places(&self) -> Range<usize> {
        let from = self.from as usize;
        from..from + self.count as usize
    }

    #[inline]
    pub(crate) fn is_alive(&self, machine: &Machine, state: u16) -> bool {
        state != DEAD && (!self.restricted || machine.alive(state) & self.rules != 0)
    }

    /// Whether the attempts of both go on alike.
    #[inline]
    fn goes_on_like(&self, other: &Self) -> bool {
        self.state == other.state
            && self.marks == MarkList::EMPTY
            && other.marks == MarkList::EMPTY
            && self.rules == other.rules
    }

    /// Takes its first starts from it.
    pub(crate) fn drop_first(&mut self, count: u32) {
        self.from += count;
        self.count -= count;
    }
}

impl Track {
    pub(crate) fn new() -> Self {
        Self {
            groups: Vec::new(),
            starts: Vec::new(),
            awake: 0,
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Lane position and raw offset of the first start; `NEVER` for none.
    #[inline]
    pub(crate) fn first(&self) -> (u64, u64) {
        match self.groups.first() {
            Some(group) => (self.starts[group.from as usize], group.first_raw),
            None => (NEVER, NEVER),
        }
    }

    /// Lane positions of a group's starts.
    pub(crate) fn lanes(&self, group: &Group) -> &[u64] {
        &self.starts[group.places()]
    }

    /// The one group, if there is no more than one, and it has come to no end yet.
    #[inline]
    pub(crate) fn single(&self) -> Option<Single> {
        match self.groups.as_slice() {
            [] => Some(Single {
                state: DEAD,
                rules: u64::MAX,
                raw: NEVER,
            }),
            [group] if group.marks == MarkList::EMPTY => Some(Single {
                state: group.state,
                rules: group.rules,
                raw: group.first_raw,
            }),
            _ => None,
        }
    }

    /// What has become of the one group: it has come to another state, or is gone.
    #[inline]
    pub(crate) fn set_single(&mut self, state: u16) {
        if state == DEAD {
            self.clear();
        } else if let Some(group) = self.groups.first_mut() {
            group.state = state;
        }
    }

    /// The one group of [`Track::single`] is gone, and an attempt has begun behind it.
    #[inline]
    pub(crate) fn restart(&mut self, state: u16, lane: u64, raw: u64) {
        let group = Group {
            state,
            restricted: false,
            from: 0,
            count: 1,
            marks: MarkList::EMPTY,
            first_raw: raw,
            rules: u64::MAX,
        };
        if let ([only], [start]) = (self.groups.as_mut_slice(), self.starts.as_mut_slice()) {
            (*only, *start) = (group, lane);
            return;
        }
        self.clear();
        self.starts.push(lane);
        self.groups.push(group);
    }

    /// Whether so many attempts may begin.
    #[inline]
    pub(crate) fn has_room(&self, count: usize) -> bool {
        self.starts.len() + count <= MAX_STARTS
    }

    /// Attempts join the one group, in whose state they are at once.
    #[inline]
    pub(crate) fn join(&mut self, lanes: impl Iterator<Item = u64>) {
        if let [only] = self.groups.as_mut_slice() {
            self.starts.truncate(only.places().end);
            self.starts.extend(lanes);
            only.count = self.starts.len() as u32 - only.from;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.groups.clear();
        self.starts.clear();
    }

    /// Begins an attempt; false if there are too many.
    #[inline]
    pub(crate) fn add(&mut self, state: u16, (lane, raw): (u64, u64), rules: u64) -> bool {
        if self.starts.len() == self.starts.capacity() {
            self.close_gaps();
        }
        if self.groups.len() >= MAX_GROUPS || self.starts.len() >= MAX_STARTS {
            return false;
        }
        let from = self.starts.len() as u32;
        self.starts.push(lane);
        self.groups.push(Group {
            state,
            restricted: rules != u64::MAX,
            from,
            count: 1,
            marks: MarkList::EMPTY,
            first_raw: raw,
            rules,
        });
        true
    }

    /// Moves the starts together.
    #[cold]
    fn close_gaps(&mut self) {
        let mut end = 0;
        for group in &mut self.groups {
            self.starts.copy_within(group.places(), end as usize);
            group.from = end;
            end += group.count;
        }
        self.starts.truncate(end as usize);
    }

    /// Takes back a part of a group that was taken out, whatever the caps.
    pub(crate) fn keep(&mut self, group: Group, lane: u64) {
        let from = self.starts.len() as u32;
        self.starts.push(lane);
        match self.groups.last_mut() {
            Some(last) if last.goes_on_like(&group) => last.count += 1,
            _ => self.groups.push(Group {
                from,
                count: 1,
                ..group
            }),
        }
    }

    /// Takes a byte of a class, which ends at a raw offset, into all groups; if one needs more than a step, into those before it only, and
    /// returns how many of those are left, and its place.
    #[inline]
    pub(crate) fn step(&mut self, part: &Part, class: usize, end: u64) -> Option<(usize, usize)> {
        let table = part.machine.table();
        let (mut last, mut kept) = (DEAD, 0);
        for index in 0..self.groups.len() {
            let group = &self.groups[index];
            if is_accepting(group.state) || end - group.first_raw > part.least_bound {
                return Some((kept, index));
            }
            let state = table.step_class(group.state, class);
            if !group.is_alive(&part.machine, state) {
                if group.marks != MarkList::EMPTY {
                    return Some((kept, index));
                }
                continue;
            }
            if state == last {
                return Some((kept, index));
            }
            if kept != index {
                self.groups[kept] = self.groups[index];
            }
            self.groups[kept].state = state;
            kept += 1;
            last = state;
        }
        self.keep_first(kept);
        None
    }

    /// Only the first groups are left.
    #[inline]
    pub(crate) fn keep_first(&mut self, kept: usize) {
        self.groups.truncate(kept);
        if kept == 0 {
            self.starts.clear();
        }
    }

    /// Keeps a group that comes to a state as the last of the first `kept`; false if it may have to join the one before.
    #[inline]
    pub(crate) fn stays(&mut self, kept: &mut usize, index: usize, state: u16) -> bool {
        let before = kept.wrapping_sub(1);
        if self
            .groups
            .get(before)
            .is_some_and(|last| last.state == state)
        {
            return false;
        }
        if *kept != index {
            self.groups[*kept] = self.groups[index];
        }
        self.groups[*kept].state = state;
        *kept += 1;
        true
    }

    /// Keeps a group that was stepped as the last of the first `kept`, which it may join.
    #[inline]
    pub(crate) fn settle(&mut self, kept: &mut usize, group: &Group) {
        match self.groups[..*kept].last_mut() {
            Some(last) if last.goes_on_like(group) => {
                let end = last.places().end;
                if end != group.from as usize {
                    self.starts.copy_within(group.places(), end);
                }
                last.count += group.count;
            }
            _ => {
                self.groups[*kept] = *group;
                *kept += 1;
            }
        }
    }

    /// Takes a start out of a group.
    pub(crate) fn remove(&mut self, group: &mut Group, place: usize) {
        self.starts
            .copy_within(place + 1..group.places().end, place);
        group.count -= 1;
    }

    /// The groups and their starts, which are gone from here.
    pub(crate) fn take(&mut self) -> (Vec<Group>, Vec<u64>) {
        (
            std::mem::take(&mut self.groups),
            std::mem::take(&mut self.starts),
        )
    }

    /// Gives memory back that a crowd of attempts has left.
    pub(crate) fn give_back(&mut self) {
        if self.groups.is_empty() {
            self.starts.clear();
        }
        give_back(&mut self.groups, 4);
        give_back(&mut self.starts, 8);
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.groups.capacity() * size_of::<Group>()
            + self.starts.capacity() * size_of::<u64>()
    }
}
