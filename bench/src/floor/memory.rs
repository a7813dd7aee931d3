//! Mappings of one process, and its whole memory.

use anyhow::Result;
use rustix::fs::{CWD, Mode, OFlags, openat};

use super::one::Prefixed;
use super::source::{next_number, read_once};

/// One mapping.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    pub start: u64,
    pub end: u64,
    pub permissions: [u8; 4],
    pub path: Box<[u8]>,
    /// size rss pss shared_clean shared_dirty private_clean private_dirty referenced anonymous swap, bytes
    pub values: [u64; 10],
}

const KEYS: [&[u8]; 10] = [
    b"Size:",
    b"Rss:",
    b"Pss:",
    b"Shared_Clean:",
    b"Shared_Dirty:",
    b"Private_Clean:",
    b"Private_Dirty:",
    b"Referenced:",
    b"Anonymous:",
    b"Swap:",
];

/// Every mapping of a process.
///
/// The kernel hands out smaps a page of whole mappings at a time, however large the buffer is, so
/// each piece is decoded while it is warm. What lost: reading all of it first (3 per cent), and
/// looking for the end of each line (10 per cent: all but the first and the last line of a mapping
/// are 28 bytes long unless a value has nine digits, so that is tried first).
pub fn mappings(pid: u32, buffer: &mut [u8]) -> Result<Vec<Mapping>> {
    let mut path = Prefixed::new();
    let file = openat(
        CWD,
        path.of(pid, b"/smaps"),
        OFlags::RDONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let mut mappings: Vec<Mapping> = Vec::with_capacity(256);
    loop {
        match rustix::io::read(&file, &mut *buffer)? {
            0 => return Ok(mappings),
            length => decode(&buffer[..length], &mut mappings),
        }
    }
}

fn decode(mut text: &[u8], mappings: &mut Vec<Mapping>) {
    // The keys come in this order in every kernel; those we do not want lie between.
    let mut wanted = KEYS.len();
    let mut current = Mapping::default();
    while let Some(first) = text.first() {
        let length = if text.get(27) == Some(&b'\n') && first.is_ascii_uppercase() {
            27
        } else {
            text.iter()
                .position(|byte| *byte == b'\n')
                .unwrap_or(text.len())
        };
        let line = &text[..length];
        text = &text[(length + 1).min(text.len())..];
        if first.is_ascii_uppercase() {
            if let Some(key) = KEYS.get(wanted)
                && line.starts_with(key)
            {
                next_number(&line[key.len()..], &mut current.values[wanted]);
                current.values[wanted] *= 1024;
                wanted += 1;
            }
        } else {
            if current.end != 0 {
                mappings.push(std::mem::take(&mut current));
            }
            wanted = 0;
            current = header(line);
        }
    }
    if current.end != 0 {
        mappings.push(current);
    }
}

fn header(line: &[u8]) -> Mapping {
    let mut fields = line.splitn(6, |byte| *byte == b' ');
    let mut mapping = Mapping::default();
    if let Some(range) = fields.next() {
        let mut ends = range.split(|byte| *byte == b'-').map(hexadecimal);
        mapping.start = ends.next().unwrap_or(0);
        mapping.end = ends.next().unwrap_or(0);
    }
    if let Some(permissions) = fields.next().and_then(|field| field.first_chunk()) {
        mapping.permissions = *permissions;
    }
    if let Some(path) = fields.nth(3) {
        mapping.path = path.trim_ascii_start().into();
    }
    mapping
}

fn hexadecimal(text: &[u8]) -> u64 {
    text.iter().fold(0, |value, byte| {
        let digit = if byte.is_ascii_digit() {
            byte - b'0'
        } else {
            byte - b'a' + 10
        };
        value << 4 | u64::from(digit)
    })
}

/// rss vms shared text lib data dirty, then uss pss swap: bytes.
pub fn full(pid: u32, buffer: &mut [u8]) -> Result<[u64; 10]> {
    let page = rustix::param::page_size() as u64;
    let mut path = Prefixed::new();
    let mut full = [0; 10];
    let mut rest = read_once(CWD, path.of(pid, b"/statm"), buffer)?;
    for index in [1, 0, 2, 3, 4, 5, 6] {
        rest = next_number(rest, &mut full[index]);
        full[index] *= page;
    }
    for line in read_once(CWD, path.of(pid, b"/smaps_rollup"), buffer)?.split(|byte| *byte == b'\n')
    {
        let index = match line {
            [b'P', b'r', b'i', b'v', b'a', b't', b'e', ..] => 7,
            [b'P', b's', b's', b':', ..] => 8,
            [b'S', b'w', b'a', b'p', b':', ..] => 9,
            _ => continue,
        };
        let mut value = 0;
        next_number(line, &mut value);
        full[index] += value * 1024;
    }
    Ok(full)
}
