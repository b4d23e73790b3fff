//! Flat ABI of native/nanosecond-scheduler: many deadlines on one timer of the caller. No callback: `ms_scheduler_tick` fills
//! the caller's array with what is due.

use midstream_nanosecond_scheduler::{Class, Config, Due, Handle, Overload, Scheduler, Task};

use crate::memory;
use crate::objects::{self, Object};
use crate::status::{Fault, MS_FULL};
use crate::wall::{refusal, wall};

/// Words of a task's name: index, generation.
pub const MS_TASK_WORDS: usize = 2;
/// Words of a due task: index, generation, tag, class, periods folded into it.
pub const MS_DUE_WORDS: usize = 5;
/// Numbers of a scheduler's statistics: tasks held, accepted, delivered, missed, cancelled, moved, refused, dropped, then
/// lateness in milliseconds: median, 99th percentile, longest.
pub const MS_SCHEDULER_NUMBERS: usize = 11;
/// Bit of `ms_scheduler_tick`'s result: due tasks were left behind, tick again.
pub const MS_TICK_MORE: i32 = 4096;

/// Due tasks of one tick; the rest comes with the next.
const BATCH: usize = 256;

/// A scheduler and the room for what one tick delivers.
pub(crate) struct Wheel {
    scheduler: Scheduler,
    due: Vec<Due>,
}

/// Milliseconds as nanoseconds; what is no time counts as 0.
fn nanoseconds(ms: f64) -> u64 {
    #[expect(clippy::cast_sign_loss, reason = "`as` saturates at 0")]
    let nanoseconds = (ms * 1e6) as u64;
    nanoseconds
}

fn with_wheel<R>(
    handle: u32,
    body: impl FnOnce(&mut Wheel) -> Result<R, Fault>,
) -> Result<R, Fault> {
    objects::with(handle, |object| match object {
        Object::Wheel(wheel) => body(wheel),
        _ => Err(Fault::BAD_HANDLE),
    })
}

/// Makes a scheduler. `overload`: 0 reject, 1 drop the lowest class, 2 drop the latest deadline.
#[unsafe(no_mangle)]
pub extern "C" fn ms_scheduler_open(
    capacity: u32,
    ageing_ms: f64,
    tolerance_ms: f64,
    overload: u32,
) -> i32 {
    wall(|| {
        let overload = match overload {
            0 => Overload::Reject,
            1 => Overload::DropLowest,
            2 => Overload::DropLatest,
            _ => return Err(Fault::argument("Overload policy is not one of 0 to 2")),
        };
        let config = Config {
            capacity: capacity as usize,
            ageing: nanoseconds(ageing_ms),
            tolerance: nanoseconds(tolerance_ms),
            overload,
            ..Config::default()
        };
        let scheduler = Scheduler::new(&config).map_err(|e| refusal(&e))?;
        let due = vec![Due::default(); BATCH];
        objects::open(Object::Wheel(Box::new(Wheel { scheduler, due })))
    })
}

/// Schedules a task; writes its name. `period_ms` 0: once.
///
/// # Safety
/// `out` is valid for `out_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_scheduler_set(
    scheduler: u32,
    deadline_ms: f64,
    period_ms: f64,
    class: u32,
    tag: u32,
    out: *mut u32,
    out_words: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::output_of(out, out_words, MS_TASK_WORDS) }?;
        let class = u8::try_from(class).ok().and_then(Class::new);
        let class = class.ok_or(Fault::argument("Class is not one of 0 to 7"))?;
        let task = Task::at(nanoseconds(deadline_ms))
            .tag(u64::from(tag))
            .class(class)
            .every(nanoseconds(period_ms));
        with_wheel(scheduler, |wheel| {
            let full = |_| Fault::new(MS_FULL, "No room for another task");
            let handle = wheel.scheduler.schedule(task).map_err(full)?;
            out[0] = handle.index();
            out[1] = handle.generation();
            Ok(0)
        })
    })
}

/// Moves a task to another deadline: 1, or 0 where there is no such task any more.
#[unsafe(no_mangle)]
pub extern "C" fn ms_scheduler_move(
    scheduler: u32,
    index: u32,
    generation: u32,
    deadline_ms: f64,
) -> i32 {
    wall(|| {
        with_wheel(scheduler, |wheel| {
            let handle = Handle::from_parts(index, generation);
            let moved = wheel.scheduler.reschedule(handle, nanoseconds(deadline_ms));
            Ok(i32::from(moved))
        })
    })
}

/// Takes a task out: 1, or 0 where there is no such task any more.
#[unsafe(no_mangle)]
pub extern "C" fn ms_scheduler_cancel(scheduler: u32, index: u32, generation: u32) -> i32 {
    wall(|| {
        with_wheel(scheduler, |wheel| {
            let handle = Handle::from_parts(index, generation);
            Ok(i32::from(wheel.scheduler.cancel(handle).is_some()))
        })
    })
}

/// Writes what is due, in order of class and deadline; the number of tasks, with [`MS_TICK_MORE`].
///
/// # Safety
/// `out` is valid for `cap_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_scheduler_tick(
    scheduler: u32,
    now_ms: f64,
    out: *mut u32,
    cap_words: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::output_of(out, cap_words, MS_DUE_WORDS) }?;
        with_wheel(scheduler, |wheel| {
            let room = (out.len() / MS_DUE_WORDS).min(wheel.due.len());
            let ticked = wheel
                .scheduler
                .tick(nanoseconds(now_ms), &mut wheel.due[..room]);
            let places = out.chunks_exact_mut(MS_DUE_WORDS);
            for (due, words) in wheel.due[..ticked.count].iter().zip(places) {
                words.copy_from_slice(&[
                    due.handle.index(),
                    due.handle.generation(),
                    due.tag as u32,
                    u32::from(due.class.number()),
                    due.missed,
                ]);
            }
            let more = if ticked.more { MS_TICK_MORE } else { 0 };
            Ok(memory::count(ticked.count) | more)
        })
    })
}

/// Writes the moment of the next task in milliseconds: 1, or 0 where there is none.
///
/// # Safety
/// `out` is valid for `out_numbers` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_scheduler_next(scheduler: u32, out: *mut f64, out_numbers: u32) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::numbers_out(out, out_numbers, 1) }?;
        with_wheel(scheduler, |wheel| {
            let next = wheel.scheduler.next_wake();
            out[0] = next.map_or(0.0, |next| next as f64 / 1e6);
            Ok(i32::from(next.is_some()))
        })
    })
}

/// Writes the scheduler's statistics.
///
/// # Safety
/// `out` is valid for `out_numbers` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_scheduler_statistics(
    scheduler: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::numbers_out(out, out_numbers, MS_SCHEDULER_NUMBERS) }?;
        with_wheel(scheduler, |wheel| {
            let known = wheel.scheduler.statistics();
            let late = |quantile| known.lateness.quantile(quantile) as f64 / 1e6;
            out[..MS_SCHEDULER_NUMBERS].copy_from_slice(&[
                wheel.scheduler.len() as f64,
                known.scheduled as f64,
                known.delivered.iter().sum::<u64>() as f64,
                known.missed.iter().sum::<u64>() as f64,
                known.cancelled as f64,
                known.rescheduled as f64,
                known.rejected as f64,
                known.dropped.iter().sum::<u64>() as f64,
                late(0.5),
                late(0.99),
                late(1.0),
            ]);
            Ok(0)
        })
    })
}

/// Closes a scheduler; its handle is unknown from then on.
#[unsafe(no_mangle)]
pub extern "C" fn ms_scheduler_close(scheduler: u32) -> i32 {
    wall(|| objects::close(scheduler, |object| matches!(object, Object::Wheel(_))))
}
