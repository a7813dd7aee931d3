//! Memory and swap of this machine.

use pslens::{host, memory};

#[test]
fn memory_agrees_with_the_system_call() {
    let memory = memory::virtual_memory().unwrap();
    assert!(memory.available <= memory.total && memory.free <= memory.total);
    assert_eq!(memory.used, memory.total - memory.available);
    let swap = memory::swap_memory().unwrap();
    assert_eq!(swap.used + swap.free, swap.total);
    #[cfg(target_os = "linux")]
    {
        let info = rustix::system::sysinfo();
        let unit = u64::from(info.mem_unit);
        #[allow(clippy::useless_conversion, reason = "not useless on 32-bit machines")]
        let (total, swap_total) = (u64::from(info.totalram), u64::from(info.totalswap));
        assert_eq!(memory.total, total * unit);
        assert_eq!(swap.total, swap_total * unit);
    }
}

#[test]
fn boot_was_as_long_ago_as_the_uptime_says() {
    let booted = host::boot_time().unwrap();
    let age = booted.elapsed().unwrap().as_secs_f64();
    let text = std::fs::read_to_string("/proc/uptime").unwrap();
    let uptime: f64 = text.split(' ').next().unwrap().parse().unwrap();
    assert!((age - uptime).abs() < 3.0, "{age} {uptime}");
}
