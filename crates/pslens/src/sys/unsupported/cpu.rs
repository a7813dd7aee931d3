//! CPU times, counts, frequencies: none.
