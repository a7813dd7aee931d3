//! `/proc/net/tcp`, `tcp6`, `udp` and `udp6`: the sockets of one network namespace, one format for all.
//!
//! Format (proc(5), kernel `net/ipv4/tcp_ipv4.c` and `udp.c`, `net/ipv6` likewise): a line of
//! headings, then `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout
//! inode` and columns that are of no use outside the kernel. An address is printed as the 32-bit words
//! that it has in the memory of the machine, so the byte order of the machine matters.

use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/net/tcp";

/// In which order the machine that printed the table keeps the bytes of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// x86, ARM as it is used, RISC-V.
    Little,
    /// s390x, older POWER.
    Big,
}

impl ByteOrder {
    /// That of the machine this code runs on.
    pub const NATIVE: Self = if cfg!(target_endian = "big") {
        Self::Big
    } else {
        Self::Little
    };

    const fn bytes(self, word: u32) -> [u8; 4] {
        match self {
            Self::Little => word.to_le_bytes(),
            Self::Big => word.to_be_bytes(),
        }
    }
}

/// One socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The own address. IPv6 if the table is; port 0 if not bound.
    pub local_address: SocketAddr,
    /// The other side's; port 0 if not connected.
    pub rem_address: SocketAddr,
    /// The state, numbered as in the kernel's `include/net/tcp_states.h`.
    pub st: u8,
    /// Bytes not yet acknowledged (TCP) or sent (UDP).
    pub tx_queue: u32,
    /// Bytes not yet read; of a listening socket, connections not yet accepted.
    pub rx_queue: u32,
    /// The owner; 0 also where nobody owns it any more (`TIME_WAIT`).
    pub uid: u32,
    /// The inode; 0 where no descriptor refers to the socket (`TIME_WAIT`, not yet accepted).
    pub inode: u64,
}

/// Decodes the rows of any of the four tables, printed on a machine of this byte order.
pub fn rows(input: &[u8], order: ByteOrder) -> impl Iterator<Item = Result<Row, ParseError>> {
    let mut text = Scan::new(SOURCE, input);
    text.line();
    core::iter::from_fn(move || text.line().map(|line| row(line, order)))
}

fn row(mut line: Scan<'_>, order: ByteOrder) -> Result<Row, ParseError> {
    let _: u64 = line.number("sl")?;
    if !line.eat(b':') {
        return Err(line.error("sl", Problem::Malformed));
    }
    let local_address = address(&mut line, "local_address", order)?;
    let rem_address = address(&mut line, "rem_address", order)?;
    let st = line.hex("st")?;
    let tx_queue = line.hex("tx_queue")?;
    if !line.eat(b':') {
        return Err(line.error("rx_queue", Problem::Missing));
    }
    let rx_queue = line.hex("rx_queue")?;
    // tr:tm->when and retrnsmt
    line.word();
    line.word();
    let uid = uid(&mut line)?;
    // timeout
    line.word();
    Ok(Row {
        local_address,
        rem_address,
        st,
        tx_queue,
        rx_queue,
        uid,
        inode: line.number("inode")?,
    })
}

/// Kernels before 3.5 print it as a signed number, so that 4294967294 is "-2".
fn uid(line: &mut Scan<'_>) -> Result<u32, ParseError> {
    let at = line.clone();
    let uid = line.signed("uid")?;
    u32::try_from(uid)
        .or_else(|_| i32::try_from(uid).map(i32::cast_unsigned))
        .map_err(|_| at.error("uid", Problem::OutOfRange))
}

fn address(
    line: &mut Scan<'_>,
    field: &'static str,
    order: ByteOrder,
) -> Result<SocketAddr, ParseError> {
    line.skip_blanks();
    let at = line.clone();
    let malformed = || at.error(field, Problem::Malformed);
    let digits = line.until(b':');
    let port = line.hex(field)?;
    match digits.len() {
        8 => {
            let word = word(digits).ok_or_else(malformed)?;
            let ip = Ipv4Addr::from(order.bytes(word));
            Ok(SocketAddrV4::new(ip, port).into())
        }
        32 => {
            let mut octets = [0_u8; 16];
            for (octets, digits) in octets.chunks_exact_mut(4).zip(digits.chunks_exact(8)) {
                let word = word(digits).ok_or_else(malformed)?;
                octets.copy_from_slice(&order.bytes(word));
            }
            Ok(SocketAddrV6::new(Ipv6Addr::from(octets), port, 0, 0).into())
        }
        0 => Err(at.error(field, Problem::Missing)),
        _ => Err(malformed()),
    }
}

/// Eight hexadecimal digits.
fn word(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |value, &digit| {
        let digit = char::from(digit).to_digit(16)?;
        value.checked_mul(16)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADINGS: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n";

    fn check(line: &str, expect: Option<(&str, &str, u8, u32, u64)>) {
        let text = format!("{HEADINGS}{line}\n");
        let got: Vec<_> = rows(text.as_bytes(), ByteOrder::Little).collect();
        assert_eq!(got.len(), 1, "{line:?}");
        let got = got[0].ok().map(|row| {
            let (local, remote) = (row.local_address.to_string(), row.rem_address.to_string());
            (local, remote, row.st, row.uid, row.inode)
        });
        let expect =
            expect.map(|(l, r, st, uid, inode)| (l.to_owned(), r.to_owned(), st, uid, inode));
        assert_eq!(got, expect, "{line:?}");
    }

    #[test]
    fn net_tcp_in_every_shape() {
        check(
            "   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1209 1 00000000bf14ec45 100 0 0 10 0                      ",
            Some(("0.0.0.0:2024", "0.0.0.0:0", 10, 0, 1209)),
        );
        // A socket in TIME_WAIT.
        check(
            "   2: 0100007F:1F90 0100007F:D2B4 06 00000000:00000000 03:00000F2D 00000000     0        0 0 3 000000009a7a7a7a",
            Some(("127.0.0.1:8080", "127.0.0.1:53940", 6, 0, 0)),
        );
        // Linux 2.6.32: uid is signed; fewer columns after the inode.
        check(
            "1000000: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000    -2        0 7283 1 ffff88003d3a8080 299 0 0 2 -1",
            Some(("127.0.0.1:25", "0.0.0.0:0", 10, u32::MAX - 1, 7283)),
        );
        check(
            "   1: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000100007F:9C40 0C 00000000:00000000 00:00000000 00000000  4294967294        0 18446744073709551615 1 0 20 4 30 10 -1",
            Some((
                "[::ffff:127.0.0.1]:80",
                "[::ffff:127.0.0.1]:40000",
                12,
                u32::MAX - 1,
                u64::MAX,
            )),
        );
        check(
            "  55: 000080FE00000000FF02FC00010000FE:0202 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 1 2 0 0",
            Some(("[fe80::fc:2ff:fe00:1]:514", "[::]:0", 7, 101, 1)),
        );
        // Truncated, and every way to be wrong.
        check(
            "   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0",
            None,
        );
        check(
            "   0: 0000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1",
            None,
        );
        check(
            "   0: 0000000G:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1",
            None,
        );
        check(
            "   0: 00000000:107E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1",
            None,
        );
        check(
            "   0: 00000000:07E8 00000000:0000 10A 00000000:00000000 00:00000000 00000000     0        0 1",
            None,
        );
        check(
            "   0: 00000000:07E8 00000000:0000 0A 00000000 00:00000000 00000000     0        0 1",
            None,
        );
        check(
            "   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000 4294967296        0 1",
            None,
        );
        check(
            "   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 x",
            None,
        );
        check("   0  00000000:07E8", None);
        check("", None);
    }

    #[test]
    fn net_tcp_goes_on_after_a_bad_row() {
        let text = format!(
            "{HEADINGS}rubbish\n   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1\n"
        );
        let good = rows(text.as_bytes(), ByteOrder::Little).map(|row| row.is_ok());
        assert!(good.eq([false, true]));
    }

    #[test]
    fn net_tcp_of_a_big_endian_machine() {
        let text = format!(
            "{HEADINGS}   0: 7F000001:07E8 C0000202:0050 01 00000003:00000004 00:00000000 00000000 0 0 1\n"
        );
        let row = rows(text.as_bytes(), ByteOrder::Big)
            .next()
            .unwrap()
            .unwrap();
        assert_eq!(row.local_address.to_string(), "127.0.0.1:2024");
        assert_eq!(row.rem_address.to_string(), "192.0.2.2:80");
        assert_eq!((row.tx_queue, row.rx_queue), (3, 4));
    }

    fn render(row: &Row) -> String {
        let address = |address: SocketAddr| {
            let octets = match address {
                SocketAddr::V4(address) => address.ip().octets().to_vec(),
                SocketAddr::V6(address) => address.ip().octets().to_vec(),
            };
            let words: String = octets
                .chunks_exact(4)
                .map(|w| format!("{:08X}", u32::from_le_bytes(w.try_into().unwrap())))
                .collect();
            format!("{words}:{:04X}", address.port())
        };
        format!(
            "{:4}: {} {} {:02X} {:08X}:{:08X} {:02X}:{:08X} {:08X} {:5} {:8} {} 1 0000000000000000 20 4 30 10 -1",
            0,
            address(row.local_address),
            address(row.rem_address),
            row.st,
            row.tx_queue,
            row.rx_queue,
            0,
            0,
            0,
            row.uid,
            0,
            row.inode
        )
    }

    proptest! {
        #[test]
        fn net_tcp_round_trips(
            ips in prop_oneof![
                any::<[[u8; 4]; 2]>().prop_map(|ips| ips.map(core::net::IpAddr::from)),
                any::<[[u8; 16]; 2]>().prop_map(|ips| ips.map(core::net::IpAddr::from)),
            ],
            ports in any::<[u16; 2]>(), st in any::<u8>(), queues in any::<[u32; 2]>(), uid in any::<u32>(), inode in any::<u64>(),
        ) {
            let row = Row {
                local_address: SocketAddr::new(ips[0], ports[0]),
                rem_address: SocketAddr::new(ips[1], ports[1]),
                st, tx_queue: queues[0], rx_queue: queues[1], uid, inode,
            };
            let text = format!("{HEADINGS}{}\n", render(&row));
            let got: Vec<_> = rows(text.as_bytes(), ByteOrder::Little).collect();
            prop_assert_eq!(got, vec![Ok(row)]);
        }

        #[test]
        fn net_tcp_never_panics(input in proptest::collection::vec(any::<u8>(), 0..400)) {
            rows(&input, ByteOrder::Little).for_each(drop);
        }
    }
}
