//! Our side of every row.

use pslens::net::{Address, Connection, ConnectionKind, connections, connections_without_owners};

use super::{Entry, World, number};
use crate::measure::{Answer, native};

pub fn entry<'a>(row: &str, world: &'a World) -> Entry<'a> {
    let pid = world.subject(row);
    Some(match row {
        "tcp" => native(
            || Ok(connections_without_owners(ConnectionKind::Tcp)?),
            move |connections| tcp_answer(connections, pid),
        ),
        "tcp-owners" => native(
            || Ok(connections(ConnectionKind::Tcp)?),
            move |connections| tcp_answer(connections, pid),
        ),
        "net-io" => native(
            || Ok(pslens::net::io_counters_per_nic()?),
            |interfaces| {
                Answer::rows(interfaces.len()).with(
                    "name",
                    interfaces.iter().map(|(name, _)| number(name.len())).sum(),
                )
            },
        ),
        "virtual-memory" => native(
            || Ok(pslens::memory::virtual_memory()?),
            |memory| {
                Answer::rows(1)
                    .with("total", number(memory.total))
                    .with("available", number(memory.available))
                    .with("slab", memory.slab.map_or(0.0, number))
            },
        ),
        "cpu-times" => native(
            || Ok(pslens::cpu::times()?),
            |times| {
                Answer::rows(1)
                    .with("user", times.user.as_secs_f64())
                    .with("idle", times.idle.as_secs_f64())
            },
        ),
        "disk-io" => native(
            || Ok(pslens::disk::io_counters_per_disk()?),
            |disks| {
                Answer::rows(disks.len())
                    .with("name", disks.keys().map(|name| number(name.len())).sum())
                    .with(
                        "reads",
                        disks.values().map(|disk| number(disk.read_count)).sum(),
                    )
            },
        ),
        _ => return None,
    })
}

fn tcp_answer(connections: &[Connection], holder: u32) -> Answer {
    let port = |address: &Option<Address>| match address {
        Some(Address::Inet(address)) => number(address.port()),
        _ => 0.0,
    };
    Answer::rows(connections.len())
        .with(
            "ports",
            connections
                .iter()
                .map(|c| port(&c.local) + port(&c.remote))
                .sum(),
        )
        .with(
            "owned",
            number(
                connections
                    .iter()
                    .filter(|c| c.owners.iter().any(|owner| owner.pid.as_u32() == holder))
                    .count(),
            ),
        )
}
