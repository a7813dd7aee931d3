#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pslens_fuzz::linux_net_dev(data));
