//! Whole machines of several kernel generations: what every process of theirs looks like through the
//! public API, as JSON, which shows every field.
#![cfg(all(target_os = "linux", feature = "serde"))]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::fmt::Write;

use pslens::Root;
use pslens::process::{self, AttributeSet};

/// Every attribute of every process of the machine, a line each.
fn processes(machine: &str) -> String {
    let files = pslens_fixtures::materialise(machine);
    let root = Root::at(files.proc(), files.sys()).unwrap();
    let mut text = String::new();
    for info in process::all_with_in(AttributeSet::ALL, &root).unwrap() {
        let info = serde_json::to_value(info.unwrap()).unwrap();
        writeln!(text, "process {}", info["pid"]).unwrap();
        for (name, value) in info.as_object().unwrap() {
            match value.as_array() {
                Some(rows) if rows.iter().any(serde_json::Value::is_object) => {
                    for row in rows {
                        writeln!(text, "  {name}: {row}").unwrap();
                    }
                }
                _ => writeln!(text, "  {name}: {value}").unwrap(),
            }
        }
    }
    text
}

#[test]
fn processes_of_every_machine() {
    for machine in pslens_fixtures::MACHINES {
        insta::assert_snapshot!(format!("processes-{machine}"), processes(machine));
    }
}
