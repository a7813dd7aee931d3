//! How wide the pointers of a process are.

/// A process of 32 bits keeps its structures with narrow pointers, also on 64-bit Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// Under WOW64: x86, and ARM of 32 bits.
    Bits32,
    /// As Windows itself.
    Bits64,
}
