//! `/proc/meminfo`: how the physical memory is used.
//!
//! Format (proc(5), kernel `fs/proc/meminfo.c`): lines `Name:   123 kB`; a few are numbers without a
//! unit. Which lines exist depends on version, architecture and configuration. The kernel renders the
//! file in one piece.

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/meminfo";

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// What comes before the colon.
    pub name: &'a [u8],
    /// The number, in the line's unit.
    pub value: u64,
    /// The unit: `kB`, which means 1024 bytes, or empty for a plain number.
    pub unit: &'a [u8],
}

/// The lines that tell how much memory there is and who uses it, in units of 1024 bytes (`kB`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Meminfo {
    /// `MemTotal`: what the kernel can give out.
    pub mem_total: u64,
    /// `MemFree`: what nobody uses.
    pub mem_free: u64,
    /// `MemAvailable`: what new programs could have without swapping. Since Linux 3.14.
    pub mem_available: Option<u64>,
    /// `Buffers`: cache of raw disk blocks. Missing in some containers.
    pub buffers: Option<u64>,
    /// `Cached`: cache of file contents, `Shmem` included.
    pub cached: Option<u64>,
    /// `Active`: used recently.
    pub active: Option<u64>,
    /// `Inactive`: the first to be taken back. Since Linux 2.6.0.
    pub inactive: Option<u64>,
    /// `Active(file)`: the part of `Active` that is file contents. Since Linux 2.6.28.
    pub active_file: Option<u64>,
    /// `Inactive(file)`: the part of `Inactive` that is file contents. Since Linux 2.6.28.
    pub inactive_file: Option<u64>,
    /// `Inact_dirty`: Linux 2.4 only.
    pub inact_dirty: Option<u64>,
    /// `Inact_clean`: Linux 2.4 only.
    pub inact_clean: Option<u64>,
    /// `Inact_laundry`: Linux 2.4 only.
    pub inact_laundry: Option<u64>,
    /// `Shmem`: tmpfs and shared memory. Since Linux 2.6.32.
    pub shmem: Option<u64>,
    /// `MemShared`: Linux 2.4 only.
    pub mem_shared: Option<u64>,
    /// `Slab`: the kernel's own small objects.
    pub slab: Option<u64>,
    /// `SReclaimable`: the part of `Slab` that can be taken back. Since Linux 2.6.19.
    pub s_reclaimable: Option<u64>,
    /// `SwapTotal`: all swap areas together.
    pub swap_total: Option<u64>,
    /// `SwapFree`: what of them is unused.
    pub swap_free: Option<u64>,
}

/// Decodes the text of `/proc/meminfo`.
///
/// # Errors
/// When `MemTotal` or `MemFree` is missing, or the number of a known line is malformed.
pub fn parse(input: &[u8]) -> Result<Meminfo, ParseError> {
    let mut found = Meminfo::default();
    let (mut mem_total, mut mem_free) = (None, None);
    let mut scan = Scan::new(SOURCE, input);
    while let Some(mut line) = scan.line() {
        let (name, value): (_, &mut Option<u64>) = match line.until(b':') {
            b"MemTotal" => ("MemTotal", &mut mem_total),
            b"MemFree" => ("MemFree", &mut mem_free),
            b"MemAvailable" => ("MemAvailable", &mut found.mem_available),
            b"Buffers" => ("Buffers", &mut found.buffers),
            b"Cached" => ("Cached", &mut found.cached),
            b"Active" => ("Active", &mut found.active),
            b"Inactive" => ("Inactive", &mut found.inactive),
            b"Active(file)" => ("Active(file)", &mut found.active_file),
            b"Inactive(file)" => ("Inactive(file)", &mut found.inactive_file),
            b"Inact_dirty" => ("Inact_dirty", &mut found.inact_dirty),
            b"Inact_clean" => ("Inact_clean", &mut found.inact_clean),
            b"Inact_laundry" => ("Inact_laundry", &mut found.inact_laundry),
            b"Shmem" => ("Shmem", &mut found.shmem),
            b"MemShared" => ("MemShared", &mut found.mem_shared),
            b"Slab" => ("Slab", &mut found.slab),
            b"SReclaimable" => ("SReclaimable", &mut found.s_reclaimable),
            b"SwapTotal" => ("SwapTotal", &mut found.swap_total),
            b"SwapFree" => ("SwapFree", &mut found.swap_free),
            _ => continue,
        };
        *value = Some(line.number(name)?);
    }
    let missing = |name| move || ParseError::new(SOURCE, name, input.len(), Problem::Missing);
    found.mem_total = mem_total.ok_or_else(missing("MemTotal"))?;
    found.mem_free = mem_free.ok_or_else(missing("MemFree"))?;
    Ok(found)
}

/// Every line, known or not, in the order of the file.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut scan = Scan::new(SOURCE, input);
    core::iter::from_fn(move || scan.line()).map(|mut line| {
        if !line.rest().contains(&b':') {
            return Err(line.error("name", Problem::Malformed));
        }
        Ok(Row {
            name: line.until(b':'),
            value: line.number("value")?,
            unit: line.word(),
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expect: Result<Meminfo, &str>) {
        assert_eq!(
            parse(input.as_bytes()).map_err(|error| error.field()),
            expect,
            "{input:?}"
        );
    }

    const TWO: Meminfo = Meminfo {
        mem_total: 100,
        mem_free: 40,
        ..NOTHING
    };
    const NOTHING: Meminfo = Meminfo {
        mem_total: 0,
        mem_free: 0,
        mem_available: None,
        buffers: None,
        cached: None,
        active: None,
        inactive: None,
        active_file: None,
        inactive_file: None,
        inact_dirty: None,
        inact_clean: None,
        inact_laundry: None,
        shmem: None,
        mem_shared: None,
        slab: None,
        s_reclaimable: None,
        swap_total: None,
        swap_free: None,
    };

    #[test]
    fn meminfo_in_every_shape() {
        check("MemTotal: 100 kB\nMemFree: 40 kB\n", Ok(TWO));
        // The blank after the colon may be missing, the last line end too.
        check(
            "MemTotal:100 kB\nMemFree:40 kB\nSReclaimable:99999999 kB",
            Ok(Meminfo {
                s_reclaimable: Some(99_999_999),
                ..TWO
            }),
        );
        // 2.4: two lines of another form come first.
        check(
            "        total:    used:    free:\nMem:  1 2 3\nMemTotal: 100 kB\nMemFree: 40 kB\n\
             MemShared: 0 kB\nInact_dirty: 1 kB\nInact_laundry: 2 kB\nInact_clean: 3 kB\n",
            Ok(Meminfo {
                mem_shared: Some(0),
                inact_dirty: Some(1),
                inact_laundry: Some(2),
                inact_clean: Some(3),
                ..TWO
            }),
        );
        // Unknown lines may be anything, known ones not.
        check(
            "MemTotal: 100 kB\nMemFree: 40 kB\nNew:\n\nNewer: -1\nActive(new): x\n",
            Ok(TWO),
        );
        check(
            "MemTotal: 100 kB\nMemFree: 40 kB\nCached: x kB\n",
            Err("Cached"),
        );
        check("MemTotal: 100 kB\n", Err("MemFree"));
        check("MemFree: 100 kB\n", Err("MemTotal"));
        check("MemTotal: 18446744073709551616 kB\n", Err("MemTotal"));
        check("", Err("MemTotal"));
    }

    #[test]
    fn rows_keep_unit_and_go_on_after_a_bad_line() {
        let got: Vec<_> = rows(b"MemTotal: 1 kB\njunk\nDirty: x\nHugePages_Total:       4\n")
            .map(|row| row.ok().map(|r| (r.name, r.value, r.unit)))
            .collect();
        assert_eq!(
            got,
            [
                Some((b"MemTotal".as_slice(), 1, b"kB".as_slice())),
                None,
                None,
                Some((b"HugePages_Total".as_slice(), 4, b"".as_slice())),
            ]
        );
    }

    proptest! {
        #[test]
        fn meminfo_round_trips(values in proptest::array::uniform8(any::<u64>())) {
            let [mem_total, mem_free, available, buffers, cached, active, inactive, slab] = values;
            let text = format!(
                "MemTotal:{mem_total:>15} kB\nMemFree: {mem_free:>15} kB\nMemAvailable: {available:>8} kB\n\
                 Buffers: {buffers:>15} kB\nCached: {cached} kB\nActive: {active} kB\nActive(anon): 1 kB\n\
                 Inactive: {inactive} kB\nSlab: {slab} kB\n"
            );
            prop_assert_eq!(parse(text.as_bytes()), Ok(Meminfo {
                mem_total,
                mem_free,
                mem_available: Some(available),
                buffers: Some(buffers),
                cached: Some(cached),
                active: Some(active),
                inactive: Some(inactive),
                slab: Some(slab),
                ..NOTHING
            }));
            prop_assert_eq!(rows(text.as_bytes()).filter(Result::is_ok).count(), 9);
        }

        #[test]
        fn meminfo_never_panics(input in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = (parse(&input), rows(&input).count());
        }
    }
}
