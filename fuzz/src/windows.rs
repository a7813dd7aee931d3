//! Windows: one function per structure of `pslens_parse::windows`.

use core::hint::black_box;

use pslens_parse::windows as parse;
use pslens_parse::windows::Memory;

use crate::{Target, drain};

pub(crate) const TARGETS: &[Target] = &[
    target("windows_disk_performance", windows_disk_performance),
    target("windows_ip_adapter_addresses", windows_ip_adapter_addresses),
    target(
        "windows_logical_processor_information",
        windows_logical_processor_information,
    ),
    target(
        "windows_memory_working_set_information",
        windows_memory_working_set_information,
    ),
    target("windows_mib_tcp_table", windows_mib_tcp_table),
    target("windows_mib_udp_table", windows_mib_udp_table),
    target(
        "windows_object_name_information",
        windows_object_name_information,
    ),
    target(
        "windows_process_handle_information",
        windows_process_handle_information,
    ),
    target(
        "windows_processor_power_information",
        windows_processor_power_information,
    ),
    target(
        "windows_system_extended_handle_information",
        windows_system_extended_handle_information,
    ),
    target(
        "windows_system_interrupt_information",
        windows_system_interrupt_information,
    ),
    target(
        "windows_system_pagefile_information",
        windows_system_pagefile_information,
    ),
    target(
        "windows_system_performance_information",
        windows_system_performance_information,
    ),
    target("windows_system_power_status", windows_system_power_status),
    target(
        "windows_system_processor_performance_information",
        windows_system_processor_performance_information,
    ),
    target(
        "windows_system_time_of_day_information",
        windows_system_time_of_day_information,
    ),
];

/// There are no captured machines: every seed is constructed.
const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target {
        name,
        run,
        fixtures: &[],
    }
}

/// Where the seeds claim to have stood.
const ADDRESS: u64 = 0x10000;

/// `pslens_parse::windows::logical_processor_information`.
pub fn windows_logical_processor_information(input: &[u8]) {
    drain(
        input,
        parse::logical_processor_information::rows(input).inspect(|row| {
            if let Ok(parse::logical_processor_information::LogicalProcessorInformation::Groups(
                groups,
            )) = row
            {
                drain(input, groups.active_masks());
            }
        }),
    );
}

/// `pslens_parse::windows::memory_working_set_information`.
pub fn windows_memory_working_set_information(data: &[u8]) {
    use parse::memory_working_set_information as information;
    black_box(information::number_of_entries(data));
    drain(
        data,
        information::pages(data).map(information::Page::is_unique),
    );
}

/// `pslens_parse::windows::object_name_information`.
pub fn windows_object_name_information(input: &[u8]) {
    let memory = parse::Memory::new(input, ADDRESS);
    black_box(parse::object_name_information::name(memory));
}

/// `pslens_parse::windows::process_handle_information`.
pub fn windows_process_handle_information(data: &[u8]) {
    drain(data, parse::process_handle_information::rows(data));
}

/// `pslens_parse::windows::processor_power_information`.
pub fn windows_processor_power_information(input: &[u8]) {
    drain(input, parse::processor_power_information::rows(input));
}

/// `pslens_parse::windows::system_extended_handle_information`.
pub fn windows_system_extended_handle_information(data: &[u8]) {
    drain(data, parse::system_extended_handle_information::rows(data));
}

/// `pslens_parse::windows::system_interrupt_information`.
pub fn windows_system_interrupt_information(input: &[u8]) {
    drain(input, parse::system_interrupt_information::rows(input));
}

/// `pslens_parse::windows::system_pagefile_information`.
pub fn windows_system_pagefile_information(input: &[u8]) {
    drain(
        input,
        parse::system_pagefile_information::rows(input, ADDRESS),
    );
}

/// `pslens_parse::windows::system_performance_information`.
pub fn windows_system_performance_information(input: &[u8]) {
    let _ = black_box(parse::system_performance_information::parse(input));
}

/// `pslens_parse::windows::system_power_status`.
pub fn windows_system_power_status(input: &[u8]) {
    let _ = black_box(parse::system_power_status::parse(input));
}

/// `pslens_parse::windows::system_processor_performance_information`.
pub fn windows_system_processor_performance_information(input: &[u8]) {
    drain(
        input,
        parse::system_processor_performance_information::rows(input),
    );
}

/// `pslens_parse::windows::system_time_of_day_information`.
pub fn windows_system_time_of_day_information(input: &[u8]) {
    let _ = black_box(parse::system_time_of_day_information::parse(input));
}

/// `DISK_PERFORMANCE`.
pub fn windows_disk_performance(data: &[u8]) {
    let _ = black_box(parse::disk_performance::parse(data));
}

/// `IP_ADAPTER_ADDRESSES`; the first eight bytes are the address of the others.
pub fn windows_ip_adapter_addresses(data: &[u8]) {
    let Some((address, data)) = data.split_first_chunk() else {
        return;
    };
    let memory = Memory::new(data, u64::from_le_bytes(*address));
    let mut bytes = 0;
    let rows = parse::ip_adapter_addresses::rows(memory).inspect(|row| {
        let Ok(row) = row else { return };
        bytes += row.friendly_name.units().len() + row.unicast.len();
        for address in &row.unicast {
            black_box((address.netmask(), address.broadcast()));
        }
    });
    drain(data, rows);
    assert!(bytes <= data.len(), "more names and addresses than bytes");
}

/// `MIB_TCPTABLE_OWNER_PID`, `MIB_TCP6TABLE_OWNER_PID`.
pub fn windows_mib_tcp_table(data: &[u8]) {
    drain(data, parse::mib_tcp_table::rows(data));
    drain(data, parse::mib_tcp_table::rows6(data));
}

/// `MIB_UDPTABLE_OWNER_PID`, `MIB_UDP6TABLE_OWNER_PID`.
pub fn windows_mib_udp_table(data: &[u8]) {
    drain(data, parse::mib_udp_table::rows(data));
    drain(data, parse::mib_udp_table::rows6(data));
}
