//! Windows: one function per structure of `pslens_parse::windows`.

use core::hint::black_box;

use pslens_parse::windows as parse;
use pslens_parse::windows::{Memory, Wide, Width};

use crate::{Target, drain};

pub(crate) const TARGETS: &[Target] = &[
    target("windows_command_line", windows_command_line),
    target("windows_disk_performance", windows_disk_performance),
    target(
        "windows_enum_service_status_process",
        windows_enum_service_status_process,
    ),
    target("windows_environment_block", windows_environment_block),
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
    target("windows_nt_path", windows_nt_path),
    target("windows_peb", windows_peb),
    target(
        "windows_process_basic_information",
        windows_process_basic_information,
    ),
    target(
        "windows_process_handle_information",
        windows_process_handle_information,
    ),
    target(
        "windows_processor_power_information",
        windows_processor_power_information,
    ),
    target("windows_query_service_config", windows_query_service_config),
    target("windows_service_description", windows_service_description),
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
        "windows_system_process_information",
        windows_system_process_information,
    ),
    target(
        "windows_system_processor_performance_information",
        windows_system_processor_performance_information,
    ),
    target(
        "windows_system_time_of_day_information",
        windows_system_time_of_day_information,
    ),
    target("windows_token_user", windows_token_user),
    target("windows_unicode_string", windows_unicode_string),
    target(
        "windows_user_process_parameters",
        windows_user_process_parameters,
    ),
    target("windows_vm_counters", windows_vm_counters),
    target("windows_wts_client_address", windows_wts_client_address),
    target("windows_wts_session_info", windows_wts_session_info),
    target("windows_wtsinfo", windows_wtsinfo),
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
    drain(input, parse::logical_processor_information::rows(input));
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
/// The table stands at the address where the seeds say that it stood.
pub fn windows_system_process_information(data: &[u8]) {
    let table = Memory::new(data, 0x1_0000);
    let rows = parse::system_process_information::rows(table);
    drain(data, rows.clone());
    drain(data, rows.clone().flat_map(|row| row.threads()));
    for row in rows {
        black_box(row.image_name.file_name().to_string());
    }
}

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

/// A command line, split.
pub fn windows_command_line(data: &[u8]) {
    drain(data, parse::command_line::arguments(Wide(data)));
}

/// An environment block.
pub fn windows_environment_block(data: &[u8]) {
    black_box(parse::environment_block::is_complete(Wide(data)));
    drain(data, parse::environment_block::variables(Wide(data)));
}

/// A path of the kernel. The first byte says how many units of the rest are a device with a letter.
pub fn windows_nt_path(data: &[u8]) {
    let Some((&length, rest)) = data.split_first() else {
        return;
    };
    let units: Vec<u16> = Wide(rest).units().collect();
    let (device, path) = units.split_at(usize::from(length).min(units.len()));
    let drives: Vec<_> = parse::nt_path::Drive::new(b'C', device)
        .into_iter()
        .collect();
    black_box(parse::nt_path::for_programs(path, &drives));
}

/// The start of a process environment block, of both widths.
pub fn windows_peb(data: &[u8]) {
    for width in [Width::Bits32, Width::Bits64] {
        let _ = black_box(parse::peb::process_parameters(data, width));
    }
}

/// What a process is told to be.
pub fn windows_process_basic_information(data: &[u8]) {
    let _ = black_box(parse::process_basic_information::parse(data));
}

/// The user of a token.
pub fn windows_token_user(data: &[u8]) {
    let _ = black_box(parse::token_user::sid(Memory::new(data, ADDRESS)));
}

/// A string and its text, and strings of both widths.
pub fn windows_unicode_string(data: &[u8]) {
    let memory = Memory::new(data, ADDRESS);
    if let Ok(text) = black_box(parse::unicode_string::answer(memory)) {
        drain(data, text.units());
    }
    for width in [Width::Bits32, Width::Bits64] {
        let _ = black_box(parse::unicode_string::parse(memory, 0, width));
    }
}

/// The parameters of a process, of both widths.
pub fn windows_user_process_parameters(data: &[u8]) {
    let memory = Memory::new(data, ADDRESS);
    for width in [Width::Bits32, Width::Bits64] {
        let _ = black_box(parse::user_process_parameters::parse(memory, width));
    }
}

/// Where the bytes of the seeds with pointers stood, and where the first pointer is to itself.
fn addresses(data: &[u8]) -> [u64; 2] {
    let first = data.first_chunk().copied().map_or(0, u64::from_le_bytes);
    [0x10_0000, first]
}

/// The list of services.
pub fn windows_enum_service_status_process(data: &[u8]) {
    for address in addresses(data) {
        let memory = Memory::new(data, address);
        drain(
            data,
            parse::enum_service_status_process::rows(memory, usize::MAX),
        );
    }
}

/// A service's settings.
pub fn windows_query_service_config(data: &[u8]) {
    for address in addresses(data) {
        let _ = black_box(parse::query_service_config::parse(Memory::new(
            data, address,
        )));
    }
}

/// A service's description.
pub fn windows_service_description(data: &[u8]) {
    for address in addresses(data) {
        let _ = black_box(parse::service_description::parse(Memory::new(
            data, address,
        )));
    }
}

/// Where a remote session comes from.
pub fn windows_wts_client_address(data: &[u8]) {
    let _ = black_box(parse::wts_client_address::parse(Memory::new(data, 0)));
}

/// The list of sessions.
pub fn windows_wts_session_info(data: &[u8]) {
    drain(
        data,
        parse::wts_session_info::session_ids(Memory::new(data, 0)),
    );
}

/// When things happened to a session.
pub fn windows_wtsinfo(data: &[u8]) {
    let _ = black_box(parse::wtsinfo::parse(Memory::new(data, 0)));
}

pub fn windows_vm_counters(data: &[u8]) {
    let _ = black_box(parse::vm_counters::parse(data));
}
