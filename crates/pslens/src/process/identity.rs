//! What tells a process from another one that got its pid later.

/// Proof of which process a pid meant at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Identity {
    /// When it was started, in the kernel's own units. On Linux since boot: independent of the clock, but
    /// coarse (10 ms). On Windows what the clock said then.
    pub(crate) start: Option<u64>,
    /// A number that the kernel gives to one process only until the next boot (Linux 6.9).
    pub(crate) unique: Option<u64>,
    /// The unit of time in which it was started had not passed when this was read. Only then can a
    /// later process have the same start time: whoever reads through an identity that is not young
    /// needs no other proof.
    pub(crate) young: bool,
}

impl Identity {
    /// Whether the start time may be another process's too, and the unique number can tell.
    #[allow(dead_code, reason = "Windows has no such number, and finer times")]
    pub(crate) fn needs_unique(&self) -> bool {
        self.young && self.unique.is_some()
    }
}

/// How two identities of the same pid compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sameness {
    Same,
    Different,
    /// Nothing that both have: no proof of anything.
    Unknown,
}

impl Identity {
    pub(crate) fn compare(&self, other: &Self) -> Sameness {
        if let (Some(mine), Some(theirs)) = (self.unique, other.unique) {
            return Sameness::of(mine == theirs);
        }
        match (self.start, other.start) {
            (Some(mine), Some(theirs)) => Sameness::of(mine == theirs),
            _ => Sameness::Unknown,
        }
    }
}

impl Sameness {
    const fn of(same: bool) -> Self {
        if same { Self::Same } else { Self::Different }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unique_number_outweighs_the_start_time() {
        let of = |start, unique| Identity {
            start,
            unique,
            young: false,
        };
        let check = |a: Identity, b: Identity, expect| {
            assert_eq!(a.compare(&b), expect, "{a:?} {b:?}");
            assert_eq!(b.compare(&a), expect, "{b:?} {a:?}");
        };
        // Two processes of the same tick: only the unique number tells.
        check(
            of(Some(5), Some(1)),
            of(Some(5), Some(2)),
            Sameness::Different,
        );
        check(of(Some(5), None), of(Some(5), Some(2)), Sameness::Same);
        check(of(Some(5), None), of(Some(6), Some(2)), Sameness::Different);
        check(of(None, Some(2)), of(Some(6), Some(2)), Sameness::Same);
        check(of(None, Some(2)), of(Some(6), None), Sameness::Unknown);
    }
}
