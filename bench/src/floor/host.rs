//! The rows about the whole machine.

use anyhow::Result;
use rustix::fs::CWD;

use super::one::Prefixed;
use super::source::{next_number, number, read_once, read_rows};

/// total available percent used free active inactive buffers cached shared slab
#[derive(Debug, Clone, Default)]
pub struct Memory {
    pub total: u64,
    pub available: u64,
    pub used: u64,
    pub free: u64,
    pub active: u64,
    pub inactive: u64,
    pub buffers: u64,
    pub cached: u64,
    pub shared: u64,
    pub slab: u64,
}

/// One read of `meminfo`, one pass over its lines. (`sysinfo(2)` has neither cached nor available.)
pub fn memory(buffer: &mut [u8]) -> Result<Memory> {
    let mut memory = Memory::default();
    let mut reclaimable = 0;
    for line in read_once(CWD, c"/proc/meminfo", buffer)?.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let field = match &line[..colon] {
            b"MemTotal" => &mut memory.total,
            b"MemFree" => &mut memory.free,
            b"MemAvailable" => &mut memory.available,
            b"Buffers" => &mut memory.buffers,
            b"Cached" => &mut memory.cached,
            b"Active" => &mut memory.active,
            b"Inactive" => &mut memory.inactive,
            b"Shmem" => &mut memory.shared,
            b"Slab" => &mut memory.slab,
            b"SReclaimable" => &mut reclaimable,
            b"SUnreclaim" => break,
            _ => continue,
        };
        let mut value = 0;
        next_number(&line[colon..], &mut value);
        *field = value * 1024;
    }
    memory.cached += reclaimable;
    memory.used = memory.total.saturating_sub(memory.available);
    Ok(memory)
}

/// user nice system idle iowait irq softirq steal guest guest_nice: seconds.
///
/// The buffer's size makes no difference (the kernel makes the whole text for the first byte).
pub fn cpu_times(buffer: &mut [u8]) -> Result<[f64; 10]> {
    let text = read_once(CWD, c"/proc/stat", &mut buffer[..256])?;
    let mut times = [0.0; 10];
    let mut rest = text;
    for time in &mut times {
        let mut value = 0;
        rest = next_number(rest, &mut value);
        *time = value as f64 / 100.0;
    }
    Ok(times)
}

/// An interface's counters.
#[derive(Debug, Clone)]
pub struct Interface {
    pub name: Box<[u8]>,
    /// The sixteen columns of `/proc/net/dev`.
    pub counters: [u64; 16],
}

/// What lost: `/proc/net/dev`, which goes through two links (7 per cent), and a netlink dump (opening
/// and closing the socket costs a third of this, before the first message).
pub fn interfaces(buffer: &mut [u8]) -> Result<Vec<Interface>> {
    let text = read_rows(
        CWD,
        Prefixed::new().of(std::process::id(), b"/net/dev"),
        buffer,
    )?;
    let mut interfaces = Vec::new();
    for line in text.split(|byte| *byte == b'\n').skip(2) {
        let Some(colon) = line.iter().rposition(|byte| *byte == b':') else {
            continue;
        };
        let mut counters = [0; 16];
        let mut rest = &line[colon + 1..];
        for counter in &mut counters {
            rest = next_number(rest, counter);
        }
        interfaces.push(Interface {
            name: line[..colon].trim_ascii_start().into(),
            counters,
        });
    }
    Ok(interfaces)
}

/// A block device's counters.
#[derive(Debug, Clone)]
pub struct Disk {
    pub name: Box<[u8]>,
    /// The first eleven counters of `/proc/diskstats`.
    pub counters: [u64; 11],
}

/// What lost: `/sys/block/*/stat` (a file per device).
pub fn disks(buffer: &mut [u8]) -> Result<Vec<Disk>> {
    let text = read_rows(CWD, c"/proc/diskstats", buffer)?;
    let mut disks = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let mut fields = line
            .split(|byte| *byte == b' ')
            .filter(|field| !field.is_empty())
            .skip(2);
        let Some(name) = fields.next() else { continue };
        let mut counters = [0; 11];
        for (counter, field) in counters.iter_mut().zip(fields) {
            *counter = number(field).0;
        }
        disks.push(Disk {
            name: name.into(),
            counters,
        });
    }
    Ok(disks)
}
