//! Only on Windows: services.

pub mod services;
