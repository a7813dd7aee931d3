//! Counting, grouping and printing.

use std::collections::BTreeMap;

use super::compare::Difference;

/// Examples printed per group.
const EXAMPLES: usize = 2;

/// What was compared so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Calls compared.
    pub(super) calls: u64,
    /// Values compared.
    pub(super) values: u64,
    /// Calls that agreed only when repeated.
    pub(super) repeated: u64,
    /// Processes that did not live through the comparison.
    pub(super) gone: u64,
    /// Processes that were not asked about because the person who started this limited their number.
    pub(super) left_out: u64,
    /// Processes compared.
    pub(super) processes: u64,
    explained: BTreeMap<&'static str, BTreeMap<String, Group>>,
    unexplained: BTreeMap<String, Group>,
}

#[derive(Debug, Default)]
struct Group {
    count: u64,
    examples: Vec<String>,
}

impl Group {
    fn add(&mut self, subject: &str, difference: &Difference) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            let shown = |tree: &Option<super::tree::Tree>| {
                tree.as_ref().map_or("-".to_owned(), ToString::to_string)
            };
            let (before, after) = (shown(&difference.before), shown(&difference.after));
            let ours = if before == after {
                before
            } else {
                format!("{before} .. {after}")
            };
            let path = difference.path.join(" / ").escape_debug().to_string();
            self.examples.push(format!(
                "{subject:.120}: {path}\n          psutil {}\n          pslens {ours}",
                shown(&difference.theirs),
            ));
        }
    }
}

/// Attributes of many rows.
const TABLES: &[&str] = &[
    "threads",
    "open_files",
    "memory_maps",
    "net_connections",
    "environ",
];

/// The call and the field, without what names one row among many.
fn group(difference: &Difference) -> String {
    let mut path: Vec<&str> = difference.path.iter().map(String::as_str).collect();
    // In what was asked together, the attribute comes first.
    let (skip, table) = match difference.call.as_str() {
        "process as_dict" => (1, path.first().is_some_and(|name| TABLES.contains(name))),
        "iterate" => (0, true),
        _ => (0, path.len() > 1),
    };
    if table && path.len() > skip {
        path.remove(skip);
    }
    let what = if difference.only_ours() {
        ", missing in psutil"
    } else if difference.before.is_none() && difference.after.is_none() {
        ", missing in pslens"
    } else {
        ""
    };
    let call = difference
        .call
        .replace("own_connections", "net_connections");
    let rows = matches!(call.as_str(), "net_connections" | "process net_connections")
        || (path.len() == 1 && call.starts_with("process ") && TABLES.contains(&&call[8..]));
    if rows && path.len() == 1 && difference.row.is_none() {
        path.clear();
    }
    [call.as_str()]
        .into_iter()
        .chain(path)
        .collect::<Vec<_>>()
        .join(" ")
        + what
}

impl Report {
    pub(super) fn unexplained(&mut self, subject: &str, difference: &Difference) {
        let found = self.unexplained.entry(group(difference)).or_default();
        found.add(subject, difference);
    }

    pub(super) fn explained(
        &mut self,
        section: &'static str,
        subject: &str,
        difference: &Difference,
    ) {
        let groups = self.explained.entry(section).or_default();
        groups
            .entry(group(difference))
            .or_default()
            .add(subject, difference);
    }

    pub(super) fn counts(&self) -> (u64, u64) {
        let sum = |groups: &BTreeMap<String, Group>| groups.values().map(|group| group.count).sum();
        let explained = self.explained.values().map(sum).sum::<u64>();
        (sum(&self.unexplained), explained)
    }

    pub(super) fn print(&self, verbose: bool) {
        println!(
            "    {} processes ({} more did not live through it), {} calls ({} of them agreed when repeated), {} values",
            self.processes, self.gone, self.calls, self.repeated, self.values
        );
        if self.left_out > 0 {
            println!("    {} processes left out (--at-most)", self.left_out);
        }
        for (section, groups) in &self.explained {
            println!("    explained: {section}");
            for (name, group) in groups {
                println!("      {:>6}  {name}", group.count);
                if verbose {
                    group.print();
                }
            }
        }
        for (name, group) in &self.unexplained {
            println!("    NOT EXPLAINED: {:>6}  {name}", group.count);
            group.print();
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.values += other.values;
    }
}

impl Group {
    fn print(&self) {
        for example in &self.examples {
            println!("          {example}");
        }
    }
}

/// `1234567` as `1,234,567`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn numbers_have_commas() {
        let check = |number, expect| assert_eq!(thousands(number), expect);
        check(0, "0");
        check(999, "999");
        check(1000, "1,000");
        check(38114, "38,114");
        check(1_234_567, "1,234,567");
    }
}
