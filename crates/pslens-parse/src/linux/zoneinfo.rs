//! `/proc/zoneinfo`: the memory zones of each node, with the marks at which the kernel takes memory back.
//!
//! Format (kernel `mm/vmstat.c`): a line `Node 0, zone   Normal`, then indented lines. Only the marks
//! are decoded; their lines (`min`, `low`, `high`) exist in all versions. The file comes in pieces of
//! a page: read until the end.

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/zoneinfo";

/// One zone; all amounts in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// The NUMA node.
    pub node: u32,
    /// The zone's name: `DMA`, `Normal`.
    pub zone: &'a [u8],
    /// Below this only the kernel may allocate.
    pub min: Option<u64>,
    /// Below this the kernel starts to take memory back.
    pub low: Option<u64>,
    /// Above this it stops.
    pub high: Option<u64>,
}

/// The zones, in the order of the file.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut scan = Scan::new(SOURCE, input);
    core::iter::from_fn(move || {
        // Whatever stands before the first heading belongs to no zone.
        let heading = loop {
            let line = scan.line()?;
            if line.rest().starts_with(b"Node ") {
                break line;
            }
        };
        Some(zone(heading, &mut scan))
    })
}

fn zone<'a>(mut heading: Scan<'a>, scan: &mut Scan<'a>) -> Result<Row<'a>, ParseError> {
    heading.word();
    let node = heading.number("Node")?;
    if !heading.eat(b',') || heading.word() != b"zone" {
        return Err(heading.error("zone", Problem::Malformed));
    }
    let zone = heading.word();
    let (mut min, mut low, mut high) = (None, None, None);
    while !scan.is_empty() && !scan.rest().starts_with(b"Node ") {
        let Some(mut line) = scan.line() else { break };
        let (name, value): (_, &mut Option<u64>) = match line.word() {
            b"min" => ("min", &mut min),
            b"low" => ("low", &mut low),
            b"high" => ("high", &mut high),
            _ => continue,
        };
        // The per-CPU sets further down have a "high:" of their own, with a colon.
        *value = Some(line.number(name)?);
    }
    Ok(Row {
        node,
        zone,
        min,
        low,
        high,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Brief<'a> = (u32, &'a str, [Option<u64>; 3]);

    fn check(input: &str, expect: &[Option<Brief<'_>>]) {
        let got: Vec<_> = rows(input.as_bytes())
            .map(|row| {
                let row = row.ok()?;
                let zone = std::str::from_utf8(row.zone).unwrap();
                Some((row.node, zone, [row.min, row.low, row.high]))
            })
            .collect();
        assert_eq!(got, expect, "{input:?}");
    }

    #[test]
    fn zones_of_old_and_new_kernels() {
        // 2.6.32
        check(
            "Node 0, zone      DMA\n  pages free     3978\n        min      64\n        low      80\n\
             \x20       high     96\n        scanned  0\n  pagesets\n    cpu: 0\n              count: 0\n\
             \x20             high:  0\nNode 1, zone   Normal\n  pages free     1\n        low      5\n",
            &[
                Some((0, "DMA", [Some(64), Some(80), Some(96)])),
                Some((1, "Normal", [None, Some(5), None])),
            ],
        );
        // 6.18
        check(
            "Node 0, zone      DMA\n  per-node stats\n      nr_inactive_anon 2103\n  pages free     3840\n\
             \x20       boost    0\n        min      55\n        low      68\n        high     81\n\
             \x20       promo    94\n        protection: (0, 1)\n  node_unreclaimable:  0\n",
            &[Some((0, "DMA", [Some(55), Some(68), Some(81)]))],
        );
        check(
            "junk\nNode 0, zone Movable\n",
            &[Some((0, "Movable", [None; 3]))],
        );
        // A bad heading, a bad mark: the next zone is still there.
        check(
            "Node x, zone DMA\n low 1\nNode 0, zone DMA\n low x\n high 3\nNode 0, zone Normal\n low 7\n",
            &[None, None, Some((0, "Normal", [None, Some(7), None]))],
        );
        check("", &[]);
    }

    proptest! {
        #[test]
        fn zoneinfo_round_trips(zones in proptest::collection::vec((any::<u32>(), "[A-Za-z0-9]{1,8}", any::<[u64; 3]>()), 0..10)) {
            let text: String = zones
                .iter()
                .map(|(node, zone, [min, low, high])| format!(
                    "Node {node}, zone {zone:>8}\n  pages free     9\n        min      {min}\n        low      {low}\n        high     {high}\n  pagesets\n    cpu: 0\n              high:  0\n"
                ))
                .collect();
            let got: Vec<_> = rows(text.as_bytes()).map(Result::unwrap).collect();
            prop_assert_eq!(got.len(), zones.len());
            for (row, (node, zone, [min, low, high])) in got.iter().zip(&zones) {
                prop_assert_eq!((row.node, row.zone), (*node, zone.as_bytes()));
                prop_assert_eq!((row.min, row.low, row.high), (Some(*min), Some(*low), Some(*high)));
            }
        }

        #[test]
        fn zoneinfo_never_panics(input in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = rows(&input).count();
            let text = [b"Node 0, zone N\n".as_slice(), &input].concat();
            let _ = rows(&text).count();
        }
    }
}
