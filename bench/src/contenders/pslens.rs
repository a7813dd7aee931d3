//! Our side of every row.

use super::{Entry, World, number};
use crate::measure::{Answer, native};

pub fn entry<'a>(row: &str, _world: &'a World) -> Entry<'a> {
    Some(match row {
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
