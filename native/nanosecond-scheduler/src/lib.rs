//! A timing wheel with deadlines, priorities and a clock.
