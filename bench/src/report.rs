//! The tables on the terminal.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::measure::{Budget, Measured, Who};

/// Minima, medians, how the budgets were kept, and notes.
pub fn table(results: &[Measured]) -> String {
    let mut out = String::new();
    for (title, median) in [
        ("minimum over the rounds", false),
        ("median over the rounds", true),
    ] {
        let _ = writeln!(out, "\n{title}");
        timings(&mut out, results, median);
    }
    let _ = writeln!(out, "\nbudgets");
    budgets(&mut out, results);
    let notes: BTreeSet<String> = results
        .iter()
        .flat_map(|result| {
            let notes = result.notes.iter();
            notes.map(move |note| format!("{}: {note}", result.row))
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

fn timings(out: &mut String, results: &[Measured], median: bool) {
    let took_part = |who: &Who| {
        results
            .iter()
            .any(|result| result.contenders.contains_key(who.name()))
    };
    let columns: Vec<Who> = Who::ALL.into_iter().filter(took_part).collect();
    let _ = write!(out, "{:<16}{:>7}", "row", "size");
    for who in &columns {
        let _ = write!(out, "{:>11}", who.name());
    }
    let _ = writeln!(out);
    for result in results {
        let _ = write!(out, "{:<16}{:>7}", result.row, size(result));
        for who in &columns {
            let value = result.contenders.get(who.name()).map(|timing| {
                duration(if median {
                    timing.median_ns
                } else {
                    timing.minimum_ns
                })
            });
            let _ = write!(out, "{:>11}", value.as_deref().unwrap_or("-"));
        }
        let _ = writeln!(out);
    }
}

fn budgets(out: &mut String, results: &[Measured]) {
    let _ = writeln!(
        out,
        "{:<16}{:>7}  {:<10}{:>14}{:>14}{:>14}",
        "row", "size", "who", "minima", "paired", "budget"
    );
    for result in results {
        for comparison in &result.comparisons {
            let budget = comparison.budget;
            let most = budget.most.map(|most| multiple(budget, most));
            let _ = writeln!(
                out,
                "{:<16}{:>7}  {:<10}{:>14}{:>14}{:>14} {}",
                result.row,
                size(result),
                budget.ours.name(),
                multiple(budget, comparison.minima),
                multiple(budget, comparison.paired),
                most.as_deref().unwrap_or("-"),
                comparison.verdict.unwrap_or("")
            );
        }
    }
}

fn size(result: &Measured) -> String {
    match result.size {
        0 => "-".to_owned(),
        size => size.to_string(),
    }
}

/// A ratio in words: `floor x 1.07`, `psutil / 5.2`.
fn multiple(budget: Budget, ratio: f64) -> String {
    let rival = budget.rival.name();
    match budget.rival {
        Who::Psutil => format!("{rival} / {:.1}", 1.0 / ratio),
        _ => format!("{rival} x {ratio:.2}"),
    }
}

/// Three digits and a unit.
pub fn duration(nanoseconds: f64) -> String {
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
