//! Scheduling, cancelling, and what happens when there is no room. Delivery is in `tick.rs`.
use core::num::NonZeroU64;

use crate::config::{Config, ConfigError, Full, Overload};
use crate::dropped::Reports;
use crate::handle::Handle;
use crate::inbox::{Inbox, Submitter};
use crate::late::Late;
use crate::rank::Ranks;
use crate::slab::{Entry, Id, Slab, State};
use crate::statistics::Statistics;
use crate::task::{CLASSES, Class, Dropped, Task};
use crate::wheel::Wheel;

/// Tasks in order of class and deadline, for one owner thread.
///
/// It keeps no time of its own: the caller says what time it is, at every [`tick`](Scheduler::tick). Memory is taken by
/// [`Scheduler::new`] and never afterwards. 56 bytes per task of the capacity, 32 per place of the inbox, 40 per remembered
/// drop, and 260 KiB.
pub struct Scheduler {
    pub(crate) slab: Slab,
    pub(crate) wheels: [Wheel; CLASSES],
    pub(crate) late: Late,
    pub(crate) ranks: Ranks,
    /// At or before the deadline of every task, `u64::MAX` if there is none.
    pub(crate) bound: u64,
    /// The latest tick's time.
    pub(crate) now: u64,
    pub(crate) inbox: Option<Inbox>,
    reports: Reports,
    overload: Overload,
    pub(crate) tolerance: u64,
    pub(crate) moves_per_tick: usize,
    /// Without what follows from the rest.
    pub(crate) counts: Statistics,
}

impl Scheduler {
    /// Takes all memory.
    ///
    /// # Errors
    /// A size of the config is out of bounds.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self {
            slab: Slab::new(config.capacity),
            wheels: core::array::from_fn(|class| Wheel::new(Class::of_bits(class as u8))),
            late: Late::new(config.capacity),
            ranks: Ranks::new(config.ageing),
            bound: u64::MAX,
            now: 0,
            inbox: (config.inbox > 0).then(|| Inbox::new(config.inbox)),
            reports: Reports::new(config.dropped),
            overload: config.overload,
            tolerance: config.tolerance,
            moves_per_tick: config.moves_per_tick,
            counts: Statistics::default(),
        })
    }

    /// Adds a task; O(1), or O(log n) of such tasks if its deadline is before everything delivered so far.
    ///
    /// # Errors
    /// [`Full`] if there is no room and the overload policy finds no victim, or the newcomer is the victim itself.
    #[inline]
    pub fn schedule(&mut self, task: Task) -> Result<Handle, Full> {
        // In registers: a struct that the caller writes by fields and this reads in wider pieces stalls the store buffer.
        let handle = self.admit(task.deadline, task.tag, task.class, task.period);
        if handle == Handle::NONE {
            Err(Full)
        } else {
            Ok(handle)
        }
    }

    /// The rare cases are calls at the very end, so that the usual one saves no registers.
    fn admit(
        &mut self,
        deadline: u64,
        tag: u64,
        class: Class,
        period: Option<NonZeroU64>,
    ) -> Handle {
        match self.slab.reuse() {
            Some(id) => self.begin(id, deadline, tag, class, period),
            None => self.admit_elsewhere(deadline, tag, class, period),
        }
    }

    #[cold]
    fn admit_elsewhere(
        &mut self,
        deadline: u64,
        tag: u64,
        class: Class,
        period: Option<NonZeroU64>,
    ) -> Handle {
        match self.slab.grow().or_else(|| self.make_room(class, deadline)) {
            Some(id) => self.begin(id, deadline, tag, class, period),
            None => Handle::NONE,
        }
    }

    #[inline]
    fn begin(
        &mut self,
        id: Id,
        deadline: u64,
        tag: u64,
        class: Class,
        period: Option<NonZeroU64>,
    ) -> Handle {
        self.counts.depth[class.index()] += 1;
        let entry = self.slab.entry_mut(id);
        entry.tag = tag;
        entry.class = class;
        entry.periodic = period.is_some();
        entry.state = State::Wheel;
        let handle = Slab::handle(id, entry.generation);
        if let Some(period) = period {
            self.slab.set_period(id, period);
        }
        self.bound = self.bound.min(deadline);
        let wheel = &mut self.wheels[class.index()];
        if deadline < wheel.base {
            return self.enter_late(id, deadline, handle);
        }
        wheel.insert(&mut self.slab.links, id, deadline);
        handle
    }

    /// Puts a task that is in no list where its deadline says.
    pub(crate) fn enter(&mut self, id: Id, class: Class, deadline: u64) {
        self.bound = self.bound.min(deadline);
        let wheel = &mut self.wheels[class.index()];
        if deadline < wheel.base {
            self.enter_late(id, deadline, Handle::NONE);
        } else {
            wheel.insert(&mut self.slab.links, id, deadline);
        }
    }

    /// The handle is handed through, for the sake of the call at the end.
    #[cold]
    fn enter_late(&mut self, id: Id, deadline: u64, handle: Handle) -> Handle {
        self.counts.scheduled_late += 1;
        self.late.insert(&mut self.slab, &self.ranks, id, deadline);
        handle
    }

    /// Ends a task and says its tag; nothing if the handle is no longer good. O(1).
    #[inline]
    pub fn cancel(&mut self, handle: Handle) -> Option<u64> {
        let id = self.slab.find(handle)?;
        self.counts.cancelled += 1;
        let tag = self.slab.entry(id).tag;
        self.remove(id);
        Some(tag)
    }

    /// Gives a task another deadline and with it the last place among equal ones; false if the handle is no longer good.
    /// A periodic task goes on from the new deadline. O(1), or O(log n) as for [`schedule`](Scheduler::schedule).
    #[inline]
    pub fn reschedule(&mut self, handle: Handle, deadline: u64) -> bool {
        let Some(id) = self.slab.find(handle) else {
            return false;
        };
        self.counts.rescheduled += 1;
        let class = self.unlink(id);
        self.enter(id, class, deadline);
        true
    }

    /// The task of a handle, with its present deadline; nothing if the handle is no longer good.
    pub fn get(&self, handle: Handle) -> Option<Task> {
        self.slab.find(handle).map(|id| self.slab.task(id))
    }

    /// When the next tick is worth its while: a time at or before the earliest deadline. It is the earliest deadline itself
    /// unless that task was cancelled or put off, or the wheels are not sorted that far; then it is somewhat early, and a tick
    /// at that time brings a better answer. Nothing if there is no task. The inbox is not seen.
    pub fn next_wake(&self) -> Option<u64> {
        (self.slab.live() > 0).then_some(self.bound)
    }

    /// Tasks held.
    pub fn len(&self) -> usize {
        self.slab.live()
    }

    /// Whether no task is held.
    pub fn is_empty(&self) -> bool {
        self.slab.live() == 0
    }

    /// Time of the latest tick.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// A way in for other threads; nothing if the config asked for no inbox.
    pub fn submitter(&self) -> Option<Submitter> {
        self.inbox.as_ref().map(Inbox::submitter)
    }

    /// The counts so far.
    pub fn statistics(&self) -> Statistics {
        self.counts.with_scheduled(self.slab.live())
    }

    /// Fills `out` with tasks dropped or, coming from the inbox, turned away, oldest first, and forgets them; how many.
    pub fn take_dropped(&mut self, out: &mut [Dropped]) -> usize {
        self.reports.take(out)
    }

    fn unlink(&mut self, id: Id) -> Class {
        let Entry { class, state, .. } = *self.slab.entry(id);
        if state == State::Late {
            self.late.remove(&mut self.slab, &self.ranks, id);
        } else {
            self.wheels[class.index()].unlink(&mut self.slab.links, id);
        }
        class
    }

    fn remove(&mut self, id: Id) {
        let class = self.unlink(id);
        self.counts.depth[class.index()] -= 1;
        self.release(id);
    }

    /// Ends a task that is in no list; the caller sees to the class's depth.
    #[inline]
    pub(crate) fn release(&mut self, id: Id) {
        if self.slab.release(id) {
            self.counts.retired += 1;
        }
    }

    /// A place for the newcomer, by the overload policy.
    #[cold]
    fn make_room(&mut self, class: Class, deadline: u64) -> Option<Id> {
        let victim = match self.overload {
            Overload::Reject => None,
            Overload::DropLowest => self.lowest_below(class),
            Overload::DropLatest => self.latest_after(deadline),
        };
        if let Some(victim) = victim {
            let handle = Slab::handle(victim, self.slab.entry(victim).generation);
            let Task {
                tag,
                deadline,
                class,
                ..
            } = self.slab.task(victim);
            self.counts.dropped[class.index()] += 1;
            self.remove(victim);
            self.report(Dropped {
                handle,
                tag,
                deadline,
                class,
            });
        }
        // A victim whose place was retired leaves no room either.
        let id = self.slab.reuse();
        self.counts.rejected += u64::from(id.is_none());
        id
    }

    pub(crate) fn report(&mut self, dropped: Dropped) {
        if !self.reports.add(dropped) {
            self.counts.unreported += 1;
        }
    }

    fn lowest_below(&self, class: Class) -> Option<Id> {
        (class.index() + 1..CLASSES)
            .rev()
            .find_map(|lower| self.wheels[lower].latest(&self.slab.links))
    }

    fn latest_after(&self, deadline: u64) -> Option<Id> {
        let candidates = self
            .wheels
            .iter()
            .filter_map(|wheel| wheel.latest(&self.slab.links));
        let latest = candidates.max_by_key(|&id| self.slab.deadline(id))?;
        (self.slab.deadline(latest) > deadline).then_some(latest)
    }

    /// Whether a task from the inbox should wait there.
    pub(crate) fn holds_inbox_back(&self) -> bool {
        self.overload == Overload::Reject && self.slab.is_full()
    }
}
