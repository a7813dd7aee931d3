//! sensors and battery on machines that have some, and on those that have none.

use insta::assert_snapshot;
use pslens_fixtures::materialise;

use crate::program::{objects, pslens, stderr, stdout, told};

#[test]
fn tables_and_json() {
    let machine = materialise("laptop");
    let mut told_all = String::new();
    for args in [
        &["sensors"][..],
        &[
            "sensors",
            "-f",
            "--filter",
            "sensor=temperature",
            "--columns",
            "chip,current,unit",
        ],
        &["sensors", "--sort", "-current", "--top", "3", "--csv"],
        &["sensors", "--json"],
        &["battery"],
        &["battery", "--filter", "is_peripheral=no", "--csv"],
        &["battery", "--json"],
    ] {
        let told = told(&machine, args).replace(machine.sys().to_str().unwrap(), "SYSFS");
        told_all.push_str(&told);
        told_all.push('\n');
    }
    assert_snapshot!("sensors_laptop", told_all);
}

#[test]
fn a_machine_without_sensors_is_told_in_one_line() {
    let machine = materialise("kernel-4.4");
    for tool in ["sensors", "battery"] {
        let none = match tool {
            "sensors" => "this machine has none that can be read",
            _ => "there is no battery",
        };
        let end = format!("pslens: {tool}: {none}\nexit status 1\n");
        let table = told(&machine, &[tool]);
        assert_eq!(table, format!("$ pslens {tool}\n{end}"));
        let json = told(&machine, &[tool, "--json"]);
        assert_eq!(json, format!("$ pslens {tool} --json\n[]\n{end}"));
    }
}

/// An adapter beside the battery, which is then charged: how long it will last has no end.
#[test]
fn a_battery_that_is_charged_lasts_as_long_as_there_is_power() {
    let machine = materialise("laptop");
    machine.write("sys/class/power_supply/AC/online", "1\n");
    machine.write("sys/class/power_supply/BAT0/status", "Charging\n");
    let sysfs = machine.sys();
    let ask = |args: &[&str]| {
        let mut command = pslens(["--sysfs".as_ref(), sysfs.as_os_str()]);
        let output = command.args(args).output().unwrap();
        assert_eq!(stderr(&output), "");
        stdout(&output)
    };
    let table = ask(&["battery", "--filter", "name=BAT0", "--no-header"]);
    let words: Vec<&str> = table.split_whitespace().collect();
    assert_eq!(
        words,
        ["BAT0", "70.0", "unlimited", "yes", "charging", "no"]
    );
    let battery = &objects(["--sysfs", sysfs.to_str().unwrap(), "battery", "--json"])[0];
    assert!(battery["secsleft"].is_null());
    assert_eq!(battery["power_plugged"], true);
}
