//! The table on the terminal and the JSON file.

use std::fmt::Write as _;

use crate::measure::{Measured, Who};

/// The table, minima first, medians in the second half.
pub fn table(results: &[Measured]) -> String {
    let mut out = String::new();
    for (title, median) in [
        ("minimum over the rounds", false),
        ("median over the rounds", true),
    ] {
        let _ = writeln!(out, "\n{title}");
        let _ = write!(out, "{:<16}{:>7}", "row", "size");
        for who in Who::ALL {
            let _ = write!(out, "{:>11}", who.name());
        }
        let _ = writeln!(
            out,
            "{:>14}{:>8}",
            "pslens/floor",
            if median { "paired" } else { "budget" }
        );
        for result in results {
            let size = if result.size == 0 {
                "-".to_owned()
            } else {
                result.size.to_string()
            };
            let _ = write!(out, "{:<16}{size:>7}", result.row);
            let value = |who: Who| {
                result
                    .contenders
                    .get(who.name())
                    .map(|t| if median { t.median_ns } else { t.minimum_ns })
            };
            for who in Who::ALL {
                let _ = write!(
                    out,
                    "{:>11}",
                    value(who).map_or_else(|| "-".to_owned(), duration)
                );
            }
            let ratio = value(Who::Pslens)
                .zip(value(Who::Floor))
                .map(|(ours, floor)| ours / floor);
            let _ = write!(
                out,
                "{:>14}",
                ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"))
            );
            if !median {
                let budget = result
                    .budget
                    .map_or_else(|| "-".to_owned(), |budget| format!("{budget:.2}"));
                let _ = write!(out, "{budget:>8} {}", result.verdict.unwrap_or(""));
            }
            if median {
                let paired = result.pslens_to_floor_paired;
                let paired = paired.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
                let _ = write!(out, "{paired:>8}");
            }
            let _ = writeln!(out);
        }
    }
    let notes: std::collections::BTreeSet<String> = results
        .iter()
        .flat_map(|result| {
            result
                .notes
                .iter()
                .map(move |note| format!("{}: {note}", result.row))
        })
        .collect();
    if !notes.is_empty() {
        let _ = writeln!(out);
    }
    for note in notes {
        let _ = writeln!(out, "{note}");
    }
    out
}

/// Three digits and a unit.
fn duration(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        n if n < 1e3 => (n, "ns"),
        n if n < 1e6 => (n / 1e3, "us"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    let digits = if value < 10.0 {
        2
    } else {
        usize::from(value < 100.0)
    };
    format!("{value:.digits$} {unit}")
}
