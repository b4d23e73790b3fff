//! How the attempts of open parts go on, character by character.

use crate::attempt::{MarkList, NEVER, Start, Supported};
use crate::boundary;
use crate::engine::{Engine, Step};
use crate::ledger::Ledger;
use crate::machine::{DEAD, is_accepting};
use crate::plan::{Part, Plan};
use crate::site::{Site, ones};
use crate::track::{Group, Track};

impl Site {
    /// An attempt of an open part.
    fn start(&self, part: u32, lane: u64) -> Start {
        Start {
            part,
            context: Supported::Later,
            lane,
            raw: self.lane.raw_start(lane),
            origin: lane,
            least: lane,
            first_fold: self.first_fold(lane),
        }
    }

    /// Lane position of the first folded look-alike from a position on.
    pub(crate) fn first_fold(&self, from: u64) -> u64 {
        let fold = self.folds.partition_point(|&fold| fold < from);
        self.folds.get(fold).copied().unwrap_or(NEVER)
    }
}

/// One group as it takes a character.
struct Turn<'a> {
    plan: &'a Plan,
    id: u32,
    part: &'a Part,
    /// Lane position of the character.
    at: u64,
}

impl Turn<'_> {
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
        for &lane in track.lanes(group) {
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
        for (place, index) in group.places().zip(0..group.count as usize).rev() {
            let start = site.start(self.id, track.lanes(group)[index]);
            if site.last_end - start.raw <= max_bytes
                && site.head(self.plan, ledger, id, &start, self.at)
            {
                track.remove(group, place);
            }
        }
        if group.count > 0 {
            group.first_raw = site.lane.raw_start(track.lanes(group)[0]);
        }
    }

    /// Ends the attempts that have become too long for every rule that they could still match; the group is in its next state.
    #[cold]
    fn end_long(
        &self,
        site: &mut Site,
        ledger: &mut Ledger,
        track: &Track,
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
        while group.count > 0 && end - group.first_raw > bound {
            if group.marks != MarkList::EMPTY {
                let start = site.start(self.id, track.lanes(group)[0]);
                site.test(self.plan, ledger, &start, group.marks);
            }
            group.drop_first(1);
            let next = track.lanes(group).first();
            group.first_raw = next.map_or(NEVER, |&lane| site.lane.raw_start(lane));
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
        for &lane in track.lanes(group) {
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
    /// Takes the character at lane position `at` into the attempts of all open parts.
    #[inline(never)]
    pub(crate) fn step_tracks(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        step: &Step<'_>,
        at: u64,
    ) {
        let under_way = if self.attempts.beside {
            self.attempts.tracks.len()
        } else {
            1
        };
        for (index, open) in plan.open.iter().enumerate().take(under_way) {
            let track = &mut self.attempts.tracks[index];
            if track.is_empty() {
                continue;
            }
            let part = &plan.parts[open.part as usize];
            self.site.work += track.groups.len() as u64;
            let rest = match step.bytes {
                [byte] if !step.barrier => track.step(part, part.machine.class(*byte), step.end),
                _ => Some((0, 0)),
            };
            if let Some(rest) = rest {
                self.step_groups(plan, ledger, step, (index, at, rest));
            }
        }
    }

    /// The same of one part, where the first `kept` groups have taken it, and that at the place `from` needs more than a step.
    #[inline(never)]
    fn step_groups(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        step: &Step<'_>,
        (index, at, (mut kept, from)): (usize, u64, (usize, usize)),
    ) {
        let site = &mut self.site;
        let track = &mut self.attempts.tracks[index];
        let id = plan.open[index].part;
        let part = &plan.parts[id as usize];
        for index in from..track.groups.len() {
            let group = &track.groups[index];
            let state = part.machine.run(group.state, step.bytes);
            let length = step.end - group.first_raw;
            let steady = !is_accepting(group.state)
                && !step.barrier
                && length <= part.least_bound
                && group.is_alive(&part.machine, state);
            if steady && track.stays(&mut kept, index, state) {
                continue;
            }
            let mut group = track.groups[index];
            let long = length > part.least_bound
                && (group.restricted || part.finds_at_bound || length > part.bound(state));
            if is_accepting(group.state) || long || group.restricted || step.barrier {
                let turn = Turn { plan, id, part, at };
                turn.take(site, ledger, track, &mut group, step);
                if group.count == 0 {
                    continue;
                }
            } else if state == DEAD {
                if group.marks != MarkList::EMPTY {
                    let turn = Turn { plan, id, part, at };
                    turn.end(site, ledger, track, &mut group);
                }
                continue;
            }
            group.state = state;
            track.settle(&mut kept, &group);
        }
        track.keep_first(kept);
    }

    /// The text ends, and all attempts of the open parts with it.
    pub(crate) fn end_tracks(&mut self, plan: &Plan, ledger: &mut Ledger) {
        let at = self.end;
        for (open, track) in plan.open.iter().zip(&mut self.attempts.tracks) {
            let (id, part) = (open.part, &plan.parts[open.part as usize]);
            let turn = Turn { plan, id, part, at };
            for mut group in std::mem::take(&mut track.groups) {
                turn.accept(&mut self.site, ledger, track, &mut group, 0);
                turn.end(&mut self.site, ledger, track, &mut group);
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
            let (groups, starts) = track.take();
            for mut group in groups {
                for &lane in &starts[group.places()] {
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
