//! `IP_ADAPTER_ADDRESSES`: network adapters and their addresses, as `GetAdaptersAddresses` fills them in.
//!
//! A list of adapters, the first at the start of the buffer, each with a list of `IP_ADAPTER_UNICAST_ADDRESS`
//! and pointers to names and socket addresses, all of which stand in the same buffer. Both structures start
//! with their length: 184 and 56 bytes in Windows XP, 448 and 64 since Vista, which added
//! `OnLinkPrefixLength`.

use core::iter;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Memory, Wide};
use crate::error::{ParseError, Problem};

const SOURCE: &str = "IP_ADAPTER_ADDRESSES";

/// Up to `Ipv6IfIndex`, the last field that is read.
const ADAPTER: usize = 112;
/// Up to `LeaseLifetime`, where the structure of XP ends.
const UNICAST: usize = 56;

const AF_INET: u16 = 2;
const AF_INET6: u16 = 23;
const IP_ADAPTER_NO_MULTICAST: u32 = 0x10;

/// One adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter<'a> {
    /// The number of the interface; 0 if it has no IPv4.
    pub if_index: u32,
    /// The number of the interface; 0 if it has no IPv6. Since Windows 7 the same as `if_index` if it has both.
    pub ipv6_if_index: u32,
    /// The name that people see, and can change: `Ethernet 2`.
    pub friendly_name: Wide<'a>,
    /// The hardware address; there is room for 8 bytes.
    pub physical_address: &'a [u8],
    /// Bits `IP_ADAPTER_*`.
    pub flags: u32,
    /// Its IPv4 and IPv6 addresses.
    pub unicast: Vec<Unicast>,
}

/// One address of an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unicast {
    /// The address.
    pub ip: IpAddr,
    /// The interface on which an IPv6 address is valid, as a number; 0 if it is valid everywhere.
    pub scope_id: u32,
    /// How many leading bits name the network. `None` before Windows Vista.
    pub on_link_prefix_length: Option<u8>,
}

/// Walks over the adapters. Fails once and ends where a pointer leads out of the memory, or the lists need
/// more memory than there is, that is where they go in circles.
pub fn rows(memory: Memory<'_>) -> impl Iterator<Item = Result<Adapter<'_>, ParseError>> {
    let mut walk = Walk {
        memory,
        unclaimed: memory.len(),
    };
    let mut next = (!memory.is_empty()).then_some(0);
    iter::from_fn(move || {
        let row = walk.adapter(next.take()?);
        Some(row.map(|(adapter, following)| {
            next = following;
            adapter
        }))
    })
}

struct Walk<'a> {
    memory: Memory<'a>,
    /// How many bytes no structure and no name has been found in yet: they do not overlap.
    unclaimed: usize,
}

impl<'a> Walk<'a> {
    fn adapter(&mut self, at: usize) -> Result<(Adapter<'a>, Option<usize>), ParseError> {
        let node = self.node(at, ADAPTER, "Length")?;
        let name = self.pointer(node, at, 72, "FriendlyName")?;
        let name = name.ok_or_else(|| error("FriendlyName", at, Problem::Missing))?;
        let friendly_name = self.text(name)?;
        let length = number(node, at, 88, "PhysicalAddressLength")?;
        let length = usize::try_from(length).map_or(8, |length| length.min(8));
        let mut unicast = Vec::new();
        let mut next = self.pointer(node, at, 24, "FirstUnicastAddress")?;
        while let Some(at) = next {
            let (address, following) = self.unicast(at)?;
            unicast.extend(address);
            next = following;
        }
        let adapter = Adapter {
            if_index: number(node, at, 4, "IfIndex")?,
            ipv6_if_index: number(node, at, 108, "Ipv6IfIndex")?,
            friendly_name,
            physical_address: node.slice(80, length).unwrap_or_default(),
            flags: number(node, at, 92, "Flags")?,
            unicast,
        };
        Ok((adapter, self.pointer(node, at, 8, "Next")?))
    }

    /// One address, unless it is of another family, and where the next one is.
    fn unicast(&mut self, at: usize) -> Result<(Option<Unicast>, Option<usize>), ParseError> {
        let node = self.node(at, UNICAST, "Unicast.Length")?;
        let address = self.pointer(node, at, 16, "lpSockaddr")?;
        let address = address.ok_or_else(|| error("lpSockaddr", at, Problem::Missing))?;
        let next = self.pointer(node, at, 8, "Unicast.Next")?;
        let (ip, scope_id) = match self.memory.u16(address) {
            Some(AF_INET) => {
                let ip = octets(self.memory, address.checked_add(4)).map(<[u8; 4]>::into);
                (ip, 0)
            }
            Some(AF_INET6) => {
                let ip = octets(self.memory, address.checked_add(8)).map(<[u8; 16]>::into);
                let scope_id = address.checked_add(24).and_then(|at| self.memory.u32(at));
                (ip, scope_id.unwrap_or(0))
            }
            Some(_) => return Ok((None, next)),
            None => (None, 0),
        };
        let row = Unicast {
            ip: ip.ok_or_else(|| error("sockaddr", address, Problem::Missing))?,
            scope_id,
            on_link_prefix_length: node.u8(56),
        };
        Ok((Some(row), next))
    }

    /// The structure at `at`, as long as it says that it is.
    fn node(
        &mut self,
        at: usize,
        least: usize,
        field: &'static str,
    ) -> Result<Memory<'a>, ParseError> {
        let length = self.memory.u32(at).and_then(|n| usize::try_from(n).ok());
        let length = length.ok_or_else(|| error(field, at, Problem::Missing))?;
        if length < least {
            return Err(error(field, at, Problem::Malformed));
        }
        self.claim(length, field, at)?;
        let bytes = self.memory.slice(at, length);
        let bytes = bytes.ok_or_else(|| error(field, at, Problem::OutOfRange))?;
        Ok(Memory::new(bytes, 0))
    }

    fn text(&mut self, at: usize) -> Result<Wide<'a>, ParseError> {
        let rest = self.memory.len().saturating_sub(at);
        let text = self.memory.wide(at, rest).unwrap_or_default().until_nul();
        self.claim(text.0.len(), "FriendlyName", at)?;
        Ok(text)
    }

    fn claim(&mut self, bytes: usize, field: &'static str, at: usize) -> Result<(), ParseError> {
        let rest = self.unclaimed.checked_sub(bytes);
        self.unclaimed = rest.ok_or_else(|| error(field, at, Problem::Malformed))?;
        Ok(())
    }

    /// Where the pointer at `offset` of the structure at `at` leads; `None` if it is null.
    fn pointer(
        &self,
        node: Memory<'_>,
        at: usize,
        offset: usize,
        field: &'static str,
    ) -> Result<Option<usize>, ParseError> {
        match node.u64(offset) {
            Some(0) => Ok(None),
            pointer => pointer
                .and_then(|pointer| self.memory.offset(pointer))
                .map(Some)
                .ok_or_else(|| error(field, at, Problem::OutOfRange)),
        }
    }
}

fn number(
    node: Memory<'_>,
    at: usize,
    offset: usize,
    field: &'static str,
) -> Result<u32, ParseError> {
    let number = node.u32(offset);
    number.ok_or_else(|| error(field, at, Problem::Missing))
}

fn octets<const N: usize>(memory: Memory<'_>, at: Option<usize>) -> Option<[u8; N]> {
    memory.slice(at?, N)?.first_chunk().copied()
}

#[cold]
const fn error(field: &'static str, at: usize, problem: Problem) -> ParseError {
    ParseError::new(SOURCE, field, at, problem)
}

impl Adapter<'_> {
    /// The number of the interface, whichever protocol it has; 0 if none.
    #[must_use]
    pub const fn index(&self) -> u32 {
        match self.if_index {
            0 => self.ipv6_if_index,
            index => index,
        }
    }

    /// Whether it can do multicast.
    #[must_use]
    pub const fn has_multicast(&self) -> bool {
        self.flags & IP_ADAPTER_NO_MULTICAST == 0
    }
}

impl Unicast {
    /// The network mask that the prefix stands for. Longer than the address can be means all ones.
    #[must_use]
    pub fn netmask(&self) -> Option<IpAddr> {
        let prefix = u32::from(self.on_link_prefix_length?);
        let zeros = |bits: u32| bits.saturating_sub(prefix);
        Some(match self.ip {
            IpAddr::V4(_) => {
                let mask = u32::MAX.checked_shl(zeros(32)).unwrap_or(0);
                Ipv4Addr::from_bits(mask).into()
            }
            IpAddr::V6(_) => {
                let mask = u128::MAX.checked_shl(zeros(128)).unwrap_or(0);
                Ipv6Addr::from_bits(mask).into()
            }
        })
    }

    /// The address of everybody on the network (IPv4): the last one. `None` for networks of one or two
    /// addresses, which have none (RFC 3021), and for a prefix of nothing, which is no network.
    #[must_use]
    pub fn broadcast(&self) -> Option<Ipv4Addr> {
        match (self.ip, self.netmask()?) {
            (IpAddr::V4(ip), IpAddr::V4(mask))
                if matches!(self.on_link_prefix_length, Some(1..=30)) =>
            {
                Some(ip | !mask)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BASE: u64 = 0x1_8000_0000;

    /// The buffer as the system fills it: structures first, what they point to behind them.
    struct Buffer(Vec<u8>);

    impl Buffer {
        fn put(&mut self, at: usize, bytes: &[u8]) {
            self.0[at..at + bytes.len()].copy_from_slice(bytes);
        }

        fn point(&mut self, at: usize, to: usize) {
            self.put(at, &(BASE + to as u64).to_le_bytes());
        }

        fn append(&mut self, bytes: &[u8]) -> usize {
            let at = self.0.len();
            self.0.extend(bytes);
            self.0.resize(self.0.len().next_multiple_of(8), 0);
            at
        }

        fn adapter(&mut self, length: u32, index: u32, name: &str) -> usize {
            let at = self.append(&vec![0; length as usize]);
            self.put(at, &length.to_le_bytes());
            self.put(at + 4, &index.to_le_bytes());
            let name: Vec<u8> = name
                .encode_utf16()
                .chain([0])
                .flat_map(u16::to_le_bytes)
                .collect();
            let name = self.append(&name);
            self.point(at + 72, name);
            self.put(at + 80, &[2, 0xfc, 0, 0, 0, 1, 0xee, 0xee]);
            self.put(at + 88, &6_u32.to_le_bytes());
            self.put(at + 92, &0x0180_u32.to_le_bytes());
            self.put(at + 108, &(index + 100).to_le_bytes());
            at
        }

        fn unicast(&mut self, length: u32, address: &[u8]) -> usize {
            let at = self.append(&vec![0; length as usize]);
            self.put(at, &length.to_le_bytes());
            let address = self.append(address);
            self.point(at + 16, address);
            at
        }

        fn rows(&self) -> Vec<Result<Adapter<'_>, ParseError>> {
            rows(Memory::new(&self.0, BASE)).collect()
        }

        fn error(&self) -> ParseError {
            let mut rows = self.rows();
            rows.pop().unwrap().unwrap_err()
        }
    }

    const V4: [u8; 16] = [2, 0, 0, 0, 192, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0];

    fn v6(scope: u8) -> [u8; 28] {
        let mut address = [0; 28];
        address[0] = 23;
        address[8..10].copy_from_slice(&[0xfe, 0x80]);
        address[23] = 1;
        address[24] = scope;
        address
    }

    /// Two adapters, the first with three addresses.
    fn machine(adapter: u32, unicast: u32) -> Buffer {
        let mut buffer = Buffer(Vec::new());
        let first = buffer.adapter(adapter, 4, "Ethernet 2");
        let one = buffer.unicast(unicast, &v6(4));
        let other = buffer.unicast(unicast, &[6, 0, 0, 0]);
        let two = buffer.unicast(unicast, &V4);
        if unicast > 56 {
            buffer.put(one + 56, &[64]);
            buffer.put(two + 56, &[24]);
        }
        buffer.point(first + 24, one);
        buffer.point(one + 8, other);
        buffer.point(other + 8, two);
        let second = buffer.adapter(adapter, 0, "");
        buffer.put(second + 92, &0x10_u32.to_le_bytes());
        buffer.put(second + 88, &20_u32.to_le_bytes());
        buffer.point(first + 8, second);
        buffer
    }

    #[test]
    fn adapters_of_every_length() {
        for (adapter, unicast) in [(448, 64), (184, 56), (376, 64), (512, 72)] {
            let buffer = machine(adapter, unicast);
            let rows: Vec<_> = buffer.rows().into_iter().map(Result::unwrap).collect();
            let [first, second] = rows.as_slice() else {
                panic!("{rows:?}")
            };
            assert_eq!(
                (first.if_index, first.ipv6_if_index, first.index()),
                (4, 104, 4)
            );
            assert_eq!(first.friendly_name.to_string(), "Ethernet 2");
            assert_eq!(first.physical_address, [2, 0xfc, 0, 0, 0, 1]);
            assert!(first.has_multicast());
            let prefix = |bits| (unicast > 56).then_some(bits);
            let expect = |ip: &str, scope_id, bits| Unicast {
                ip: ip.parse().unwrap(),
                scope_id,
                on_link_prefix_length: prefix(bits),
            };
            let expect = [expect("fe80::1", 4, 64), expect("192.0.2.2", 0, 24)];
            assert_eq!(first.unicast, expect);
            // Without IPv4, without a name, longer than there is room for.
            assert_eq!((second.if_index, second.index()), (0, 100));
            assert!(second.friendly_name.is_empty() && !second.has_multicast());
            assert_eq!(
                (second.physical_address.len(), second.unicast.len()),
                (8, 0)
            );
        }
        assert_eq!(Buffer(Vec::new()).rows(), []);
    }

    #[test]
    fn a_mask_belongs_to_one_address() {
        // psutil #2940: an IPv6 address got the mask of the IPv4 address before it.
        let row = |ip: &str, bits| Unicast {
            ip: ip.parse().unwrap(),
            scope_id: 0,
            on_link_prefix_length: Some(bits),
        };
        let check = |ip, bits, mask: &str, broadcast: Option<&str>| {
            let row = row(ip, bits);
            assert_eq!(row.netmask().unwrap().to_string(), mask);
            let got = row.broadcast().map(|ip| ip.to_string());
            assert_eq!(got.as_deref(), broadcast, "{ip}/{bits}");
        };
        check("192.0.2.2", 24, "255.255.255.0", Some("192.0.2.255"));
        check("192.0.2.2", 30, "255.255.255.252", Some("192.0.2.3"));
        check("192.0.2.2", 31, "255.255.255.254", None);
        check("192.0.2.2", 32, "255.255.255.255", None);
        check("192.0.2.2", 255, "255.255.255.255", None);
        check("192.0.2.2", 0, "0.0.0.0", None);
        check("fe80::1", 64, "ffff:ffff:ffff:ffff::", None);
        check("fe80::1", 0, "::", None);
        let xp = Unicast {
            on_link_prefix_length: None,
            ..row("192.0.2.2", 0)
        };
        assert_eq!((xp.netmask(), xp.broadcast()), (None, None));
    }

    #[test]
    fn lists_that_go_in_circles_end() {
        let mut buffer = machine(448, 64);
        buffer.point(8, 0);
        assert_eq!(buffer.error().problem(), Problem::Malformed);
        // Addresses: the same one again and again.
        let mut buffer = machine(448, 64);
        let first = 448 + 24;
        buffer.point(first + 8, first);
        assert_eq!(
            (buffer.rows().len(), buffer.error().field()),
            (1, "Unicast.Length")
        );
        // Names that share their bytes.
        let mut buffer = Buffer(Vec::new());
        let one = buffer.adapter(448, 1, &"x".repeat(900));
        let name = one + 448;
        let two = buffer.adapter(448, 2, "y");
        buffer.point(one + 8, two);
        buffer.point(two + 72, name);
        assert_eq!(buffer.error().field(), "FriendlyName");
    }

    #[test]
    fn pointers_that_lead_out_are_named() {
        let fields = [
            (8, "Next"),
            (24, "FirstUnicastAddress"),
            (72, "FriendlyName"),
            (472 + 8, "Unicast.Next"),
            (472 + 16, "lpSockaddr"),
        ];
        for (at, field) in fields {
            for pointer in [1, BASE - 1, u64::MAX] {
                let mut buffer = machine(448, 64);
                buffer.put(at, &pointer.to_le_bytes());
                assert_eq!(buffer.error().field(), field);
            }
        }
        // The last byte of the memory is no socket address, and no structure.
        let mut buffer = machine(448, 64);
        let last = buffer.0.len() - 1;
        buffer.point(472 + 16, last);
        assert_eq!(buffer.error().field(), "sockaddr");
        buffer.point(24, last);
        assert_eq!(buffer.error().field(), "Unicast.Length");
        for (at, length) in [(0, 0_u32), (0, 111), (0, u32::MAX), (472, 55), (472, 4096)] {
            let mut buffer = machine(448, 64);
            buffer.put(at, &length.to_le_bytes());
            assert!(buffer.error().field().ends_with("Length"));
        }
    }

    #[test]
    fn what_is_cut_off_is_missing() {
        let buffer = machine(448, 64);
        for length in 1..buffer.0.len() {
            let cut = Buffer(buffer.0[..length].to_vec());
            // An odd byte at the end, or the end of a name: then nothing is missing.
            let rows = cut.rows();
            assert!(rows.len() <= 2 && rows.iter().rev().skip(1).all(Result::is_ok));
        }
    }

    proptest! {
        #[test]
        fn adapters_never_panic(changes in proptest::collection::vec((0_usize..1200, any::<u8>()), 0..20)) {
            let mut buffer = machine(448, 64);
            for (at, byte) in changes {
                if let Some(place) = buffer.0.get_mut(at) {
                    *place = byte;
                }
            }
            for row in buffer.rows().into_iter().flatten() {
                for address in row.unicast {
                    let _ = (address.netmask(), address.broadcast());
                }
            }
        }
    }
}
