//! CPU times, counts, frequencies.
