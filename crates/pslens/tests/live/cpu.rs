//! CPUs of this machine.

use std::time::{Duration, Instant};

use pslens::cpu;

#[test]
fn times_of_single_cpus_add_up_to_those_of_all() {
    let before = cpu::times().unwrap();
    let cpus = cpu::times_per_cpu().unwrap();
    let after = cpu::times().unwrap();
    let sum: Duration = cpus.iter().map(|row| row.value.user).sum();
    // Each CPU's sum is cut to ticks on its own.
    let slack = Duration::from_millis(20 * (cpus.len() as u64 + 1));
    assert!(before.user <= sum + slack && sum <= after.user + slack);
}

#[test]
fn counts_agree_with_each_other_and_with_the_standard_library() {
    let logical = cpu::count_logical().unwrap();
    assert_eq!(logical as usize, cpu::times_per_cpu().unwrap().len());
    let usable = cpu::count_usable().unwrap();
    assert!(1 <= usable && usable <= logical);
    assert!(std::thread::available_parallelism().unwrap().get() <= usable as usize);
    if let Some(cores) = cpu::count_cores().unwrap() {
        assert!(1 <= cores && cores <= logical);
    }
}

#[test]
fn a_busy_thread_is_seen_by_the_sampler() {
    let mut sampler = cpu::PercentSampler::new();
    assert_eq!(sampler.percent().unwrap(), None);
    assert_eq!(sampler.percent_per_cpu().unwrap(), None);
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(300) {
        std::hint::spin_loop();
    }
    let all = sampler.percent().unwrap().unwrap();
    let cpus = sampler.percent_per_cpu().unwrap().unwrap();
    assert!(all > 0.0 && all <= 100.0, "{all}");
    assert!(cpus.iter().any(|row| row.percent > 0.0), "{cpus:?}");
    // The methods have a memory of their own each.
    assert_eq!(sampler.times_percent().unwrap(), None);
}

#[test]
fn counters_only_grow() {
    let before = cpu::stats().unwrap();
    let after = cpu::stats().unwrap();
    assert!(after.ctx_switches >= before.ctx_switches);
    assert!(after.interrupts >= before.interrupts);
}
