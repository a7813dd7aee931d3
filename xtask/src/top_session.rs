//! The long session of `top`: as in the suite, for as long as one likes.

use crate::step::{self, Outcome, cargo};

const TEST: &str = "top::a_session_has_flat_memory";

pub(crate) fn run(args: &[String]) -> Outcome {
    let minutes = match args {
        [] => 10.0,
        [minutes] => minutes
            .parse::<f64>()
            .ok()
            .filter(|minutes| *minutes > 0.0)
            .ok_or_else(|| format!("a number of minutes is wanted, not {minutes:?}"))?,
        _ => return Err("usage: cargo xtask top-session [MINUTES]".into()),
    };
    let mut command = cargo(["test", "--locked", "--release", "--package", "pslens-cli"]);
    command.args(["--test", "it", "--", "--exact", TEST, "--nocapture"]);
    command.env("PSLENS_TOP_MINUTES", minutes.to_string());
    step::run("top-session", &mut command)
}
