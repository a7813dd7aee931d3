//! `iphlpapi`: network adapters, interfaces and sockets.

use std::ffi::c_void;
use std::mem::offset_of;
use std::{io, ptr};

use windows_sys::Win32::Foundation::{
    ERROR_BUFFER_OVERFLOW, ERROR_INSUFFICIENT_BUFFER, ERROR_NO_DATA, NO_ERROR, STATUS_UNSUCCESSFUL,
};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GAA_FLAG_SKIP_ANYCAST, GAA_FLAG_SKIP_DNS_SERVER, GAA_FLAG_SKIP_MULTICAST, GetAdaptersAddresses,
    GetExtendedTcpTable, GetExtendedUdpTable, GetIfEntry2, IP_ADAPTER_ADDRESSES_LH,
    IP_ADAPTER_UNICAST_ADDRESS_LH, MIB_IF_ROW2, MIB_TCP6ROW_OWNER_PID, MIB_TCPROW_OWNER_PID,
    MIB_UDP6ROW_OWNER_PID, MIB_UDPROW_OWNER_PID, TCP_TABLE_OWNER_PID_ALL, UDP_TABLE_OWNER_PID,
};
use windows_sys::Win32::Networking::WinSock::{ADDRESS_FAMILY, AF_INET, AF_INET6, AF_UNSPEC};

use super::buffer::Buffer;

/// What the documentation says is enough for most, in bytes; asking for the size first takes as long as
/// asking for the answer.
const FIRST: usize = 16 << 10;
/// What is asked for may have grown in between, again and again, but not for ever.
const ATTEMPTS: u32 = 8;

// What `pslens_parse::windows` takes these structures to be.
const _: () = {
    assert!(offset_of!(IP_ADAPTER_ADDRESSES_LH, Next) == 8);
    assert!(offset_of!(IP_ADAPTER_ADDRESSES_LH, FirstUnicastAddress) == 24);
    assert!(offset_of!(IP_ADAPTER_ADDRESSES_LH, FriendlyName) == 72);
    assert!(offset_of!(IP_ADAPTER_ADDRESSES_LH, PhysicalAddress) == 80);
    assert!(offset_of!(IP_ADAPTER_ADDRESSES_LH, Anonymous2) == 92);
    assert!(offset_of!(IP_ADAPTER_ADDRESSES_LH, Ipv6IfIndex) == 108);
    assert!(offset_of!(IP_ADAPTER_UNICAST_ADDRESS_LH, Address) == 16);
    assert!(offset_of!(IP_ADAPTER_UNICAST_ADDRESS_LH, OnLinkPrefixLength) == 56);
    assert!(size_of::<MIB_TCPROW_OWNER_PID>() == 24);
    assert!(size_of::<MIB_TCP6ROW_OWNER_PID>() == 56);
    assert!(size_of::<MIB_UDPROW_OWNER_PID>() == 12);
    assert!(size_of::<MIB_UDP6ROW_OWNER_PID>() == 28);
};

/// The version of IP that a table of sockets is about.
#[derive(Debug, Clone, Copy)]
pub(in crate::sys::windows) enum Version {
    V4,
    V6,
}

impl Version {
    fn family(self) -> u32 {
        u32::from(match self {
            Self::V4 => AF_INET,
            Self::V6 => AF_INET6,
        })
    }
}

/// `IP_ADAPTER_ADDRESSES`: the adapters that have IPv4 or IPv6, with their unicast addresses. Empty if there
/// are none.
pub(in crate::sys::windows) fn adapters() -> io::Result<Buffer> {
    const FAMILY: ADDRESS_FAMILY = AF_UNSPEC;
    let flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
    ask(|start, size| {
        let start = start.cast();
        // SAFETY: it writes at most `size` bytes from `start` on, which are the answer's, aligned to 8.
        unsafe { GetAdaptersAddresses(u32::from(FAMILY), flags, ptr::null(), start, size) }
    })
}

/// State and counters of the interface with this number.
pub(in crate::sys::windows) fn interface(index: u32) -> io::Result<MIB_IF_ROW2> {
    let mut row = MIB_IF_ROW2 {
        InterfaceIndex: index,
        ..MIB_IF_ROW2::default()
    };
    // SAFETY: the pointer leads to a row that says which interface is meant.
    match unsafe { GetIfEntry2(&raw mut row) } {
        NO_ERROR => Ok(row),
        code => Err(error(code)),
    }
}

/// `MIB_TCPTABLE_OWNER_PID`, `MIB_TCP6TABLE_OWNER_PID`: every TCP socket.
pub(in crate::sys::windows) fn tcp_table(version: Version) -> io::Result<Buffer> {
    ask(|start, size| {
        let family = version.family();
        // SAFETY: it writes at most `size` bytes from `start` on, which are the answer's.
        unsafe { GetExtendedTcpTable(start, size, 0, family, TCP_TABLE_OWNER_PID_ALL, 0) }
    })
}

/// `MIB_UDPTABLE_OWNER_PID`, `MIB_UDP6TABLE_OWNER_PID`: every UDP socket.
pub(in crate::sys::windows) fn udp_table(version: Version) -> io::Result<Buffer> {
    ask(|start, size| {
        let family = version.family();
        // SAFETY: it writes at most `size` bytes from `start` on, which are the answer's.
        unsafe { GetExtendedUdpTable(start, size, 0, family, UDP_TABLE_OWNER_PID, 0) }
    })
}

/// Calls `call` with a place to write to and how many bytes there are, and again with more room as long as
/// it wants that. `STATUS_UNSUCCESSFUL` is one more way to say so (psutil #1294).
fn ask(mut call: impl FnMut(*mut c_void, *mut u32) -> u32) -> io::Result<Buffer> {
    const NO_ROOM: u32 = STATUS_UNSUCCESSFUL.cast_unsigned();
    let mut room = FIRST;
    let mut last = ERROR_INSUFFICIENT_BUFFER;
    for _ in 0..ATTEMPTS {
        let mut answer = Buffer::with_room(room);
        let mut size = u32::try_from(room).unwrap_or(u32::MAX);
        last = call(answer.start(), &raw mut size);
        match last {
            NO_ERROR => {
                answer.fill(room);
                return Ok(answer);
            }
            ERROR_NO_DATA => return Ok(Buffer::default()),
            ERROR_BUFFER_OVERFLOW | ERROR_INSUFFICIENT_BUFFER | NO_ROOM => {
                let needed = size as usize;
                room = needed.saturating_add(needed / 4).max(room * 2);
            }
            code => return Err(error(code)),
        }
    }
    Err(error(last))
}

fn error(code: u32) -> io::Error {
    io::Error::from_raw_os_error(code.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_grows_until_it_is_enough_and_not_for_ever() {
        let mut sizes = Vec::new();
        let answer = ask(|_, size| {
            // SAFETY: the pointer that `ask` gives.
            let size = unsafe { &mut *size };
            sizes.push(*size);
            match sizes.len() {
                1 => {
                    *size = 100_000;
                    ERROR_INSUFFICIENT_BUFFER
                }
                2 => STATUS_UNSUCCESSFUL.cast_unsigned(),
                3 => ERROR_BUFFER_OVERFLOW,
                _ => NO_ERROR,
            }
        });
        let room = answer.unwrap().len();
        assert_eq!((sizes[0], sizes[1]), (16 << 10, 125_000));
        assert!(sizes[2] >= 2 * sizes[1] && room >= sizes[3] as usize);
        let mut calls = 0;
        let refused = ask(|_, _| {
            calls += 1;
            STATUS_UNSUCCESSFUL.cast_unsigned()
        });
        assert_eq!(
            (calls, refused.unwrap_err().raw_os_error()),
            (ATTEMPTS, Some(STATUS_UNSUCCESSFUL))
        );
        assert!(ask(|_, _| ERROR_NO_DATA).unwrap().is_empty());
    }
}
