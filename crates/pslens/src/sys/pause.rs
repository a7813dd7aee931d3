//! Waiting for what nothing tells the end of: how long to sleep between looks.

use std::time::{Duration, Instant};

/// How long to sleep between looks: little at first, because most waits are short.
#[derive(Debug)]
pub(super) struct Pause(Duration);

impl Pause {
    const SHORTEST: Duration = Duration::from_micros(100);
    const LONGEST: Duration = Duration::from_millis(40);

    pub(super) const fn new() -> Self {
        Self(Self::SHORTEST)
    }

    /// The next one. `cost` is what the looks took: they shall not use more than a twentieth of a CPU.
    pub(super) fn next(&mut self, cost: Duration) -> Duration {
        let pause = self.0.max(cost.saturating_mul(20));
        self.0 = self.0.saturating_mul(2).min(Self::LONGEST);
        pause
    }
}

/// What is left until `until`; `None` for ever.
pub(super) fn remaining(until: Option<Instant>) -> Option<Duration> {
    until.map(|until| until.saturating_duration_since(Instant::now()))
}

pub(super) fn is_over(until: Option<Instant>) -> bool {
    remaining(until) == Some(Duration::ZERO)
}

pub(super) fn sleep(pause: Duration, until: Option<Instant>) {
    std::thread::sleep(remaining(until).map_or(pause, |left| left.min(pause)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_looking_stays_cheap() {
        let mut pause = Pause::new();
        let pauses: Vec<_> = (0..12).map(|_| pause.next(Duration::ZERO)).collect();
        assert!(pauses.is_sorted());
        assert_eq!(pauses.first(), Some(&Pause::SHORTEST));
        assert_eq!(pauses.last(), Some(&Pause::LONGEST));
        assert_eq!(
            pause.next(Duration::from_millis(5)),
            Duration::from_millis(100)
        );
    }
}
