//! netstat2 0.11: sockets by netlink, owners by the links of every process.

use netstat2::{AddressFamilyFlags, ProtocolFlags, ProtocolSocketInfo, SocketInfo};

use super::{Entry, World, number};
use crate::measure::{Answer, native};

pub fn entry<'a>(row: &str, world: &'a World) -> Entry<'a> {
    let holder = world.subject(row);
    let families = AddressFamilyFlags::IPV4 | AddressFamilyFlags::IPV6;
    let answer = move |sockets: &Vec<SocketInfo>| {
        let answer = Answer::rows(sockets.len()).with(
            "ports",
            sockets
                .iter()
                .map(|socket| match &socket.protocol_socket_info {
                    ProtocolSocketInfo::Tcp(tcp) => {
                        number(tcp.local_port) + number(tcp.remote_port)
                    }
                    ProtocolSocketInfo::Udp(udp) => number(udp.local_port),
                })
                .sum(),
        );
        answer.with(
            "owned",
            number(
                sockets
                    .iter()
                    .filter(|s| s.associated_pids.contains(&holder))
                    .count(),
            ),
        )
    };
    match row {
        "tcp-owners" => Some(native(
            move || Ok(netstat2::get_sockets_info(families, ProtocolFlags::TCP)?),
            answer,
        )),
        "tcp" => Some(native(
            move || {
                Ok(
                    netstat2::iterate_sockets_info_without_pids(families, ProtocolFlags::TCP)?
                        .collect::<Result<Vec<_>, _>>()?,
                )
            },
            answer,
        )),
        _ => None,
    }
}
