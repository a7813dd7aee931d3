//! The help screen.

/// The keys, as `?` shows them and the help of the command line.
pub(super) const KEYS: &str = include_str!("keys.txt");

/// How many lines can be scrolled past on a screen with so many lines, two of which are the frame's.
pub(super) fn last(height: usize) -> usize {
    (KEYS.lines().count() + 2).saturating_sub(height)
}
