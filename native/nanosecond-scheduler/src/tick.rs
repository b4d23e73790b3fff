//! Delivery.
use crate::handle::Handle;
use crate::rank::Rank;
use crate::scheduler::Scheduler;
use crate::task::{CLASSES, Class, Dropped, Due};
use crate::wheel::Refined;

/// What a tick did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[must_use = "the first `count` of the array are due"]
pub struct Ticked {
    /// Tasks delivered: the first so many of the array.
    pub count: usize,
    /// Whether due tasks were left behind, for want of room in the array or of movements; another tick at the same time
    /// goes on. After spent movements it may turn out that none was due.
    pub more: bool,
}

/// Where the next task comes from.
#[derive(Clone, Copy)]
enum Source {
    Late,
    Class(Class),
}

impl Scheduler {
    /// Takes in the inbox, then delivers tasks whose deadline is at or before `now` (nanoseconds) into `out`, as [`Due`] or
    /// as bare [`Handle`].
    ///
    /// Order: by deadline plus class times `Config::ageing`, then by class; within a class exactly by deadline, then by
    /// order of scheduling. What is left behind comes after all that was delivered. A time before an earlier tick's counts
    /// as that earlier time.
    ///
    /// Work is bounded by `out.len()`, `Config::moves_per_tick` and the inbox's capacity, whatever the tasks. Nothing due
    /// costs one comparison, with an inbox one more.
    ///
    /// A periodic task comes at most once per tick, is held on under its handle, and goes on at the first of its times
    /// after `now`: fixed rate, missed times folded into one and counted. It ends where the next time would pass `u64::MAX`.
    #[inline]
    pub fn tick<T: From<Due>>(&mut self, now: u64, out: &mut [T]) -> Ticked {
        if now >= self.now {
            self.now = now;
        } else {
            self.statistics.clock_regressions += 1;
        }
        if self
            .inbox
            .as_ref()
            .is_some_and(crate::inbox::Inbox::has_some)
        {
            self.take_in();
        }
        if self.bound > self.now {
            Ticked::default()
        } else {
            self.collect(out)
        }
    }

    #[cold]
    fn take_in(&mut self) {
        let most = self.inbox.as_ref().map_or(0, crate::inbox::Inbox::capacity);
        for _ in 0..most {
            if self.holds_inbox_back() {
                break;
            }
            let Some(task) = self.inbox.as_mut().and_then(crate::inbox::Inbox::take) else {
                break;
            };
            if self.schedule(task).is_err() {
                self.report(Dropped {
                    handle: Handle::NONE,
                    tag: task.tag,
                    deadline: task.deadline,
                    class: task.class,
                });
            }
        }
        if let Some(inbox) = &mut self.inbox {
            inbox.publish();
        }
    }

    fn collect<T: From<Due>>(&mut self, out: &mut [T]) -> Ticked {
        let mut moves = self.moves_per_tick;
        let mut count = 0;
        let mut more = false;
        while let Some((source, rival)) = self.pick() {
            let ended = match source {
                Source::Late => self.deliver_late(out, &mut count),
                Source::Class(class) => {
                    self.deliver_class(class, rival, out, &mut count, &mut moves)
                }
            };
            if ended {
                more = true;
                break;
            }
        }
        self.statistics.moves += (self.moves_per_tick - moves) as u64;
        self.finish();
        Ticked { count, more }
    }

    /// The source with the lowest rank that may have something due, and the lowest rank of the others.
    #[inline]
    fn pick(&self) -> Option<(Source, Rank)> {
        const NONE: Rank = (u64::MAX, u8::MAX);
        let (mut source, mut best, mut rival) = (None, NONE, NONE);
        // Before the wheels: a late task has a lower rank than every task in its class's wheel, or an equal, saturated one.
        if let Some(index) = self.late.first() {
            let node = &self.slab.nodes[index as usize];
            (source, best) = (Some(Source::Late), self.ranks.of(node.class, node.deadline));
        }
        for number in 0..CLASSES as u8 {
            let class = Class::of_bits(number);
            let wheel = &self.wheels[class.index()];
            if wheel.bound > self.now || wheel.is_empty() {
                continue;
            }
            let rank = self.ranks.of(class, wheel.bound);
            if source.is_none() || rank < best {
                (source, best, rival) = (Some(Source::Class(class)), rank, best);
            } else {
                rival = rival.min(rank);
            }
        }
        source.map(|source| (source, rival))
    }

    /// Delivers the late heap's first; true if there is no room for it.
    #[cold]
    fn deliver_late<T: From<Due>>(&mut self, out: &mut [T], count: &mut usize) -> bool {
        let (Some(index), Some(to)) = (self.late.first(), out.get_mut(*count)) else {
            return true;
        };
        self.late.remove(&mut self.slab, &self.ranks, index);
        *to = T::from(self.deliver(index));
        *count += 1;
        false
    }

    /// Delivers one class's tasks until another source's rank is lower or none is due; true if the tick has to end.
    #[inline]
    fn deliver_class<T: From<Due>>(
        &mut self,
        class: Class,
        rival: Rank,
        out: &mut [T],
        count: &mut usize,
        moves: &mut usize,
    ) -> bool {
        loop {
            while let Some(deadline) = self.wheels[class.index()].run.first() {
                self.wheels[class.index()].bound = deadline;
                if self.ranks.of(class, deadline) >= rival {
                    return false;
                }
                let Some(to) = out.get_mut(*count) else {
                    return true;
                };
                let Some(index) = self.wheels[class.index()].run.pop_first() else {
                    return false;
                };
                *to = T::from(self.deliver(index));
                *count += 1;
            }
            match self.wheels[class.index()].refine(&mut self.slab, self.now, moves) {
                Refined::Ready => {}
                Refined::Later | Refined::Empty => return false,
                Refined::Spent => {
                    self.statistics.exhausted += 1;
                    return true;
                }
            }
        }
    }

    /// Ends or renews a task that is due and in no list.
    #[inline]
    fn deliver(&mut self, index: u32) -> Due {
        let handle: Handle = self.slab.handle(index);
        let node = &self.slab.nodes[index as usize];
        let (deadline, tag, class) = (node.deadline, node.tag, node.class);
        let periodic = node.periodic;
        let lateness = self.now - deadline;
        self.statistics.lateness.record(lateness);
        self.statistics.delivered[class.index()] += 1;
        self.statistics.missed[class.index()] += u64::from(lateness > self.tolerance);
        let mut missed = 0;
        if periodic {
            missed = self.renew(index, lateness);
        } else {
            self.release(index);
        }
        Due {
            handle,
            tag,
            deadline,
            missed,
            class,
        }
    }

    /// Moves a periodic task to its first time after now; how many times between were passed over.
    #[cold]
    fn renew(&mut self, index: u32, lateness: u64) -> u32 {
        let period = self.slab.rare[index as usize].period;
        let node = &mut self.slab.nodes[index as usize];
        let missed = lateness / period;
        let coalesced = u32::try_from(missed).unwrap_or(u32::MAX);
        self.statistics.coalesced = self.statistics.coalesced.saturating_add(missed);
        // `deadline + missed * period` is at or before now; one period more may not exist.
        match (node.deadline + missed * period).checked_add(period) {
            Some(next) => {
                node.deadline = next;
                let class = node.class;
                self.enter(index, class, next);
            }
            None => self.release(index),
        }
        coalesced
    }

    /// Empties the runs and finds the time of the next task.
    fn finish(&mut self) {
        let mut bound = if self.late.is_empty() { u64::MAX } else { 0 };
        for wheel in &mut self.wheels {
            if !wheel.run.is_empty() {
                wheel.put_back(&mut self.slab);
            }
            bound = bound.min(wheel.bound);
        }
        self.bound = bound;
    }
}
