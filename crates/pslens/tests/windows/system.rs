//! The machine: CPUs, memory, page files, boot, load, batteries.

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use pslens::os::windows::LoadSampler;
use pslens::{ErrorKind, Process, cpu, host, memory, sensors};

use crate::{evidence, ffi};

/// Longer than anything here takes on a machine that does something else as well.
const PATIENCE: Duration = Duration::from_secs(30);

/// Keeps a CPU busy until `done`, asked again and again, has an answer.
fn burn<T>(mut done: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        for number in 0..100_000_u32 {
            black_box(number);
        }
        if let Some(answer) = done() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "still not");
    }
}

#[test]
fn cpus_are_counted() {
    let logical = cpu::count_logical().unwrap();
    let usable = cpu::count_usable().unwrap();
    let cores = cpu::count_cores().unwrap().unwrap();
    let (of_this_group, _) = ffi::system_info();
    assert!(logical >= of_this_group);
    assert!((1..=logical).contains(&cores), "{cores} of {logical}");
    assert!((1..=logical).contains(&usable), "{usable} of {logical}");
    if logical <= 64 {
        assert_eq!(logical, of_this_group);
    }
    let affinity = Process::current().unwrap().cpu_affinity().unwrap();
    assert_eq!(usable as usize, affinity.len());
    for name in [
        "cpu::count_logical",
        "cpu::count_cores",
        "cpu::count_usable",
    ] {
        evidence::called(name);
    }
}

#[test]
fn times_of_all_cpus_are_the_sum_of_each_ones_and_grow() {
    let [idle, kernel, user] = ffi::system_times();
    let total = cpu::times().unwrap();
    let each = cpu::times_per_cpu().unwrap();
    let [idle_after, kernel_after, user_after] = ffi::system_times();

    // What was read in between lies in between.
    assert!((idle..=idle_after).contains(&total.idle), "{total:?}");
    assert!((user..=user_after).contains(&total.user), "{total:?}");
    let in_kernel = total.total() - total.user;
    assert!((kernel..=kernel_after).contains(&in_kernel), "{total:?}");
    assert_eq!((total.nice, total.iowait, total.steal), (None, None, None));
    // wine has no interrupts of its own: 0.
    assert!(total.irq.is_some() && total.softirq.is_some());

    let numbers: Vec<u32> = each.iter().map(|row| row.cpu).collect();
    let count = cpu::count_logical().unwrap();
    assert_eq!(numbers, (0..count).collect::<Vec<_>>());
    let sum: Duration = each.iter().map(|row| row.value.user).sum();
    assert!((total.user..=user_after).contains(&sum));

    burn(|| {
        let later = cpu::times().unwrap();
        (later.since(&total).busy() > Duration::from_millis(50)).then_some(())
    });
    burn(|| {
        let later = cpu::times_per_cpu().unwrap();
        let grown = later.iter().zip(&each).find(|(later, earlier)| {
            later.value.since(&earlier.value).user > Duration::from_millis(20)
        });
        grown.map(|_| ())
    });
    evidence::called("cpu::times");
    evidence::called("cpu::times_per_cpu");
}

#[test]
fn percentages_see_a_cpu_that_burns() {
    let mut sampler = cpu::PercentSampler::new();
    assert_eq!(sampler.percent().unwrap(), None);
    let busy = burn(|| sampler.percent().unwrap().filter(|&percent| percent > 0.0));
    assert!(busy <= 100.0);

    let interval = Duration::from_millis(100);
    assert!((0.0..=100.0).contains(&cpu::percent(interval).unwrap()));
    let count = cpu::count_logical().unwrap() as usize;
    assert_eq!(cpu::percent_per_cpu(interval).unwrap().len(), count);
    let of_all = cpu::times_percent(interval).unwrap();
    let parts = [of_all.user, of_all.system, of_all.idle];
    let rest = of_all.irq.unwrap() + of_all.softirq.unwrap();
    let sum = parts.iter().sum::<f64>() + rest;
    // A hundred, or nothing if the clock of the CPUs stood still.
    assert!((sum - 100.0).abs() < 1e-6 || sum == 0.0, "{of_all:?}");
    let of_each = cpu::times_percent_per_cpu(interval).unwrap();
    assert_eq!(of_each.len(), count);
    for name in [
        "cpu::percent",
        "cpu::percent_per_cpu",
        "cpu::times_percent",
        "cpu::times_percent_per_cpu",
    ] {
        evidence::called(name);
    }
}

#[test]
fn interrupts_are_counted() {
    let stats = cpu::stats().unwrap();
    // They are 32 bits for each CPU, or for all.
    let cpus = u64::from(cpu::count_logical().unwrap());
    let largest = u64::from(u32::MAX);
    assert!(stats.ctx_switches <= largest && stats.syscalls.unwrap() <= largest);
    assert!(stats.interrupts <= largest * cpus);
    assert!(stats.soft_interrupts.unwrap() <= largest * cpus);
    evidence::without_data(
        "cpu::stats",
        "wine counts nothing: zeros, and random numbers of deferred calls",
    );
}

#[test]
fn cpus_have_a_frequency() {
    let each = cpu::frequency_per_cpu().unwrap();
    assert_eq!(each.len() as u32, cpu::count_logical().unwrap());
    for row in &each {
        assert!(row.value.current_mhz > 0.0, "{row:?}");
        assert!(row.value.max_mhz.is_some_and(|mhz| mhz > 0.0), "{row:?}");
        assert_eq!(row.value.min_mhz, None);
    }
    let average = cpu::frequency().unwrap().unwrap();
    assert!(average.current_mhz > 0.0);
    assert_eq!(average.min_mhz, None);
    evidence::called("cpu::frequency");
    evidence::called("cpu::frequency_per_cpu");
}

#[test]
fn physical_memory_is_what_the_documented_call_says() {
    let (total, available) = ffi::physical_memory();
    let got = memory::virtual_memory().unwrap();
    assert_eq!(got.total, total);
    // Others take and give some in between.
    assert!(got.available.abs_diff(available) < total / 4, "{got:?}");
    assert_eq!(got.free, got.available);
    assert_eq!(got.used, got.total - got.available);
    let percent = got.used as f64 / total as f64 * 100.0;
    assert!((got.percent - percent).abs() < 1e-9);
    // wine says 0 of both.
    assert!(got.cached.is_some_and(|bytes| bytes <= total));
    assert!(got.wired.is_some_and(|bytes| bytes <= total));
    assert_eq!((got.active, got.inactive, got.slab), (None, None, None));
    evidence::called("memory::virtual_memory");
}

#[test]
fn page_files_add_up() {
    match memory::swap_memory() {
        Ok(swap) => {
            assert_eq!(swap.used + swap.free, swap.total);
            assert!((0.0..=100.0).contains(&swap.percent));
            assert_eq!((swap.sin, swap.sout), (None, None));
            let (_, page) = ffi::system_info();
            assert_eq!(swap.total % u64::from(page), 0);
            evidence::called("memory::swap_memory");
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
            evidence::without_data(
                "memory::swap_memory",
                "wine does not know SystemPageFileInformation",
            );
        }
    }
}

#[test]
fn boot_is_not_longer_ago_than_the_system_is_up() {
    let boot = host::boot_time().unwrap();
    let uptime = ffi::uptime();
    let since_boot = SystemTime::now().duration_since(boot).unwrap();
    // As long, on Windows. What wine says of the kernel begins with its server, of the uptime not.
    let tolerance = Duration::from_secs(2);
    assert!(since_boot < uptime + tolerance, "{since_boot:?} {uptime:?}");
    // One reading of one number: it does not tremble.
    assert_eq!(host::boot_time().unwrap(), boot);
    evidence::without_data("host::boot_time", "wine boots when its server starts");
}

#[test]
fn there_is_no_load_average_without_somebody_who_makes_one() {
    let error = host::load_average().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("LoadSampler"), "{error}");
}

#[test]
fn load_averages_begin_at_zero_and_follow_the_queue() {
    let mut sampler = LoadSampler::new();
    let first = sampler.sample().unwrap();
    assert_eq!((first.one, first.five, first.fifteen), (0.0, 0.0, 0.0));
    let later = burn(|| {
        let load = sampler.sample().unwrap();
        // The shorter one follows sooner, if there is anything to follow.
        assert!(
            load.one >= load.five && load.five >= load.fifteen,
            "{load:?}"
        );
        assert!(load.fifteen >= 0.0);
        Some(load)
    });
    assert!(later.one.is_finite());
    for path in ["os::windows::LoadSampler::sample", "host::load_average"] {
        evidence::without_data(path, "wine says of no thread that it is ready");
    }
}

#[test]
fn batteries_have_what_windows_says() {
    // Whether there is one, only the machine knows.
    for battery in sensors::batteries().unwrap() {
        assert!(
            battery
                .percent
                .is_none_or(|percent| (0.0..=100.0).contains(&percent))
        );
        if let sensors::TimeLeft::Remaining(left) = battery.time_left {
            assert!(
                left < Duration::from_secs(u64::from(u32::MAX >> 1)),
                "{left:?}"
            );
        }
        assert!(!battery.is_peripheral);
    }
    assert!(sensors::batteries().unwrap().len() <= 1);
    evidence::called("sensors::batteries");
}

#[test]
fn temperatures_and_fans_are_not_told() {
    assert_eq!(
        sensors::temperatures().unwrap_err().kind(),
        ErrorKind::Unsupported
    );
    assert_eq!(sensors::fans().unwrap_err().kind(), ErrorKind::Unsupported);
}
