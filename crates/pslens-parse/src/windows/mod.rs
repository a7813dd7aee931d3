//! Windows: one module per structure that the kernel or the API fills, named after it.
//!
//! Structures are those of 64-bit Windows unless a module says otherwise. Pointers in them are offsets once
//! the address is known at which the bytes stood; every decoder that follows one takes that address.

pub mod command_line;
pub mod disk_performance;
pub mod enum_service_status_process;
pub mod environment_block;
mod fields;
pub mod ip_adapter_addresses;
pub mod logical_processor_information;
mod memory;
pub mod memory_working_set_information;
mod mib_table;
pub mod mib_tcp_table;
pub mod mib_udp_table;
pub mod nt_path;
pub mod peb;
pub mod process_basic_information;
pub mod process_handle_information;
pub mod processor_power_information;
pub mod query_service_config;
pub mod service_description;
pub mod system_extended_handle_information;
pub mod system_interrupt_information;
pub mod system_pagefile_information;
pub mod system_performance_information;
pub mod system_power_status;
pub mod system_process_information;
pub mod system_processor_performance_information;
pub mod system_time_of_day_information;
pub mod token_user;
pub mod unicode_string;
pub mod user_process_parameters;
pub mod vm_counters;
mod width;
pub mod wts_client_address;
pub mod wts_session_info;
pub mod wtsinfo;

pub use memory::{Memory, Wide};
pub use unicode_string::UnicodeString;
pub use width::Width;
