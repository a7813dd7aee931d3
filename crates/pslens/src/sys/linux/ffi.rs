//! Declarations and calls that neither rustix nor the standard library have.
#![expect(
    unsafe_code,
    reason = "system calls without a safe wrapper; each block says why it is sound"
)]
