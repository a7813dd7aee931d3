//! Windows: one function per structure of `pslens_parse::windows`.

use core::hint::black_box;

use pslens_parse::windows as parse;

use crate::{Target, drain};

pub(crate) const TARGETS: &[Target] = &[
    Target {
        name: "windows_logical_processor_information",
        run: windows_logical_processor_information,
        fixtures: &[],
    },
    Target {
        name: "windows_memory_working_set_information",
        run: windows_memory_working_set_information,
        fixtures: &[],
    },
    Target {
        name: "windows_object_name_information",
        run: windows_object_name_information,
        fixtures: &[],
    },
    Target {
        name: "windows_process_handle_information",
        run: windows_process_handle_information,
        fixtures: &[],
    },
    Target {
        name: "windows_processor_power_information",
        run: windows_processor_power_information,
        fixtures: &[],
    },
    Target {
        name: "windows_system_extended_handle_information",
        run: windows_system_extended_handle_information,
        fixtures: &[],
    },
    Target {
        name: "windows_system_interrupt_information",
        run: windows_system_interrupt_information,
        fixtures: &[],
    },
    Target {
        name: "windows_system_pagefile_information",
        run: windows_system_pagefile_information,
        fixtures: &[],
    },
    Target {
        name: "windows_system_performance_information",
        run: windows_system_performance_information,
        fixtures: &[],
    },
    Target {
        name: "windows_system_power_status",
        run: windows_system_power_status,
        fixtures: &[],
    },
    Target {
        name: "windows_system_processor_performance_information",
        run: windows_system_processor_performance_information,
        fixtures: &[],
    },
    Target {
        name: "windows_system_time_of_day_information",
        run: windows_system_time_of_day_information,
        fixtures: &[],
    },
];

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
