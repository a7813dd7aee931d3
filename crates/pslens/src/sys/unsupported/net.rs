//! Interfaces, counters, connections: none.
