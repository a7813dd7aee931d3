//! Counters that wrap: keeping sums that never go back.
//!
//! Some kernels count disk and network traffic in 32 bits, and drivers start again at zero when they
//! are reloaded. A program that shows totals since boot, or differences between two readings, sees
//! numbers that fall. [`NoWrap`] is the value that remembers the previous reading and makes up for it.
//!
//! Not here: hidden state. A [`NoWrap`] belongs to its caller, and two of them know nothing of each
//! other; the functions that read counters never use one.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;

/// A record of counters that only ever grow, unless they wrap.
///
/// Implemented by the records of this library that count; implement it for your own to use [`NoWrap`]
/// with them. Fields that are missing in a record count as 0 and stay missing.
pub trait Counters {
    /// All counters of one record: an array, `[u64; 8]`.
    type Fields: Copy + AsRef<[u64]> + AsMut<[u64]>;

    /// The counters, always in the same order.
    fn fields(&self) -> Self::Fields;

    /// Replaces the counters, given in the order of [`Counters::fields`].
    fn set_fields(&mut self, fields: Self::Fields);
}

/// Remembers the counters of the previous call, per key, and continues them where they fell.
///
/// A counter below its previous value has wrapped or was reset: from then on the value it had before
/// is added to it, so that what comes out never decreases. A key that is missing in one call is
/// forgotten: if it comes back, it is another device and starts fresh.
///
/// `K` is what names a row: the name of a disk or interface. For totals, adjust the rows and sum
/// afterwards; the wrap of a single row cannot be seen in a sum.
///
/// # Examples
/// ```
/// use pslens::counters::{Counters, NoWrap};
///
/// #[derive(Debug, PartialEq)]
/// struct Packets {
///     sent: u64,
/// }
///
/// impl Counters for Packets {
///     type Fields = [u64; 1];
///     fn fields(&self) -> [u64; 1] {
///         [self.sent]
///     }
///     fn set_fields(&mut self, [sent]: [u64; 1]) {
///         self.sent = sent;
///     }
/// }
///
/// let mut nowrap = NoWrap::new();
/// let mut reading = [("eth0", Packets { sent: 4_294_967_000 })];
/// nowrap.adjust(reading.iter_mut().map(|(name, row)| (&*name, row)));
/// assert_eq!(reading[0].1.sent, 4_294_967_000);
///
/// // The 32 bits of the driver have wrapped.
/// let mut reading = [("eth0", Packets { sent: 10 })];
/// nowrap.adjust(reading.iter_mut().map(|(name, row)| (&*name, row)));
/// assert_eq!(reading[0].1.sent, 4_294_967_010);
/// ```
#[doc(alias = "nowrap")]
pub struct NoWrap<K, C: Counters> {
    rows: HashMap<K, Row<C::Fields>>,
    /// Which call this is; tells the rows of this reading from those that have disappeared.
    round: u64,
}

#[derive(Debug, Clone)]
struct Row<F> {
    /// The last values as the kernel gave them.
    raw: F,
    /// What to add to them.
    lost: F,
    round: u64,
}

impl<K: Eq + Hash + Clone, C: Counters> NoWrap<K, C> {
    /// Nothing seen so far.
    #[must_use]
    pub fn new() -> Self {
        Self {
            rows: HashMap::new(),
            round: 0,
        }
    }

    /// Adjusts one whole reading in place: every row there is now, each key once.
    ///
    /// `HashMap::iter_mut` and `BTreeMap::iter_mut` give rows of this form.
    pub fn adjust<'a>(&mut self, rows: impl IntoIterator<Item = (&'a K, &'a mut C)>)
    where
        K: 'a,
        C: 'a,
    {
        self.round = self.round.wrapping_add(1);
        let round = self.round;
        for (key, counters) in rows {
            let raw = counters.fields();
            let Some(row) = self.rows.get_mut(key) else {
                let mut lost = raw;
                lost.as_mut().fill(0);
                self.rows.insert(key.clone(), Row { raw, lost, round });
                continue;
            };
            let mut sum = raw;
            for ((sum, lost), before) in sum
                .as_mut()
                .iter_mut()
                .zip(row.lost.as_mut())
                .zip(row.raw.as_ref())
            {
                if *sum < *before {
                    *lost = lost.saturating_add(*before);
                }
                *sum = sum.saturating_add(*lost);
            }
            row.raw = raw;
            row.round = round;
            counters.set_fields(sum);
        }
        self.rows.retain(|_, row| row.round == round);
    }

    /// Forgets everything: the next reading is taken as it is.
    #[doc(alias = "cache_clear")]
    pub fn clear(&mut self) {
        self.rows.clear();
    }
}

impl<K: Eq + Hash + Clone, C: Counters> Default for NoWrap<K, C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Clone, C: Counters> Clone for NoWrap<K, C> {
    fn clone(&self) -> Self {
        Self {
            rows: self.rows.clone(),
            round: self.round,
        }
    }
}

impl<K: fmt::Debug, C: Counters> fmt::Debug for NoWrap<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.rows.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Pair(u64, u64);

    impl Counters for Pair {
        type Fields = [u64; 2];
        fn fields(&self) -> [u64; 2] {
            [self.0, self.1]
        }
        fn set_fields(&mut self, [a, b]: [u64; 2]) {
            *self = Self(a, b);
        }
    }

    type Table<'a> = &'a [(&'a str, Pair)];

    /// Pairs of (what the kernel says, what comes out), in sequence.
    fn check(readings: &[(Table<'_>, Table<'_>)]) {
        let mut nowrap = NoWrap::new();
        for (raw, expect) in readings {
            let mut table: BTreeMap<String, Pair> =
                raw.iter().map(|&(k, v)| (k.to_owned(), v)).collect();
            nowrap.adjust(table.iter_mut());
            let expect = expect.iter().map(|&(k, v)| (k.to_owned(), v)).collect();
            assert_eq!(table, expect);
        }
    }

    #[test]
    fn a_field_that_falls_continues_from_its_previous_value() {
        check(&[
            (&[("a", Pair(100, 5))], &[("a", Pair(100, 5))]),
            (&[("a", Pair(10, 6))], &[("a", Pair(110, 6))]),
            (&[("a", Pair(12, 6))], &[("a", Pair(112, 6))]),
            // The second wrap adds to the first.
            (&[("a", Pair(3, 2))], &[("a", Pair(115, 8))]),
        ]);
    }

    #[test]
    fn a_key_that_returns_starts_fresh_and_others_keep_their_sums() {
        check(&[
            (
                &[("a", Pair(9, 9)), ("b", Pair(9, 9))],
                &[("a", Pair(9, 9)), ("b", Pair(9, 9))],
            ),
            (
                &[("a", Pair(1, 9)), ("b", Pair(1, 9))],
                &[("a", Pair(10, 9)), ("b", Pair(10, 9))],
            ),
            (&[("b", Pair(2, 9))], &[("b", Pair(11, 9))]),
            (
                &[("a", Pair(1, 1)), ("b", Pair(2, 9))],
                &[("a", Pair(1, 1)), ("b", Pair(11, 9))],
            ),
            (&[], &[]),
            (&[("b", Pair(1, 1))], &[("b", Pair(1, 1))]),
        ]);
    }

    #[test]
    fn sums_saturate_and_clear_forgets() {
        let mut nowrap = NoWrap::new();
        for raw in [u64::MAX, 5] {
            let mut row = Pair(raw, raw);
            nowrap.adjust([(&"a", &mut row)]);
            assert_eq!(row, Pair(u64::MAX, u64::MAX));
        }
        nowrap.clear();
        let mut row = Pair(1, 1);
        nowrap.adjust([(&"a", &mut row)]);
        assert_eq!(row, Pair(1, 1));
    }

    proptest! {
        #[test]
        fn sums_never_decrease(readings in proptest::collection::vec(any::<(u64, u64)>(), 1..40)) {
            let mut nowrap = NoWrap::new();
            let mut last = Pair(0, 0);
            for (a, b) in readings {
                let mut row = Pair(a, b);
                nowrap.adjust([(&0_u8, &mut row)]);
                prop_assert!(row.0 >= last.0 && row.1 >= last.1);
                last = row;
            }
        }
    }
}
