//! Declarations and calls that neither rustix nor the standard library have: one module per subject.
#![expect(
    unsafe_code,
    reason = "system calls without a safe wrapper; each block says why it is sound"
)]
// One `pub(crate) mod subject;` line each, sorted.
pub(crate) mod ethtool;
pub(crate) mod malloc;
pub(crate) mod process;
