//! Interfaces, counters, connections.
