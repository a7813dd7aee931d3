//! How far a number of psutil's may lie outside of ours of before and after it.
//!
//! Nothing is allowed but what this list states, and docs/DIFFERENCES.md repeats it for people.

/// Of all floating-point numbers: the two compute in a different order.
const ROUNDING: f64 = 2e-6;

/// psutil rounds percentages to one decimal.
const ONE_DECIMAL: f64 = 0.050_001;

/// The kernel's text has two decimals of the load, its system call sixteen bits.
const TWO_DECIMALS: f64 = 0.005_1;

/// Memory and file systems change in both directions while they are read, by this many bytes at most.
const BYTES: f64 = (32_u64 << 20) as f64;

/// Use of the CPU during an interval that the two do not begin and end at the same moment, in percent.
const SAME_INTERVAL: f64 = 15.0;

/// The speed of a CPU that changes all the time, in MHz.
const SPEED: f64 = 200.0;

pub(super) fn tolerance(call: &str, path: &[String]) -> f64 {
    let field = path.last().map_or("", String::as_str);
    match (call, field) {
        ("virtual_memory", "available" | "used" | "free" | "active" | "inactive")
        | ("virtual_memory", "buffers" | "cached" | "shared" | "slab")
        | ("disk_usage", "used" | "free")
        | ("swap_memory", "used" | "free") => BYTES,
        ("virtual_memory" | "disk_usage" | "swap_memory", "percent") => 2.0 * ONE_DECIMAL,
        ("live cpu_percent" | "live cpu_times_percent" | "live process cpu_percent", _) => {
            SAME_INTERVAL
        }
        ("formula cpu_percent" | "formula cpu_times_percent", _) => ONE_DECIMAL,
        ("sensors_battery", "secsleft") => 1.0,
        ("getloadavg", _) => TWO_DECIMALS,
        ("cpu_freq", "current") => SPEED,
        _ => ROUNDING,
    }
}
