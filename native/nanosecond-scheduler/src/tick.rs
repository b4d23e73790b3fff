//! Delivery.
use crate::handle::Handle;
use crate::rank::Rank;
use crate::scheduler::Scheduler;
use crate::slab::{Entry, Id, Slab};
use crate::statistics::Tally;
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

/// Why one source's tasks are not delivered any further.
enum Stop {
    Outranked,
    NothingDue,
    NoRoom,
    Spent,
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
            self.counts.clock_regressions += 1;
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
        let (due, later) = self.due_classes();
        // Renewed tasks lower it, in whatever class: a late one's wheel may not be due.
        self.bound = later;
        let mut left = due;
        let more = loop {
            let Some((source, rival)) = self.pick(left) else {
                break false;
            };
            let stop = match source {
                Source::Late => self.deliver_late(out, &mut count),
                Source::Class(class) => {
                    self.deliver_class(class, rival, out, &mut count, &mut moves)
                }
            };
            match (stop, source) {
                (Stop::NothingDue, Source::Class(class)) => left &= !(1 << class.number()),
                (Stop::Outranked | Stop::NothingDue, _) => {}
                (Stop::NoRoom, _) => break true,
                (Stop::Spent, _) => {
                    self.counts.exhausted += 1;
                    break true;
                }
            }
        };
        self.counts.moves += (self.moves_per_tick - moves) as u64;
        self.finish(due);
        Ticked { count, more }
    }

    /// The classes that may have something due, one bit each, and when the others have.
    #[inline]
    fn due_classes(&self) -> (u32, u64) {
        let (mut due, mut later) = (0, u64::MAX);
        for (number, wheel) in self.wheels.iter().enumerate() {
            match wheel.bound(&self.slab.links) {
                Some(bound) if bound <= self.now => due |= 1 << number,
                Some(bound) => later = later.min(bound),
                None => {}
            }
        }
        (due, later)
    }

    /// The source with the lowest rank that may have something due, and the lowest rank of the others.
    #[inline]
    fn pick(&self, mut classes: u32) -> Option<(Source, Rank)> {
        let (mut source, mut best, mut rival) = (None, Rank::NONE, Rank::NONE);
        // Before the wheels: a late task has a lower rank than every task in its class's wheel, or an equal, saturated one.
        if let Some(id) = self.late.first() {
            let rank = self
                .ranks
                .of(self.slab.entry(id).class, self.slab.deadline(id));
            (source, best) = (Some(Source::Late), rank);
        }
        while classes != 0 {
            let class = Class::of_bits(classes.trailing_zeros() as u8);
            classes &= classes - 1;
            let Some(bound) = self.wheels[class.index()].bound(&self.slab.links) else {
                continue;
            };
            let rank = self.ranks.of(class, bound);
            if rank < best {
                (source, best, rival) = (Some(Source::Class(class)), rank, best);
            } else {
                rival = rival.min(rank);
            }
        }
        source.map(|source| (source, rival))
    }

    /// Delivers the late heap's first.
    #[cold]
    fn deliver_late<T: From<Due>>(&mut self, out: &mut [T], count: &mut usize) -> Stop {
        let Some(id) = self.late.first() else {
            return Stop::NothingDue;
        };
        let Some(to) = out.get_mut(*count) else {
            return Stop::NoRoom;
        };
        self.late.remove(&mut self.slab, &self.ranks, id);
        let (class, deadline) = (self.slab.entry(id).class, self.slab.deadline(id));
        let mut tally = Tally::default();
        *to = T::from(self.deliver(id, class, deadline, &mut tally));
        *count += 1;
        self.counts.add(class, &tally);
        Stop::Outranked
    }

    /// Delivers one class's tasks until another source has a lower rank, none is due, or there is no room.
    #[inline]
    fn deliver_class<T: From<Due>>(
        &mut self,
        class: Class,
        rival: Rank,
        out: &mut [T],
        count: &mut usize,
        moves: &mut usize,
    ) -> Stop {
        let mut tally = Tally::default();
        let stop = loop {
            let (start, end) = self.wheels[class.index()].run.span();
            let mut ready = end - start;
            if rival != Rank::NONE {
                let ranks = (start..end).map(|at| {
                    self.ranks
                        .of(class, self.wheels[class.index()].run.get(at).0)
                });
                ready = ranks.take_while(|&rank| rank < rival).count();
            }
            let room = &mut out[*count..];
            for (at, to) in (start..start + ready).zip(&mut *room) {
                let (deadline, id) = self.wheels[class.index()].run.get(at);
                *to = T::from(self.deliver(id, class, deadline, &mut tally));
            }
            let delivered = ready.min(room.len());
            *count += delivered;
            let wheel = &mut self.wheels[class.index()];
            wheel.run.advance_to(start + delivered);
            if delivered < ready {
                break Stop::NoRoom;
            }
            if start + ready < end {
                break Stop::Outranked;
            }
            match wheel.refine(&mut self.slab.links, self.now, moves) {
                Refined::Ready => {}
                Refined::Later => break Stop::NothingDue,
                Refined::Spent => break Stop::Spent,
            }
        };
        self.counts.add(class, &tally);
        stop
    }

    /// Ends or renews a task that is due and in no list.
    #[inline]
    fn deliver(&mut self, id: Id, class: Class, deadline: u64, tally: &mut Tally) -> Due {
        let Entry {
            tag,
            generation,
            periodic,
            ..
        } = *self.slab.entry(id);
        let lateness = self.now - deadline;
        self.counts.lateness.record(lateness);
        tally.delivered += 1;
        tally.missed += u64::from(lateness > self.tolerance);
        let mut missed = 0;
        if periodic {
            missed = self.renew(id, class, deadline, tally);
        } else {
            tally.ended += 1;
            self.release(id);
        }
        Due {
            handle: Slab::handle(id, generation),
            tag,
            deadline,
            missed,
            class,
        }
    }

    /// Moves a periodic task to its first time after now; how many times between were passed over.
    #[cold]
    fn renew(&mut self, id: Id, class: Class, deadline: u64, tally: &mut Tally) -> u32 {
        let period = self.slab.period(id);
        let missed = (self.now - deadline) / period;
        self.counts.coalesced = self.counts.coalesced.saturating_add(missed);
        // `deadline + missed * period` is at or before now; one period more may not exist.
        if let Some(next) = (deadline + missed * period).checked_add(period) {
            self.counts.renewed += 1;
            self.enter(id, class, next);
        } else {
            tally.ended += 1;
            self.release(id);
        }
        u32::try_from(missed).unwrap_or(u32::MAX)
    }

    /// Empties the runs and finds the time of the next task.
    #[inline]
    fn finish(&mut self, mut due: u32) {
        let mut bound = if self.late.is_empty() { self.bound } else { 0 };
        while due != 0 {
            let wheel = &mut self.wheels[due.trailing_zeros() as usize % CLASSES];
            due &= due - 1;
            bound = wheel
                .bound(&self.slab.links)
                .map_or(bound, |time| bound.min(time));
            if !wheel.run.is_empty() {
                wheel.put_back(&mut self.slab.links);
            }
        }
        self.bound = bound;
    }
}
