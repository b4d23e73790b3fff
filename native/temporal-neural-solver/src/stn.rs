//! Simple temporal networks (Dechter, Meiri, Pearl 1991): difference constraints kept closed, edge by edge.
//!
//! The full distance matrix is the state, so a query is one load; a new constraint is folded in in O(n^2). A
//! contradiction is explained by the constraints on one negative cycle, and leaves the network as it was.

use crate::error::{Code, Error};
use alloc::vec::Vec;
use alloc::{format, string::String};
use serde::{Deserialize, Serialize};

/// Most time points of a network.
pub const POINTS: usize = 256;
/// Largest absolute bound: sums along 256 edges stay below 2^53 and are therefore exact in `f64`. In nanoseconds 9.7 hours.
pub const WEIGHT: i64 = 1 << 45;

/// `x[to] - x[from] <= bound`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// The point that is subtracted.
    pub from: u16,
    /// The point that is bounded.
    pub to: u16,
    /// The largest difference, in the caller's unit.
    pub bound: i64,
}

/// Constraints that cannot hold together: they form a cycle, and their bounds add up to less than zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NegativeCycle {
    /// Each constraint begins where the one before it ends; the last leads back to the first.
    pub edges: Vec<Constraint>,
}

impl NegativeCycle {
    /// Whether the edges are a closed chain of constraints of `given` with a negative sum. Independent of the solver.
    pub fn check(&self, given: &[Constraint]) -> bool {
        let closed = self
            .edges
            .iter()
            .zip(self.edges.iter().cycle().skip(1))
            .all(|(a, b)| a.to == b.from);
        let sum: i128 = self.edges.iter().map(|edge| i128::from(edge.bound)).sum();
        !self.edges.is_empty()
            && closed
            && sum < 0
            && self.edges.iter().all(|edge| given.contains(edge))
    }

    /// The cycle in words, for a message.
    pub fn text(&self) -> String {
        let sum: i128 = self.edges.iter().map(|edge| i128::from(edge.bound)).sum();
        let parts: Vec<String> = self
            .edges
            .iter()
            .map(|e| format!("x{} - x{} <= {}", e.to, e.from, e.bound))
            .collect();
        format!("{}; together 0 <= {sum}", parts.join(", "))
    }
}

/// What adding a constraint did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// It followed from the others.
    Redundant,
    /// It narrowed the network.
    Tightened,
    /// It contradicts the others; the network is as before.
    Conflict(NegativeCycle),
}

/// A consistent network of difference constraints over `points` time points.
#[derive(Debug, Clone)]
pub struct Stn {
    points: usize,
    /// Row-major shortest distances; infinity where nothing is known.
    distance: Vec<f64>,
    /// Tightest given bound of each ordered pair.
    given: Vec<f64>,
}

impl Stn {
    /// A network without constraints.
    ///
    /// # Errors
    /// [`Code::TooLarge`] above [`POINTS`].
    pub fn new(points: usize) -> Result<Self, Error> {
        if points > POINTS {
            return Err(Error::new(
                Code::TooLarge,
                format!("More than {POINTS} time points"),
                "split the network",
            ));
        }
        let mut distance = alloc::vec![f64::INFINITY; points * points];
        for i in 0..points {
            distance[i * points + i] = 0.0;
        }
        Ok(Self {
            points,
            given: distance.clone(),
            distance,
        })
    }

    /// A network from a list: one Floyd-Warshall pass, O(n^3).
    ///
    /// # Errors
    /// As [`Stn::new`] and [`Stn::add`].
    pub fn solve(
        points: usize,
        constraints: &[Constraint],
    ) -> Result<Result<Self, NegativeCycle>, Error> {
        let mut out = Self::new(points)?;
        for constraint in constraints {
            let at = out.place(*constraint)?;
            out.given[at] = out.given[at].min(constraint.bound as f64);
        }
        out.distance.clone_from(&out.given);
        let n = points;
        let mut via: Vec<f64> = alloc::vec![0.0; n];
        for k in 0..n {
            via.copy_from_slice(&out.distance[k * n..][..n]);
            for row in out.distance.chunks_exact_mut(n) {
                lower(row, row[k], &via);
            }
            // A negative loop doubles with every further k; stopping at once keeps all sums exact.
            if (0..n).any(|i| out.distance[i * n + i] < 0.0) {
                return Ok(Err(out.explain(constraints)?));
            }
        }
        Ok(Ok(out))
    }

    /// Which constraint of a contradictory list closes a negative cycle, found by adding them one by one.
    fn explain(&self, constraints: &[Constraint]) -> Result<NegativeCycle, Error> {
        let mut again = Self::new(self.points)?;
        for constraint in constraints {
            if let Added::Conflict(cycle) = again.add(*constraint)? {
                return Ok(cycle);
            }
        }
        Err(Error::new(
            Code::Constraint,
            "Negative cycle without explanation",
            "report this as a defect",
        ))
    }

    fn place(&self, constraint: Constraint) -> Result<usize, Error> {
        let (from, to) = (usize::from(constraint.from), usize::from(constraint.to));
        if from >= self.points || to >= self.points {
            return Err(Error::new(
                Code::Constraint,
                "Constraint on a point that does not exist",
                "",
            ));
        }
        if constraint.bound.unsigned_abs() > WEIGHT.unsigned_abs() {
            return Err(Error::new(
                Code::Constraint,
                "Bound exceeds 2^45",
                "use a coarser unit of time",
            ));
        }
        Ok(from * self.points + to)
    }

    /// Number of time points.
    pub fn points(&self) -> usize {
        self.points
    }

    /// Adds `x[to] - x[from] <= bound`. Allocates only to explain a conflict.
    ///
    /// # Errors
    /// [`Code::Constraint`] for a point that does not exist or a bound above [`WEIGHT`].
    pub fn add(&mut self, constraint: Constraint) -> Result<Added, Error> {
        let at = self.place(constraint)?;
        let (n, from, to) = (
            self.points,
            usize::from(constraint.from),
            usize::from(constraint.to),
        );
        let bound = constraint.bound as f64;
        if self.distance[to * n + from] + bound < 0.0 {
            return Ok(Added::Conflict(self.cycle(constraint)));
        }
        if self.given[at] <= bound {
            return Ok(Added::Redundant);
        }
        self.given[at] = bound;
        if self.distance[at] <= bound {
            return Ok(Added::Redundant);
        }
        // Row `to` cannot improve: that would take the new edge twice. So it may be read while the others change.
        let (before, rest) = self.distance.split_at_mut(to * n);
        let (via, after) = rest.split_at_mut(n);
        for row in before.chunks_exact_mut(n).chain(after.chunks_exact_mut(n)) {
            let reach = row[from] + bound;
            if reach < row[to] {
                lower(row, reach, via);
            }
        }
        Ok(Added::Tightened)
    }

    /// `x[to] - x[from]` in `[least, most]`.
    ///
    /// # Errors
    /// As [`Stn::add`]. On a conflict neither bound is added.
    pub fn between(&mut self, from: u16, to: u16, least: i64, most: i64) -> Result<Added, Error> {
        let upper = Constraint {
            from,
            to,
            bound: most,
        };
        let lower = Constraint {
            from: to,
            to: from,
            bound: least.saturating_neg(),
        };
        self.place(upper)?;
        self.place(lower)?;
        if least > most {
            return Ok(Added::Conflict(NegativeCycle {
                edges: alloc::vec![upper, lower],
            }));
        }
        let backup = self.clone();
        let first = self.add(upper)?;
        if matches!(first, Added::Conflict(_)) {
            return Ok(first);
        }
        let second = self.add(lower)?;
        match second {
            Added::Conflict(_) => *self = backup,
            Added::Redundant => return Ok(first),
            Added::Tightened => {}
        }
        Ok(second)
    }

    /// Largest possible `x[to] - x[from]`, or `None` if it is unbounded.
    pub fn most(&self, from: u16, to: u16) -> Option<i64> {
        let (from, to) = (usize::from(from), usize::from(to));
        if from >= self.points || to >= self.points {
            return None;
        }
        let distance = self.distance[from * self.points + to];
        distance.is_finite().then_some(distance as i64)
    }

    /// One solution with every point as early as possible after point `origin`, which is at zero. Points that nothing
    /// ties to the origin from below are placed at their latest possible time, or at zero.
    pub fn earliest(&self, origin: u16) -> Vec<i64> {
        // With x[i] = -distance(i, origin) every given edge (i, j, w) holds by the triangle inequality. Free points
        // would be at minus infinity; a virtual far-away start in their place keeps the inequality.
        let n = self.points;
        let origin = usize::from(origin);
        if origin >= n {
            return Vec::new();
        }
        let mut fixed = self.clone();
        for i in 0..n {
            if fixed.distance[i * n + origin].is_infinite() {
                let latest = fixed.distance[origin * n + i];
                let at = if latest.is_finite() { latest as i64 } else { 0 };
                let edge = Constraint {
                    from: i as u16,
                    to: origin as u16,
                    bound: at.saturating_neg(),
                };
                fixed.fold(edge);
            }
        }
        (0..n)
            .map(|i| -(fixed.distance[i * n + origin] as i64))
            .collect()
    }

    /// As `add`, for derived edges that may exceed the limit on given ones.
    fn fold(&mut self, edge: Constraint) {
        let n = self.points;
        let (from, to) = (usize::from(edge.from), usize::from(edge.to));
        let via: Vec<f64> = self.distance[to * n..][..n].to_vec();
        for row in self.distance.chunks_exact_mut(n) {
            let reach = row[from] + edge.bound as f64;
            lower(row, reach, &via);
        }
    }

    #[expect(
        clippy::float_cmp,
        reason = "sums of whole numbers below 2^53 are exact"
    )]
    /// The negative cycle that `new` closes: `new`, then given edges along a shortest path back to its start.
    fn cycle(&self, new: Constraint) -> NegativeCycle {
        let n = self.points;
        let (start, goal) = (usize::from(new.to), usize::from(new.from));
        let mut edges = alloc::vec![new];
        if start == goal {
            return NegativeCycle { edges };
        }
        // Breadth first over the edges that lie on shortest paths: fewest constraints, and no trap in cycles of sum 0.
        let mut before = alloc::vec![usize::MAX; n];
        let mut queue = alloc::vec![start];
        before[start] = start;
        let mut head = 0;
        while head < queue.len() && before[goal] == usize::MAX {
            let at = queue[head];
            head += 1;
            for next in (0..n).filter(|next| *next != at) {
                let tight = self.given[at * n + next] + self.distance[next * n + goal]
                    == self.distance[at * n + goal];
                if tight && before[next] == usize::MAX && self.given[at * n + next].is_finite() {
                    before[next] = at;
                    queue.push(next);
                }
            }
        }
        let mut at = goal;
        let mut back = Vec::new();
        while at != start && before[at] != usize::MAX {
            let from = before[at];
            back.push(Constraint {
                from: from as u16,
                to: at as u16,
                bound: self.given[from * n + at] as i64,
            });
            at = from;
        }
        back.reverse();
        edges.append(&mut back);
        NegativeCycle { edges }
    }
}

/// `row[j] = min(row[j], reach + via[j])`, in a form that the compiler turns into vector instructions.
#[inline]
fn lower(row: &mut [f64], reach: f64, via: &[f64]) {
    for (own, step) in row.iter_mut().zip(via) {
        let through = reach + step;
        *own = if through < *own { through } else { *own };
    }
}
