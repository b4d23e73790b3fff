//! Scheduling, cancelling, and what happens when there is no room. Delivery is in `tick.rs`.
use crate::config::{Config, ConfigError, Full, Overload};
use crate::dropped::Reports;
use crate::handle::Handle;
use crate::inbox::{Inbox, Submitter};
use crate::late::Late;
use crate::rank::Ranks;
use crate::slab::{LATE, Slab};
use crate::statistics::Statistics;
use crate::task::{CLASSES, Class, Dropped, Task};
use crate::wheel::Wheel;

/// Tasks in order of class and deadline, for one owner thread.
///
/// It keeps no time of its own: the caller says what time it is, at every [`tick`](Scheduler::tick). Memory is taken by
/// [`Scheduler::new`] and never afterwards. 52 bytes per task of the capacity, 32 per place of the inbox, 40 per remembered
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
    pub(crate) statistics: Statistics,
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
            wheels: core::array::from_fn(|_| Wheel::new()),
            late: Late::new(config.capacity),
            ranks: Ranks::new(config.ageing),
            bound: u64::MAX,
            now: 0,
            inbox: (config.inbox > 0).then(|| Inbox::new(config.inbox)),
            reports: Reports::new(config.dropped),
            overload: config.overload,
            tolerance: config.tolerance,
            moves_per_tick: config.moves_per_tick,
            statistics: Statistics::default(),
        })
    }

    /// Adds a task; O(1), or O(log n) of such tasks if its deadline is before everything delivered so far.
    ///
    /// # Errors
    /// [`Full`] if there is no room and the overload policy finds no victim, or the newcomer is the victim itself.
    #[inline]
    pub fn schedule(&mut self, task: Task) -> Result<Handle, Full> {
        let index = match self.slab.take(&task) {
            Some(index) => index,
            None => self.make_room(&task)?,
        };
        self.statistics.scheduled += 1;
        self.statistics.depth[task.class.index()] += 1;
        self.enter(index, task.class, task.deadline);
        Ok(self.slab.handle(index))
    }

    #[inline]
    pub(crate) fn enter(&mut self, index: u32, class: Class, deadline: u64) {
        self.bound = self.bound.min(deadline);
        let wheel = &mut self.wheels[class.index()];
        if deadline < wheel.base {
            self.statistics.scheduled_late += 1;
            self.late.insert(&mut self.slab, &self.ranks, index);
        } else {
            wheel.insert(&mut self.slab, index);
        }
    }

    /// Ends a task and says its tag; nothing if the handle is no longer good. O(1).
    #[inline]
    pub fn cancel(&mut self, handle: Handle) -> Option<u64> {
        let index = self.slab.find(handle)?;
        self.statistics.cancelled += 1;
        let tag = self.slab.nodes[index as usize].tag;
        self.remove(index);
        Some(tag)
    }

    /// Gives a task another deadline and with it the last place among equal ones; false if the handle is no longer good.
    /// A periodic task goes on from the new deadline. O(1), or O(log n) as for [`schedule`](Scheduler::schedule).
    #[inline]
    pub fn reschedule(&mut self, handle: Handle, deadline: u64) -> bool {
        let Some(index) = self.slab.find(handle) else {
            return false;
        };
        self.statistics.rescheduled += 1;
        self.unlink(index);
        let node = &mut self.slab.nodes[index as usize];
        node.deadline = deadline;
        let class = node.class;
        self.enter(index, class, deadline);
        true
    }

    /// The task of a handle, with its present deadline; nothing if the handle is no longer good.
    pub fn get(&self, handle: Handle) -> Option<Task> {
        let index = self.slab.find(handle)? as usize;
        let node = &self.slab.nodes[index];
        let task = Task::at(node.deadline).tag(node.tag).class(node.class);
        Some(if node.periodic {
            task.every(self.slab.rare[index].period)
        } else {
            task
        })
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
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Fills `out` with tasks dropped or, coming from the inbox, turned away, oldest first, and forgets them; how many.
    pub fn take_dropped(&mut self, out: &mut [Dropped]) -> usize {
        self.reports.take(out)
    }

    fn unlink(&mut self, index: u32) {
        let node = &self.slab.nodes[index as usize];
        if node.place == LATE {
            self.late.remove(&mut self.slab, &self.ranks, index);
        } else {
            self.wheels[node.class.index()].unlink(&mut self.slab, index);
        }
    }

    fn remove(&mut self, index: u32) {
        self.unlink(index);
        self.release(index);
    }

    /// Ends a task that is in no list.
    #[inline]
    pub(crate) fn release(&mut self, index: u32) {
        self.statistics.depth[self.slab.nodes[index as usize].class.index()] -= 1;
        self.statistics.retired += u32::from(self.slab.release(index));
    }

    /// A place for the newcomer, by the overload policy.
    #[cold]
    fn make_room(&mut self, task: &Task) -> Result<u32, Full> {
        let victim = match self.overload {
            Overload::Reject => None,
            Overload::DropLowest => self.lowest_below(task.class),
            Overload::DropLatest => self.latest_after(task.deadline),
        };
        let Some(victim) = victim else {
            self.statistics.rejected += 1;
            return Err(Full);
        };
        let node = self.slab.nodes[victim as usize];
        let handle = self.slab.handle(victim);
        self.statistics.dropped[node.class.index()] += 1;
        self.remove(victim);
        self.report(Dropped {
            handle,
            tag: node.tag,
            deadline: node.deadline,
            class: node.class,
        });
        // A victim whose place was retired leaves no room.
        self.slab.take(task).ok_or_else(|| {
            self.statistics.rejected += 1;
            Full
        })
    }

    pub(crate) fn report(&mut self, dropped: Dropped) {
        if !self.reports.add(dropped) {
            self.statistics.unreported += 1;
        }
    }

    fn lowest_below(&self, class: Class) -> Option<u32> {
        (class.index() + 1..CLASSES)
            .rev()
            .find_map(|lower| self.wheels[lower].latest(&self.slab))
    }

    fn latest_after(&self, deadline: u64) -> Option<u32> {
        let candidates = self
            .wheels
            .iter()
            .filter_map(|wheel| wheel.latest(&self.slab));
        let latest = candidates.max_by_key(|&index| self.slab.nodes[index as usize].deadline)?;
        (self.slab.nodes[latest as usize].deadline > deadline).then_some(latest)
    }

    /// Whether a task from the inbox should wait there.
    pub(crate) fn holds_inbox_back(&self) -> bool {
        self.overload == Overload::Reject && self.slab.is_full()
    }
}
