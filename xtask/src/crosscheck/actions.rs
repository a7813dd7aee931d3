//! What changes a process: both do it, both look at the result.

use pslens::process::Process;
use serde_json::Value;

use super::Pair;
use super::answer::Failure;

pub(super) fn answer(_process: &Process, name: &str, _args: &Value) -> Result<Value, Failure> {
    Err(Failure::Request(format!("no process call is named {name}")))
}

pub(super) fn check(_pair: &mut Pair) -> Result<(), String> {
    Ok(())
}

/// What is asked about every process.
pub(super) fn calls() -> Vec<(&'static str, Value, &'static str)> {
    Vec::new()
}
