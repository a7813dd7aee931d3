//! CPU times, counts, frequencies: of every processor group.

use pslens_parse::ParseError;
use pslens_parse::windows::logical_processor_information::{self, LogicalProcessorInformation};
use pslens_parse::windows::system_processor_performance_information::SystemProcessorPerformanceInformation;
use pslens_parse::windows::{
    processor_power_information, system_interrupt_information, system_performance_information,
    system_processor_performance_information,
};
use windows_sys::Wdk::System::SystemInformation::{
    SYSTEM_INFORMATION_CLASS, SystemInterruptInformation, SystemPerformanceInformation,
    SystemProcessorPerformanceInformation as ProcessorPerformance,
};
use windows_sys::Win32::System::SystemInformation::RelationProcessorCore;

use super::ffi::buffer::Buffer;
use super::groups::Groups;
use super::process::affinity;
use super::{Root, ffi, time};
use crate::cpu::{Frequency, PerCpu, Stats, Times, average_frequency};
use crate::error::{Error, Result};

/// The sum over the CPUs, and not `GetSystemTimes`: that knows neither interrupts nor deferred calls, and
/// two calls would tell of two moments.
pub(crate) fn times(_root: &Root) -> Result<Times> {
    let mut total = SystemProcessorPerformanceInformation::default();
    for (_, cpu) in performance("cpu times")? {
        total.idle_time = total.idle_time.saturating_add(cpu.idle_time);
        total.kernel_time = total.kernel_time.saturating_add(cpu.kernel_time);
        total.user_time = total.user_time.saturating_add(cpu.user_time);
        total.dpc_time = total.dpc_time.saturating_add(cpu.dpc_time);
        total.interrupt_time = total.interrupt_time.saturating_add(cpu.interrupt_time);
    }
    Ok(record(&total))
}

pub(crate) fn times_per_cpu(_root: &Root) -> Result<Vec<PerCpu<Times>>> {
    let cpus = performance("cpu times_per_cpu")?;
    let rows = cpus
        .iter()
        .map(|(cpu, times)| PerCpu::new(*cpu, record(times)));
    Ok(rows.collect())
}

pub(crate) fn count_logical(_root: &Root) -> Result<u32> {
    ffi::machine::active_processor_count().map_err(|error| Error::os("cpu count_logical", error))
}

pub(crate) fn count_cores(_root: &Root) -> Result<Option<u32>> {
    const OPERATION: &str = "cpu count_cores";
    let table = ffi::machine::logical_processor_information(RelationProcessorCore)
        .map_err(|error| Error::os(OPERATION, error))?;
    let mut cores = 0;
    for row in logical_processor_information::rows(&table) {
        let row = row.map_err(|error| Error::invalid_data(OPERATION, error))?;
        if matches!(row, LogicalProcessorInformation::Core { .. }) {
            cores += 1;
        }
    }
    Ok(Some(cores).filter(|&cores| cores > 0))
}

pub(crate) fn count_usable(_root: &Root) -> Result<u32> {
    affinity::count_of_self().map_err(|error| Error::os("cpu count_usable", error))
}

pub(crate) fn stats(_root: &Root) -> Result<Stats> {
    const OPERATION: &str = "cpu stats";
    let invalid = |error| Error::invalid_data(OPERATION, error);
    let mut buffer = Buffer::default();
    ffi::nt::query_system(SystemPerformanceInformation, &mut buffer)
        .map_err(|error| Error::os(OPERATION, error))?;
    let all = system_performance_information::parse(&buffer).map_err(invalid)?;
    let interrupts = performance(OPERATION)?
        .iter()
        .map(|(_, cpu)| u64::from(cpu.interrupt_count))
        .sum();
    let mut deferred = None;
    for (_, table) in answers(
        OPERATION,
        SystemInterruptInformation,
        system_interrupt_information::SIZE,
    )? {
        for row in system_interrupt_information::rows(&table) {
            let count = u64::from(row.map_err(invalid)?.dpc_count);
            deferred = Some(deferred.unwrap_or(0) + count);
        }
    }
    Ok(Stats {
        ctx_switches: all.context_switches.into(),
        interrupts,
        soft_interrupts: deferred,
        syscalls: Some(all.system_calls.into()),
    })
}

pub(crate) fn frequency(_root: &Root) -> Result<Option<Frequency>> {
    Ok(average_frequency(&frequencies("cpu frequency")?))
}

pub(crate) fn frequency_per_cpu(_root: &Root) -> Result<Vec<PerCpu<Frequency>>> {
    frequencies("cpu frequency_per_cpu")
}

fn frequencies(operation: &'static str) -> Result<Vec<PerCpu<Frequency>>> {
    let cpus = ffi::machine::active_processor_count();
    let table = cpus
        .and_then(ffi::machine::processor_power_information)
        .map_err(|error| Error::os(operation, error))?;
    let mut rows = Vec::new();
    // By position: what `Number` counts where there are several groups, nobody documents.
    for (cpu, row) in (0..).zip(processor_power_information::rows(&table)) {
        let row = row.map_err(|error| Error::invalid_data(operation, error))?;
        if row.current_mhz != 0 {
            rows.push(PerCpu::new(
                cpu,
                Frequency {
                    current_mhz: row.current_mhz.into(),
                    min_mhz: None,
                    max_mhz: Some(row.max_mhz).filter(|&mhz| mhz != 0).map(f64::from),
                },
            ));
        }
    }
    Ok(rows)
}

/// The times of every CPU of every group, with the CPUs' numbers, ascending.
fn performance(
    operation: &'static str,
) -> Result<Vec<(u32, SystemProcessorPerformanceInformation)>> {
    let cpus = of_groups(&answers(
        operation,
        ProcessorPerformance,
        system_processor_performance_information::SIZE,
    )?)
    .map_err(|error| Error::invalid_data(operation, error))?;
    if cpus.is_empty() {
        return Err(Error::unsupported(operation, "no processor group has CPUs"));
    }
    Ok(cpus)
}

/// The CPUs of each group, numbered from that of its first on. How many there are says the answer's length.
fn of_groups(
    groups: &[(u32, Vec<u8>)],
) -> Result<Vec<(u32, SystemProcessorPerformanceInformation)>, ParseError> {
    groups
        .iter()
        .flat_map(|(first, table)| {
            (*first..).zip(system_processor_performance_information::rows(table))
        })
        .map(|(cpu, row)| Ok((cpu, row?)))
        .collect()
}

/// The answers to `class`, each of which is about one processor group and has `row` bytes for each of its CPUs.
fn answers(
    operation: &'static str,
    class: SYSTEM_INFORMATION_CLASS,
    row: u8,
) -> Result<Vec<(u32, Vec<u8>)>> {
    let ask = |group| Ok(ffi::nt::query_cpus(class, row.into(), group)?.to_vec());
    let answers = Groups::of_system().ask_each(ask);
    answers.map_err(|error| Error::os(operation, error))
}

/// The parts of the time, each moment once: for the kernel all but the user's is kernel time.
fn record(times: &SystemProcessorPerformanceInformation) -> Times {
    let system = times
        .kernel_time
        .saturating_sub(times.idle_time)
        .saturating_sub(times.interrupt_time)
        .saturating_sub(times.dpc_time);
    Times {
        user: time::duration(times.user_time),
        system: time::duration(system),
        idle: time::duration(times.idle_time),
        irq: Some(time::duration(times.interrupt_time)),
        softirq: Some(time::duration(times.dpc_time)),
        ..Times::default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn cpus_of_all_groups_are_there_and_have_numbers_of_their_own() {
        let table = |cpus: usize| (0..cpus).flat_map(|_| [0; 48]).collect::<Vec<u8>>();
        let cpus = of_groups(&[(0, table(64)), (64, table(12))]).unwrap();
        let numbers: Vec<_> = cpus.iter().map(|(cpu, _)| *cpu).collect();
        assert_eq!(numbers, (0..76).collect::<Vec<_>>());
        let half = vec![0; 24];
        assert!(of_groups(&[(0, table(1)), (1, half)]).is_err());
    }

    #[test]
    fn the_first_group_by_its_number_is_the_only_one_without() {
        let size = system_processor_performance_information::SIZE;
        match ffi::nt::query_cpus(ProcessorPerformance, size.into(), Some(0)) {
            Ok(named) => {
                let first = Groups::of_system().0[0] as usize;
                assert_eq!(named.len(), first * 48);
            }
            // wine does not know groups.
            Err(error) => assert_eq!(crate::sys::errno_kind(&error), ErrorKind::Unsupported),
        }
    }

    #[test]
    fn the_parts_of_the_kernels_time_add_up_and_never_go_below_zero() {
        const SECOND: u64 = 10_000_000;
        let mut times = SystemProcessorPerformanceInformation {
            idle_time: 70 * SECOND,
            kernel_time: 90 * SECOND,
            user_time: 10 * SECOND,
            dpc_time: 3 * SECOND,
            interrupt_time: 2 * SECOND,
            interrupt_count: 0,
        };
        let got = record(&times);
        assert_eq!(got.system, Duration::from_secs(15));
        assert_eq!(got.total(), Duration::from_secs(100));
        assert_eq!(got.busy(), Duration::from_secs(30));
        assert_eq!(got.irq, Some(Duration::from_secs(2)));
        assert_eq!(got.softirq, Some(Duration::from_secs(3)));
        assert_eq!((got.nice, got.iowait, got.steal), (None, None, None));
        // The counters are not read in one moment.
        times.kernel_time = 71 * SECOND;
        assert_eq!(record(&times).system, Duration::ZERO);
    }
}
