//! The scheduler against a binary heap, in virtual time.
mod support;

use midstream_nanosecond_scheduler::{
    Class, Config, Dropped, Due, Handle, Overload, Scheduler, Task,
};
use proptest::prelude::*;
use support::{Oracle, Random};

struct World {
    scheduler: Scheduler,
    oracle: Oracle,
    handles: Vec<Handle>,
    overload: Overload,
    capacity: usize,
    now: u64,
    out: Vec<Due>,
    operations: u64,
}

impl World {
    fn new(config: &Config) -> Self {
        Self {
            scheduler: Scheduler::new(config).unwrap(),
            oracle: Oracle::new(config.ageing),
            handles: Vec::new(),
            overload: config.overload,
            capacity: config.capacity,
            now: 0,
            out: Vec::new(),
            operations: 0,
        }
    }

    fn schedule(&mut self, task: Task) {
        let full = self.oracle.len() == self.capacity;
        let answer = self.scheduler.schedule(task);
        let mut dropped = [Dropped::default(); 2];
        match self.scheduler.take_dropped(&mut dropped) {
            0 => assert_eq!(
                answer.is_err(),
                full,
                "refused exactly when full and nobody gave way"
            ),
            1 => self.check_victim(task, dropped[0]),
            more => panic!("one task drove out {more}"),
        }
        if let Ok(handle) = answer {
            self.oracle.schedule(handle, task);
            self.handles.push(handle);
        }
    }

    fn check_victim(&mut self, task: Task, victim: Dropped) {
        match self.overload {
            Overload::Reject => panic!("nobody gives way under this policy"),
            Overload::DropLowest => assert!(victim.class > task.class),
            Overload::DropLatest => assert!(victim.deadline > task.deadline),
        }
        let known = self
            .oracle
            .get(victim.handle)
            .expect("the victim was alive");
        assert_eq!(
            (known.tag, known.deadline, known.class),
            (victim.tag, victim.deadline, victim.class)
        );
        self.oracle.cancel(victim.handle);
    }

    fn cancel(&mut self, handle: Handle) {
        assert_eq!(self.scheduler.get(handle), self.oracle.get(handle));
        assert_eq!(self.scheduler.cancel(handle), self.oracle.cancel(handle));
        assert_eq!(self.scheduler.cancel(handle), None);
    }

    fn reschedule(&mut self, handle: Handle, deadline: u64) {
        assert_eq!(
            self.scheduler.reschedule(handle, deadline),
            self.oracle.reschedule(handle, deadline)
        );
    }

    fn tick(&mut self, now: u64, room: usize) {
        self.now = self.now.max(now);
        self.oracle.advance(now);
        if let (Some(wake), Some(earliest)) =
            (self.scheduler.next_wake(), self.oracle.earliest_if_small())
        {
            assert!(
                wake <= earliest,
                "would sleep over a deadline: {wake} > {earliest}"
            );
        }
        self.out.clear();
        self.out.resize(room, Due::default());
        let spent = self.scheduler.statistics().exhausted;
        let ticked = self.scheduler.tick(now, &mut self.out);
        for &due in &self.out[..ticked.count] {
            assert_eq!(Some(due), self.oracle.deliver());
        }
        let spent = self.scheduler.statistics().exhausted > spent;
        assert_eq!(
            ticked.more,
            spent || self.oracle.any_due(),
            "more means more, or spent movements"
        );
        assert!(
            !ticked.more || spent || ticked.count == room,
            "stopped without a reason"
        );
        assert_eq!(self.scheduler.len(), self.oracle.len());
    }
}

trait Small {
    fn earliest_if_small(&mut self) -> Option<u64>;
}

impl Small for Oracle {
    /// The oracle looks at every task for this.
    fn earliest_if_small(&mut self) -> Option<u64> {
        if self.len() <= 64 {
            self.earliest()
        } else {
            None
        }
    }
}

/// A distance in time: as often one nanosecond as one hour, with heaps of equal ones and round ones.
fn distance(random: &mut Random) -> u64 {
    let bits = random.below(44);
    let distance = random.next() >> (63 - bits);
    match random.below(4) {
        0 => distance & !0xffff,
        1 => distance & 7,
        _ => distance,
    }
}

fn deadline(random: &mut Random, now: u64) -> u64 {
    match random.below(64) {
        0 => u64::MAX,
        1 => 0,
        2 => u64::MAX - random.below(1000),
        3..=6 => now.saturating_sub(distance(random)),
        7..=9 => now,
        _ => now.saturating_add(distance(random)),
    }
}

fn task(random: &mut Random, now: u64, tag: u64) -> Task {
    let class = if random.one_in(3) {
        random.below(8) as u8
    } else {
        2
    };
    let task = Task::at(deadline(random, now))
        .tag(tag)
        .class(Class::new(class).unwrap());
    if random.one_in(16) {
        task.every(1 + distance(random))
    } else {
        task
    }
}

fn step(world: &mut World, random: &mut Random) {
    world.operations += 1;
    let (now, tag) = (world.now, world.operations);
    let some = |random: &mut Random, handles: &[Handle]| {
        handles[random.below(handles.len() as u64) as usize]
    };
    match random.below(20) {
        0..=8 => world.schedule(task(random, now, tag)),
        9..=11 if !world.handles.is_empty() => {
            let handle = some(random, &world.handles);
            world.cancel(handle);
        }
        12..=14 if !world.handles.is_empty() => {
            let handle = some(random, &world.handles);
            world.reschedule(handle, deadline(random, now));
        }
        15 => world.tick(now.saturating_sub(distance(random)), 3),
        16 => world.tick(now, random.below(4) as usize),
        17 => world.tick(
            now.saturating_add(distance(random) >> 8),
            1 + random.below(100) as usize,
        ),
        _ => world.tick(
            now.saturating_add(random.below(1000)),
            1 + random.below(20) as usize,
        ),
    }
    // Old handles stay in the list: a stale one must be as dead as the oracle says.
    if world.handles.len() > 3000 {
        world.handles.drain(..1500);
    }
}

/// At the end of time every task is due and no periodic one has another turn.
fn drain(world: &mut World) {
    while !world.scheduler.is_empty() {
        let before = (world.scheduler.len(), world.scheduler.statistics().moves);
        world.tick(u64::MAX, 50);
        let after = (world.scheduler.len(), world.scheduler.statistics().moves);
        assert_ne!(before, after, "a tick without progress");
    }
}

fn run(seed: u64, steps: u64, config: &Config) {
    println!("seed {seed}, {config:?}");
    let mut world = World::new(config);
    let mut random = Random(seed);
    for _ in 0..steps {
        step(&mut world, &mut random);
    }
    drain(&mut world);
    let statistics = world.scheduler.statistics();
    let delivered: u64 = statistics.delivered.iter().sum();
    assert_eq!(statistics.lateness.total(), delivered);
    assert_eq!(
        statistics
            .depth
            .iter()
            .map(|&depth| depth as usize)
            .sum::<usize>(),
        world.scheduler.len()
    );
}

const POLICIES: [Overload; 3] = [Overload::Reject, Overload::DropLowest, Overload::DropLatest];

#[test]
fn three_million_operations_agree_with_the_heap() {
    for (seed, (capacity, moves, ageing)) in [
        (20_000, 4096, 10_000_000),
        (1000, 64, 0),
        (5000, 7, 50_000),
        (300, 1, u64::MAX),
        (64, 4096, 1),
    ]
    .into_iter()
    .enumerate()
    {
        for (number, overload) in POLICIES.into_iter().enumerate() {
            let config = Config {
                capacity,
                moves_per_tick: moves,
                ageing,
                overload,
                ..Config::default()
            };
            run((seed * 3 + number) as u64, 200_000, &config);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_operations_agrees_with_the_heap(
        seed in any::<u64>(),
        steps in 1_u64..1500,
        capacity in 1_usize..500,
        moves in 1_usize..50,
        ageing in prop_oneof![Just(0), Just(u64::MAX), 0_u64..1_000_000],
        policy in 0_usize..3,
    ) {
        let config = Config { capacity, moves_per_tick: moves, ageing, overload: POLICIES[policy], ..Config::default() };
        run(seed, steps, &config);
    }
}
