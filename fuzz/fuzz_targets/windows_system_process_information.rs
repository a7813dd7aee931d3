#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pslens_fuzz::windows_system_process_information(data));
