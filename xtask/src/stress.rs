//! The long run of the churn test: as in the suite, for as long as one likes.

use crate::step::{self, Outcome, cargo};

const TEST: &str = "stress::everything_is_read_while_thousands_come_and_go";

pub(crate) fn run(args: &[String]) -> Outcome {
    let seconds = match args {
        [] => 30,
        [flag, seconds] if flag == "--seconds" => seconds
            .parse::<u32>()
            .map_err(|_| format!("--seconds takes a whole number, not {seconds:?}"))?,
        _ => return Err("usage: cargo xtask stress [--seconds N]".into()),
    };
    step::timed("stress", || {
        let mut command = cargo(["test", "--locked", "--release", "--package", "pslens"]);
        command.args(["--test", "live", "--", "--exact", TEST, "--nocapture"]);
        command.env("PSLENS_STRESS_SECONDS", seconds.to_string());
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("the test failed: {status}")),
            Err(error) => Err(format!("cargo: {error}")),
        }
    })
}
