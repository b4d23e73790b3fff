//! Temporal logic over event streams: monitors, constraints, certificates, prediction.
