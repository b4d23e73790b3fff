//! Simple temporal networks against Bellman-Ford, and facts/temporal.md B5.

use midstream_temporal_neural_solver::stn::{Added, Constraint, Stn, WEIGHT};
use proptest::prelude::*;

fn edge(from: u16, to: u16, bound: i64) -> Constraint {
    Constraint { from, to, bound }
}

/// 20 points, each 5 to 7 after the one before.
fn chain() -> Vec<Constraint> {
    (0..19)
        .flat_map(|i| [edge(i, i + 1, 7), edge(i + 1, i, -5)])
        .collect()
}

#[test]
fn the_chain_of_b5_allows_95_and_explains_94_by_a_cycle_of_20_edges() {
    let mut given = chain();
    let mut network = Stn::new(20).expect("small");
    for constraint in &given {
        assert_eq!(
            network.add(*constraint).expect("in range"),
            Added::Tightened
        );
    }
    let backup = network.clone();
    given.push(edge(0, 19, 94));
    let Added::Conflict(cycle) = network.add(edge(0, 19, 94)).expect("in range") else {
        panic!("94 is too short")
    };
    assert_eq!(cycle.edges.len(), 20);
    assert!(cycle.check(&given));
    assert!(
        cycle.text().ends_with("together 0 <= -1"),
        "{}",
        cycle.text()
    );
    assert_eq!(
        Stn::solve(20, &given)
            .expect("in range")
            .expect_err("the batch agrees")
            .edges
            .len(),
        20
    );
    // The refused constraint left nothing behind.
    assert_eq!(network.most(0, 19), backup.most(0, 19));
    assert_eq!(
        network.add(edge(0, 19, 95)).expect("in range"),
        Added::Tightened
    );
    let solution: Vec<i64> = (0..20).map(|i| i * 5).collect();
    assert_eq!(network.earliest(0), solution);
    // One solution up to shift: every difference is fixed.
    assert!((1..20).all(|i| network.most(0, i) == Some(i64::from(i) * 5)
        && network.most(i, 0) == Some(i64::from(i) * -5)));
}

#[test]
fn bad_points_bounds_and_sizes_are_errors() {
    assert!(Stn::new(257).is_err());
    let mut network = Stn::new(2).expect("small");
    assert!(network.add(edge(0, 2, 1)).is_err());
    assert!(network.add(edge(0, 1, WEIGHT + 1)).is_err());
    assert!(network.add(edge(0, 1, i64::MIN)).is_err());
    assert!(matches!(
        network.add(edge(0, 0, -1)),
        Ok(Added::Conflict(_))
    ));
    assert!(matches!(network.add(edge(1, 1, 0)), Ok(Added::Redundant)));
    assert_eq!(network.most(0, 9), None);
    assert!(network.earliest(9).is_empty());
    assert!(Stn::new(0).expect("empty").earliest(0).is_empty());
}

#[test]
fn a_conflict_in_one_half_of_an_interval_leaves_the_network_alone() {
    let mut network = Stn::new(3).expect("small");
    network.between(0, 1, 10, 20).expect("in range");
    network.between(1, 2, 10, 20).expect("in range");
    assert!(matches!(
        network.between(0, 2, 41, 50),
        Ok(Added::Conflict(_))
    ));
    assert_eq!(
        (network.most(0, 2), network.most(2, 0)),
        (Some(40), Some(-20))
    );
    assert!(matches!(
        network.between(0, 2, 9, 8),
        Ok(Added::Conflict(_))
    ));
}

/// Bellman-Ford from a virtual source: `None` if there is a negative cycle.
fn bellman_ford(points: usize, edges: &[Constraint]) -> Option<Vec<i64>> {
    let mut distance = vec![0_i64; points];
    for round in 0..=points {
        let mut changed = false;
        for e in edges {
            let through = distance[usize::from(e.from)] + e.bound;
            if through < distance[usize::from(e.to)] {
                distance[usize::from(e.to)] = through;
                changed = true;
            }
        }
        if !changed {
            return Some(distance);
        }
        assert!(round <= points);
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adding_one_by_one_solving_at_once_and_bellman_ford_agree(
        points in 1_u16..9,
        raw in prop::collection::vec((0_u16..9, 0_u16..9, -6_i64..20), 0..40),
    ) {
        let mut network = Stn::new(usize::from(points)).expect("small");
        let mut kept: Vec<Constraint> = Vec::new();
        for (from, to, bound) in raw {
            let constraint = edge(from % points, to % points, bound);
            let mut all = kept.clone();
            all.push(constraint);
            let oracle = bellman_ford(usize::from(points), &all);
            let batch = Stn::solve(usize::from(points), &all).expect("in range");
            if let Added::Conflict(cycle) = network.add(constraint).expect("in range") {
                    prop_assert!(oracle.is_none());
                    prop_assert!(cycle.check(&all), "{}", cycle.text());
                    prop_assert!(batch.is_err_and(|cycle| cycle.check(&all)));
                } else {
                    prop_assert!(oracle.is_some());
                    kept = all;
                    let batch = batch.expect("consistent");
                    for i in 0..points {
                        for j in 0..points {
                            prop_assert_eq!(network.most(i, j), batch.most(i, j));
                        }
                        let solution = network.earliest(i);
                        let kept_by = |e: &Constraint| {
                            solution[usize::from(e.to)] - solution[usize::from(e.from)] <= e.bound
                        };
                        prop_assert!(kept.iter().all(kept_by));
                    }
            }
        }
    }
}
