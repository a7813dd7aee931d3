#![no_main]

libfuzzer_sys::fuzz_target!(
    |data: &[u8]| pslens_fuzz::windows_system_time_of_day_information(data)
);
