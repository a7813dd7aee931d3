//! Mappings of one process, and its whole memory.

use anyhow::Result;
use rustix::fs::CWD;

use super::source::{self, next_number, number, read_all, read_once};

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
/// The kernel hands out smaps a page at a time however large the buffer is. What lost: decoding
/// while reading (no difference).
pub fn mappings(pid: u32, buffer: &mut Vec<u8>) -> Result<Vec<Mapping>> {
    let mut path = source::Path::new();
    let proc = source::proc()?;
    let text = read_all(&proc, path.of(pid, b"/smaps"), buffer)?;
    let mut mappings: Vec<Mapping> = Vec::with_capacity(text.len() / 700);
    // The keys come in this order in every kernel; those we do not want lie between.
    let mut wanted = KEYS.len();
    for line in text.split(|byte| *byte == b'\n') {
        match line.first() {
            Some(b'A'..=b'Z') => {
                if let Some(key) = KEYS.get(wanted)
                    && let Some(rest) = line.strip_prefix(*key)
                    && let Some(mapping) = mappings.last_mut()
                {
                    next_number(rest, &mut mapping.values[wanted]);
                    mapping.values[wanted] *= 1024;
                    wanted += 1;
                }
            }
            Some(_) => {
                wanted = 0;
                mappings.push(header(line));
            }
            None => {}
        }
    }
    Ok(mappings)
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
    let proc = source::proc()?;
    let mut path = source::Path::new();
    let mut full = [0; 10];
    let mut rest = read_once(&proc, path.of(pid, b"/statm"), buffer)?;
    for index in [1, 0, 2, 3, 4, 5, 6] {
        rest = next_number(rest, &mut full[index]);
        full[index] *= page;
    }
    for line in
        read_once(&proc, path.of(pid, b"/smaps_rollup"), buffer)?.split(|byte| *byte == b'\n')
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

/// A helper of the trials: whether a buffer begins with a number.
pub fn leading(text: &[u8]) -> u64 {
    number(text).0
}

/// For the trials: `/proc/PID` opened from the root.
pub const ROOT: rustix::fd::BorrowedFd<'static> = CWD;
