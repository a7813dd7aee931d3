//! Memory and disks: the forms that `free`, `df` and `iostat` can take.

use insta::assert_snapshot;
use pslens_fixtures::materialise;
use serde_json::Value;

use crate::program::{answer, refused, told};

/// What is told of several command lines on a machine.
fn told_all(machine: &str, lines: &[&str]) -> String {
    let machine = materialise(machine);
    let told = lines
        .iter()
        .map(|line| told(&machine, &line.split(' ').collect::<Vec<_>>()));
    told.collect::<Vec<_>>().join("\n")
}

#[test]
fn free_in_its_units_and_forms() {
    assert_snapshot!(told_all(
        "kernel-4.4",
        &[
            "free -k",
            "free -m -w -t",
            "free -g --si",
            "free -h --si",
            "free -b --csv",
            "free --columns name,percent,active,inactive,slab,sin,sout",
            "free --filter free>1G --sort used",
            "free -t --json",
        ]
    ));
    assert_snapshot!(told_all("container-lxcfs", &["free -w", "free"]));
}

#[test]
fn df_in_its_forms() {
    assert_snapshot!(told_all(
        "kernel-4.4",
        &[
            "df -a -i",
            "df -t tmpfs,proc",
            "df -x tmpfs -x proc -a",
            "df -a -l --columns mountpoint,fstype,device,opts",
            "df -t ext5",
            "df --total",
            "df --json --total",
            "df -a --csv --top 2",
            "df --output",
            "df --output=target,source,opts /",
            "df -t ext4 /",
            "df -x ext4 /",
        ]
    ));
}

#[test]
fn iostat_since_boot() {
    assert_snapshot!(told_all(
        "laptop",
        &[
            "iostat",
            "iostat -x",
            "iostat -d -p ALL --bytes --sort -read_bytes --top 3",
            "iostat nvme0n1 sdz",
            "iostat -c --csv",
        ]
    ));
    // A kernel that counts no discards and flushes.
    assert_snapshot!(told_all(
        "kernel-2.6.32",
        &["iostat -dxk ALL", "iostat -p ALL --json"]
    ));
}

#[test]
fn iostat_reports_as_often_as_it_is_asked_to() {
    let reports = |args: &[&str]| {
        let told = answer([&["iostat", "--json", "-d", "ALL"], args].concat());
        let reports = serde_json::Deserializer::from_str(&told).into_iter::<Vec<Value>>();
        reports.collect::<Result<Vec<_>, _>>().unwrap()
    };
    assert_eq!(reports(&[]).len(), 1);
    assert_eq!(reports(&["0.01", "3"]).len(), 3);
    assert_eq!(reports(&["-y", "0.01", "2"]).len(), 2);
    assert_eq!(reports(&["--watch", "0.01", "--times", "2"]).len(), 2);
    // Since boot, and then in a moment.
    let both = reports(&["0.01", "2"]);
    let read = |report: &[Value]| -> u64 {
        report
            .iter()
            .filter_map(|disk| disk["read_bytes"].as_u64())
            .sum()
    };
    assert!(read(&both[1]) <= read(&both[0]), "{both:?}");
}

#[test]
fn free_repeats_as_often_as_it_is_asked_to() {
    let once = answer(["free", "-b"]).lines().count();
    assert_eq!(
        answer(["free", "-b", "-s", "0.01", "-c", "3"])
            .lines()
            .count(),
        3 * once
    );
    assert_eq!(answer(["free", "-c", "1"]).lines().count(), once);
}

#[test]
fn wrong_options_are_one_line_and_status_2() {
    let check = refused;
    check("free -k -m", &["--kibi", "--mebi"]);
    check("free -k --bytes", &["--kibi", "--bytes"]);
    check("free -b --si", &["-b", "--si"]);
    check("free -s 0", &["'0'", "more than 0"]);
    check("free -c 0", &["'0'", "--count"]);
    check("free -s 1 --watch 1", &["--seconds", "--watch"]);
    check("free --columns ", &["''", "no such column"]);
    check("free --sort usd", &["'usd'", "did you mean 'used'?"]);
    check("df -h -k", &["--human", "-k"]);
    check("df -B 0", &["'0'", "a number of bytes", "KB"]);
    check("df -B 1X", &["'1X'", "--block-size"]);
    check("iostat 0", &["INTERVAL '0'", "more than 0"]);
    check("iostat sda 1 0", &["COUNT '0'", "a number from 1 on"]);
    check("iostat 1 2 3", &["'3'", "two numbers"]);
    check("iostat -y", &["-y", "INTERVAL"]);
    check("iostat 1 --watch 1", &["--watch", "INTERVAL"]);
    check("iostat -k -m", &["-k", "-m"]);
    check("iostat --sort tpz", &["'tpz'", "did you mean 'tps'?"]);
    check("iostat -c --sort tps", &["'tps'", "Accepted: name, user"]);
    check("iotop -d 0", &["'0'", "more than 0"]);
    check("iotop -n 0", &["'0'", "--iter"]);
    check("iotop -p abc", &["'abc'", "numbers of processes"]);
    check("iotop -d 1 --watch 1", &["--delay", "--watch"]);
    check("iotop --sort reed", &["no such column", "read_bytes"]);
    check("df --output=file", &["'file'", "no such column"]);
    check("df --output -i", &["--output", "--inodes"]);
    check("df --columns inode", &["'inode'", "inodes.total"]);
}
