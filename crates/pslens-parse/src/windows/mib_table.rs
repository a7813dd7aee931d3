//! Tables of the IP helper library: how many rows there are in four bytes, then the rows.

use core::iter;
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use super::Memory;
use crate::error::{ParseError, Problem};

/// The rows of a table, each `N` bytes. Fails once and ends where fewer are there than the count says.
pub(super) fn rows<const N: usize, T>(
    source: &'static str,
    input: &[u8],
    row: impl Fn(&[u8; N]) -> T,
) -> impl Iterator<Item = Result<T, ParseError>> {
    let count = Memory::new(input, 0).u32(0);
    let mut rows = input.get(4..).unwrap_or_default().chunks_exact(N);
    // A table that is too short for its count has none.
    let mut left = count.unwrap_or(1);
    iter::from_fn(move || {
        left = left.checked_sub(1)?;
        let bytes = rows.next().and_then(<[u8]>::first_chunk);
        if bytes.is_none() {
            left = 0;
        }
        let field = if count.is_some() {
            "table"
        } else {
            "dwNumEntries"
        };
        let missing = ParseError::new(source, field, input.len(), Problem::Missing);
        Some(bytes.map(&row).ok_or(missing))
    })
}

/// A row, read field by field: four bytes at a time, and addresses of IPv6. Its length is known.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (field, rest) = self.0.split_first_chunk().unwrap_or((&[0; N], &[]));
        self.0 = rest;
        *field
    }

    pub(super) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    /// `dwLocalAddr`, `dwLocalPort`.
    pub(super) fn v4(&mut self) -> SocketAddr {
        let ip = Ipv4Addr::from(self.take::<4>());
        SocketAddrV4::new(ip, self.port()).into()
    }

    /// `ucLocalAddr`, `dwLocalScopeId`, `dwLocalPort`. The scope is in the order of the machine, whatever
    /// its documentation says.
    pub(super) fn v6(&mut self) -> SocketAddr {
        let ip = Ipv6Addr::from(self.take::<16>());
        let scope = self.u32();
        SocketAddrV6::new(ip, self.port(), 0, scope).into()
    }

    /// In network order, in the first two of four bytes; the others may hold anything.
    fn port(&mut self) -> u16 {
        let [high, low, _, _] = self.take();
        u16::from_be_bytes([high, low])
    }
}
