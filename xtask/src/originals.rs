//! The tools whose names the program's tools have: installed for the tests that compare the two, and the
//! account of what was compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{self, Outcome};

/// Programs that tests start, and the packages of Debian and its kin that they are in.
const PROGRAMS: &[(&str, &str)] = &[
    ("fish", "fish"),
    ("groff", "groff-base"),
    ("ifconfig", "net-tools"),
    ("iostat", "sysstat"),
    ("lsof", "lsof"),
    ("netstat", "net-tools"),
    ("ps", "procps"),
    ("pstree", "psmisc"),
    ("ss", "iproute2"),
    ("taskset", "util-linux"),
    ("tmux", "tmux"),
    ("zsh", "zsh"),
];

/// Where tests write what they compared.
pub(crate) fn account() -> PathBuf {
    step::target_dir().join("comparisons.txt")
}

/// Installs what is missing, where that can be done without a question. Elsewhere the tests that need it are
/// skipped, and counted as such.
pub(crate) fn install() -> Outcome {
    let missing: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(program, _)| !is_installed(program))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    step::timed("originals", || {
        if !install_packages(&missing) {
            let packages = missing.join(" ");
            println!("    not installed, so the tests that need them are skipped: {packages}");
        }
        Ok(())
    })
}

/// Installs packages of Debian and its kin; true if they are there now.
pub(crate) fn install_packages(packages: &[&str]) -> bool {
    is_installed("apt-get")
        && (apt(&["install"], packages) || (apt(&["update"], &[]) && apt(&["install"], packages)))
}

fn apt(chore: &[&str], packages: &[&str]) -> bool {
    // An ordinary user may be allowed to without a password; root needs no sudo.
    [&["sudo", "-n", "apt-get"][..], &["apt-get"]]
        .iter()
        .any(|words| {
            let Some((program, rest)) = words.split_first() else {
                return false;
            };
            let mut command = Command::new(program);
            command
                .args(rest)
                .args(["-q", "-y", "--no-install-recommends"]);
            command
                .args(chore)
                .args(packages)
                .env("DEBIAN_FRONTEND", "noninteractive");
            command.output().is_ok_and(|output| output.status.success())
        })
}

/// Whether a program is in one of the usual places, or where its path says.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let sbin = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(sbin)
        .any(|folder| Path::new(&folder).join(program).exists())
}

/// Prints how many values of each tool were compared with the original's, and how many differ.
pub(crate) fn report() {
    let text = std::fs::read_to_string(account()).unwrap_or_default();
    let mut tools: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        let (Some(tool), Some(values), Some(differences)) =
            (words.next(), words.next(), words.next())
        else {
            continue;
        };
        let sums = tools.entry(tool).or_default();
        sums.0 += values.parse().unwrap_or(0);
        sums.1 += differences.parse().unwrap_or(0);
    }
    if tools.is_empty() {
        return;
    }
    println!(
        "    {:<12} {:>10} {:>12}",
        "tool", "compared", "differences"
    );
    for (tool, (values, differences)) in &tools {
        println!("    {tool:<12} {values:>10} {differences:>12}");
    }
    let sum = tools.values().fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    println!("    {:<12} {:>10} {:>12}", "all", sum.0, sum.1);
}
