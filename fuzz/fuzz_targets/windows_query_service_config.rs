#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pslens_fuzz::windows_query_service_config(data));
