#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pslens_fuzz::windows_vm_counters(data));
