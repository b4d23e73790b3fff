//! Attempts of the parts that may start anywhere: many at once, so they are kept small.
//!
//! Attempts of one part that have come to the same state go on alike for ever, and are stepped as one group. What they are told
//! apart by (where they started, so which context words stand before them and how long they may become) is looked at only when they
//! end. That keeps time linear where every byte may start an attempt, as in `a.a.a.a`.

use crate::attempt::{MarkList, NEVER, Start, Supported};
use crate::boundary;
use crate::engine::{Engine, Step};
use crate::ledger::Ledger;
use crate::machine::{DEAD, Machine, is_accepting};
use crate::plan::{Part, Plan};
use crate::site::{Site, ones};

/// Most groups of one part. Numbers in groups of digits keep some forty states apart.
const MAX_GROUPS: usize = 128;
/// Most starts of one part; every second byte of the longest match of the shipped rules, four times. Attempts over a cap are not
/// begun, and counted.
const MAX_STARTS: usize = 512;
/// Starts at the front that are gone, before the list is moved.
const MAX_GONE: usize = 64;

/// Attempts in one state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) state: u16,
    /// Some rules may not match from these starts.
    restricted: bool,
    count: u32,
    pub(crate) marks: MarkList,
    /// Raw offset of the first start.
    first_raw: u64,
    /// Patterns of the part that may match.
    rules: u64,
}

/// Attempts of one part.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    /// In the order of their starts.
    groups: Vec<Group>,
    /// Lane positions of the starts, group by group, from `gone` on.
    starts: Vec<u64>,
    gone: usize,
}

impl Track {
    pub(crate) fn new() -> Self {
        Self {
            groups: Vec::new(),
            starts: Vec::new(),
            gone: 0,
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
            Some(group) => (self.starts[self.gone], group.first_raw),
            None => (NEVER, NEVER),
        }
    }

    /// State and first raw offset if there is at most one group, without peculiarities; for none `DEAD`.
    #[inline]
    pub(crate) fn single(&self) -> Option<(u16, u64)> {
        match self.groups.as_slice() {
            [] => Some((DEAD, NEVER)),
            [group] if !group.restricted && group.marks == MarkList::EMPTY => {
                Some((group.state, group.first_raw))
            }
            _ => None,
        }
    }

    /// What has become of the one group of [`Track::single`]: it has come to another state, or is gone.
    pub(crate) fn set_single(&mut self, state: u16) {
        if state == DEAD {
            self.clear();
        } else if let Some(group) = self.groups.first_mut() {
            group.state = state;
        }
    }

    /// The one group of [`Track::single`] is gone, and an attempt has begun behind it.
    pub(crate) fn restart(&mut self, state: u16, lane: u64, raw: u64) {
        self.clear();
        self.add(state, lane, raw, u64::MAX, false);
    }

    fn clear(&mut self) {
        self.groups.clear();
        self.starts.clear();
        self.gone = 0;
    }

    /// Begins an attempt; false if there are too many.
    pub(crate) fn add(
        &mut self,
        state: u16,
        lane: u64,
        raw: u64,
        rules: u64,
        restricted: bool,
    ) -> bool {
        if self.groups.len() >= MAX_GROUPS || self.starts.len() - self.gone >= MAX_STARTS {
            return false;
        }
        self.starts.push(lane);
        self.groups.push(Group {
            state,
            restricted,
            count: 1,
            marks: MarkList::EMPTY,
            first_raw: raw,
            rules,
        });
        true
    }

    /// Takes back a part of a group, whatever the caps.
    fn keep(&mut self, group: Group, lane: u64) {
        self.starts.push(lane);
        match self.groups.last_mut() {
            Some(last) if last.goes_on_like(&group) => last.count += 1,
            _ => self.groups.push(group),
        }
    }

    /// Forgets `count` starts from place `from` on.
    fn forget(&mut self, from: usize, count: usize) {
        if from > self.gone {
            self.starts.drain(from..from + count);
            return;
        }
        self.gone += count;
        if self.gone >= MAX_GONE || self.gone == self.starts.len() {
            self.starts.drain(..self.gone);
            self.gone = 0;
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.groups.capacity() * size_of::<Group>()
            + self.starts.capacity() * size_of::<u64>()
    }
}

impl Group {
    fn is_alive(&self, machine: &Machine, state: u16) -> bool {
        state != DEAD && (!self.restricted || machine.alive(state) & self.rules != 0)
    }

    /// Whether the attempts of both go on alike.
    fn goes_on_like(&self, other: &Self) -> bool {
        self.state == other.state
            && self.marks == MarkList::EMPTY
            && other.marks == MarkList::EMPTY
            && self.rules == other.rules
    }
}

impl Site {
    /// An attempt of an open part.
    fn start(&self, part: u32, lane: u64) -> Start {
        let fold = self.folds.partition_point(|&fold| fold < lane);
        Start {
            part,
            context: Supported::Later,
            lane,
            raw: self.lane.raw_start(lane),
            origin: lane,
            least: lane,
            first_fold: self.folds.get(fold).copied().unwrap_or(NEVER),
        }
    }
}

/// One group as it takes a character.
struct Turn<'a> {
    plan: &'a Plan,
    id: u32,
    part: &'a Part,
    /// Lane position of the character.
    at: u64,
    /// Place of the group's first start.
    from: usize,
}

impl Turn<'_> {
    fn lanes<'t>(&self, track: &'t Track, group: &Group) -> &'t [u64] {
        &track.starts[self.from..self.from + group.count as usize]
    }

    /// Takes a character that needs more than a step; a group of which nothing is left has no starts.
    #[inline(never)]
    fn take(
        &self,
        site: &mut Site,
        ledger: &mut Ledger,
        track: &mut Track,
        group: &mut Group,
        step: &Step<'_>,
    ) {
        if is_accepting(group.state) {
            self.accept(site, ledger, track, group, boundary::right(step.bytes[0]));
        }
        group.state = self.part.machine.run(group.state, step.bytes);
        if group.count == 0 {
        } else if step.barrier || !group.is_alive(&self.part.machine, group.state) {
            self.end(site, ledger, track, group);
            track.forget(self.from, group.count as usize);
            group.count = 0;
        } else if step.end - group.first_raw > self.part.least_bound {
            self.end_long(site, ledger, track, group, step.end);
        }
    }

    /// The attempts are over: their ends are tested.
    fn end(&self, site: &mut Site, ledger: &mut Ledger, track: &Track, group: &mut Group) {
        if group.marks == MarkList::EMPTY {
            return;
        }
        for &lane in self.lanes(track, group) {
            let start = site.start(self.id, lane);
            site.test(self.plan, ledger, &start, group.marks);
        }
        site.marks.free(&mut group.marks);
    }

    /// The group's state accepts: notes the ends, before a byte that violates these right boundaries.
    fn accept(
        &self,
        site: &mut Site,
        ledger: &mut Ledger,
        track: &mut Track,
        group: &mut Group,
        right: u8,
    ) {
        for local in ones(self.part.may_end(group.state, right) & group.rules) {
            let id = self.part.rules[local as usize];
            if self.plan.rules[id as usize].span.is_none() {
                site.marks.note(&mut group.marks, id, local, self.at);
            } else {
                self.head(site, ledger, track, group, id);
            }
        }
    }

    /// A head may end here: the attempts for which it does are over.
    fn head(
        &self,
        site: &mut Site,
        ledger: &mut Ledger,
        track: &mut Track,
        group: &mut Group,
        id: u32,
    ) {
        let max_bytes = self.plan.rules[id as usize].max_bytes;
        for place in (self.from..self.from + group.count as usize).rev() {
            let start = site.start(self.id, track.starts[place]);
            if site.last_end - start.raw <= max_bytes
                && site.head(self.plan, ledger, id, &start, self.at)
            {
                track.starts.remove(place);
                group.count -= 1;
            }
        }
        if group.count > 0 {
            group.first_raw = site.lane.raw_start(track.starts[self.from]);
        }
    }

    /// Ends the attempts that have become too long for every rule that they could still match; the group is in its next state.
    #[cold]
    fn end_long(
        &self,
        site: &mut Site,
        ledger: &mut Ledger,
        track: &mut Track,
        group: &mut Group,
        end: u64,
    ) {
        let alive = self.part.machine.alive(group.state) & group.rules;
        let bound = if group.restricted {
            let bounds = ones(alive).map(|local| self.max_bytes(local));
            bounds.max().unwrap_or(0)
        } else {
            self.part.bound(group.state)
        };
        if self.part.finds_at_bound {
            self.find_at_bound(site, ledger, track, group, end);
        }
        let mut gone = 0;
        while end - group.first_raw > bound {
            if group.marks != MarkList::EMPTY {
                let start = site.start(self.id, track.starts[self.from + gone]);
                site.test(self.plan, ledger, &start, group.marks);
            }
            gone += 1;
            if gone == group.count as usize {
                break;
            }
            group.first_raw = site.lane.raw_start(track.starts[self.from + gone]);
        }
        group.count -= gone as u32;
        if gone > 0 {
            track.forget(self.from, gone);
        }
        if group.count == 0 {
            site.marks.free(&mut group.marks);
        }
    }

    fn max_bytes(&self, local: u32) -> u64 {
        let rule = self.part.rules[local as usize];
        self.plan.rules[rule as usize].max_bytes
    }

    /// Reports the attempts that pass the bound of a rule that fails closed.
    fn find_at_bound(
        &self,
        site: &Site,
        ledger: &mut Ledger,
        track: &Track,
        group: &Group,
        end: u64,
    ) {
        let alive = self.part.machine.alive(group.state) & group.rules;
        for &lane in self.lanes(track, group) {
            let start = site.start(self.id, lane);
            for local in ones(alive) {
                let id = self.part.rules[local as usize];
                let rule = &self.plan.rules[id as usize];
                let passes =
                    site.last_end - start.raw <= rule.max_bytes && rule.max_bytes < end - start.raw;
                if rule.find_at_bound && passes && !site.marks.has(group.marks, id) {
                    site.report_undecided(self.plan, ledger, id, &start, self.at);
                }
            }
        }
    }
}

impl Engine {
    /// Takes the character at lane position `at` into the attempts of one open part.
    #[inline]
    pub(crate) fn step_track(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        step: &Step<'_>,
        (index, at): (usize, u64),
    ) {
        let site = &mut self.site;
        let track = &mut self.attempts.tracks[index];
        let id = plan.open[index].part;
        let part = &plan.parts[id as usize];
        site.work += track.groups.len() as u64;
        let mut kept = 0;
        let mut from = track.gone;
        for index in 0..track.groups.len() {
            let mut group = track.groups[index];
            let state = part.machine.run(group.state, step.bytes);
            let long = step.end - group.first_raw > part.least_bound;
            if is_accepting(group.state)
                || long
                || step.barrier
                || !group.is_alive(&part.machine, state)
            {
                let turn = Turn {
                    plan,
                    id,
                    part,
                    at,
                    from,
                };
                let is_first = from == track.gone;
                turn.take(site, ledger, track, &mut group, step);
                from = if is_first { track.gone } else { from };
                if group.count == 0 {
                    continue;
                }
            }
            group.state = state;
            from += group.count as usize;
            match track.groups[..kept].last_mut() {
                Some(last) if last.goes_on_like(&group) => last.count += group.count,
                _ => {
                    track.groups[kept] = group;
                    kept += 1;
                }
            }
        }
        track.groups.truncate(kept);
    }

    /// The text ends, and all attempts of the open parts with it.
    pub(crate) fn end_tracks(&mut self, plan: &Plan, ledger: &mut Ledger) {
        let at = self.end;
        for (open, track) in plan.open.iter().zip(&mut self.attempts.tracks) {
            let (id, part) = (open.part, &plan.parts[open.part as usize]);
            let mut from = track.gone;
            for mut group in std::mem::take(&mut track.groups) {
                let turn = Turn {
                    plan,
                    id,
                    part,
                    at,
                    from,
                };
                turn.accept(&mut self.site, ledger, track, &mut group, 0);
                turn.end(&mut self.site, ledger, track, &mut group);
                from += group.count as usize;
            }
            track.clear();
        }
    }

    /// Ends the attempts of open parts that overlap what findings cover, for the rules that are covered.
    pub(crate) fn kill_covered_tracks(&mut self, plan: &Plan, ledger: &mut Ledger) {
        for (open, track) in plan.open.iter().zip(&mut self.attempts.tracks) {
            if track.first().1 >= ledger.furthest() {
                continue;
            }
            let part = &plan.parts[open.part as usize];
            let starts = track.starts.split_off(track.gone);
            let groups = std::mem::take(&mut track.groups);
            track.clear();
            let mut from = 0;
            for mut group in groups {
                let lanes = &starts[from..from + group.count as usize];
                from += lanes.len();
                for &lane in lanes {
                    let start = self.site.start(open.part, lane);
                    let free = if start.raw < ledger.furthest() {
                        ledger.uncovered(plan, open.part, start.raw)
                    } else {
                        u64::MAX
                    };
                    let rules = group.rules & free;
                    if part.machine.alive(group.state) & rules == 0 {
                        self.site.test(plan, ledger, &start, group.marks);
                    } else {
                        let marks = self.site.marks.copy(group.marks);
                        track.keep(
                            Group {
                                rules,
                                restricted: group.restricted || rules != group.rules,
                                count: 1,
                                marks,
                                first_raw: start.raw,
                                ..group
                            },
                            lane,
                        );
                    }
                }
                self.site.marks.free(&mut group.marks);
            }
        }
    }
}
