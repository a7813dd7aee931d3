//! Services: the list of the service control manager, and what it knows of each.

use std::ffi::{OsStr, OsString};
use std::io;

use pslens_parse::windows::{
    enum_service_status_process, query_service_config, service_description,
};
use windows_sys::Win32::Foundation::{
    ERROR_FILE_NOT_FOUND, ERROR_INVALID_NAME, ERROR_MUI_FILE_NOT_FOUND, ERROR_NOT_FOUND,
    ERROR_SERVICE_DOES_NOT_EXIST,
};
use windows_sys::Win32::System::Services::{
    SC_MANAGER_CONNECT, SC_MANAGER_ENUMERATE_SERVICE, SERVICE_AUTO_START, SERVICE_BOOT_START,
    SERVICE_CONTINUE_PENDING, SERVICE_DEMAND_START, SERVICE_DISABLED, SERVICE_PAUSE_PENDING,
    SERVICE_PAUSED, SERVICE_QUERY_CONFIG, SERVICE_QUERY_STATUS, SERVICE_RUNNING,
    SERVICE_START_PENDING, SERVICE_STOP_PENDING, SERVICE_STOPPED, SERVICE_SYSTEM_START,
};

use super::errors::code;
use super::ffi::buffer::Buffer;
use super::ffi::services::{self as ffi, Manager};
use super::wide;
use crate::error::{Error, Result};
use crate::os::windows::services::{Config, Service, StartType, State, Status};
use crate::process::Pid;

const ALL: &str = "services all";

pub(crate) fn all() -> Result<Vec<Service>> {
    let fail = |error| Error::os(ALL, error);
    let manager = Manager::connect(SC_MANAGER_ENUMERATE_SERVICE).map_err(fail)?;
    let mut buffer = Buffer::with_room(ffi::LARGEST_LIST);
    let mut resume = 0;
    let mut services = Vec::new();
    loop {
        let (count, more) = manager.list(&mut buffer, &mut resume).map_err(fail)?;
        for row in enum_service_status_process::rows(buffer.memory(), count) {
            let row = row.map_err(|error| Error::invalid_data(ALL, error))?;
            let State { status, pid } = state_of(row.state, row.pid);
            services.push(Service {
                name: wide::text(row.name),
                display_name: wide::text(row.display_name),
                status,
                pid,
            });
        }
        if !more {
            return Ok(services);
        }
    }
}

pub(crate) fn get(name: &OsStr) -> Result<Service> {
    let ask = Ask::about(name, "services get")?;
    let display_name = ask.manager.display_name(&ask.name);
    let display_name = display_name.map_err(|error| ask.failed(error))?;
    let State { status, pid } = ask.state()?;
    Ok(Service {
        name: name.to_owned(),
        display_name,
        status,
        pid,
    })
}

pub(crate) fn state(name: &OsStr) -> Result<State> {
    Ask::about(name, "services state")?.state()
}

pub(crate) fn config(name: &OsStr) -> Result<Config> {
    let ask = Ask::about(name, "services config")?;
    let bytes = ask.open(SERVICE_QUERY_CONFIG)?.config();
    let bytes = bytes.map_err(|error| ask.failed(error))?;
    let config = query_service_config::parse(bytes.memory())
        .map_err(|error| Error::invalid_data(ask.operation, error).of_path(ask.subject))?;
    Ok(Config {
        binpath: config.binary_path_name.and_then(wide::some_text),
        username: config.service_start_name.and_then(wide::some_text),
        start_type: start_type(config.start_type),
    })
}

pub(crate) fn description(name: &OsStr) -> Result<Option<OsString>> {
    let ask = Ask::about(name, "services description")?;
    let bytes = match ask.open(SERVICE_QUERY_CONFIG)?.description() {
        Ok(bytes) => bytes,
        // The description is a reference to another file's resource, and the file or its translation is not
        // there.
        Err(error)
            if matches!(
                code(&error),
                Some(ERROR_NOT_FOUND | ERROR_FILE_NOT_FOUND | ERROR_MUI_FILE_NOT_FOUND)
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(ask.failed(error)),
    };
    let text = service_description::parse(bytes.memory())
        .map_err(|error| Error::invalid_data(ask.operation, error).of_path(ask.subject))?;
    Ok(text.and_then(wide::some_text))
}

/// A question about one service.
struct Ask<'a> {
    operation: &'static str,
    manager: Manager,
    subject: &'a OsStr,
    /// The subject as the API wants it.
    name: Vec<u16>,
}

impl<'a> Ask<'a> {
    fn about(subject: &'a OsStr, operation: &'static str) -> Result<Self> {
        let name = wide::terminated(subject);
        // What stands behind a NUL would not be seen, and another service be asked.
        if name.iter().position(|&unit| unit == 0) != Some(name.len() - 1) {
            let none = io::Error::from_raw_os_error(ERROR_SERVICE_DOES_NOT_EXIST.cast_signed());
            return Err(Error::os_path(operation, subject, none));
        }
        let manager = Manager::connect(SC_MANAGER_CONNECT)
            .map_err(|error| Error::os_path(operation, subject, error))?;
        Ok(Self {
            operation,
            manager,
            subject,
            name,
        })
    }

    fn open(&self, access: u32) -> Result<ffi::Service> {
        let service = self.manager.open(&self.name, access);
        service.map_err(|error| self.failed(error))
    }

    fn state(&self) -> Result<State> {
        let status = self.open(SERVICE_QUERY_STATUS)?.status();
        let status = status.map_err(|error| self.failed(error))?;
        Ok(state_of(status.dwCurrentState, status.dwProcessId))
    }

    /// What cannot be a service's name is no service's.
    fn failed(&self, error: io::Error) -> Error {
        let error = match code(&error) {
            Some(ERROR_INVALID_NAME) => {
                io::Error::from_raw_os_error(ERROR_SERVICE_DOES_NOT_EXIST.cast_signed())
            }
            _ => error,
        };
        Error::os_path(self.operation, self.subject, error)
    }
}

/// Memory that was filled where it is.
fn state_of(state: u32, pid: u32) -> State {
    State {
        status: match state {
            SERVICE_RUNNING => Status::Running,
            SERVICE_PAUSED => Status::Paused,
            SERVICE_START_PENDING => Status::StartPending,
            SERVICE_PAUSE_PENDING => Status::PausePending,
            SERVICE_CONTINUE_PENDING => Status::ContinuePending,
            SERVICE_STOP_PENDING => Status::StopPending,
            SERVICE_STOPPED => Status::Stopped,
            _ => Status::Unknown,
        },
        pid: (pid != 0).then(|| Pid::from(pid)),
    }
}

const fn start_type(start_type: u32) -> StartType {
    match start_type {
        SERVICE_AUTO_START => StartType::Automatic,
        SERVICE_DEMAND_START => StartType::Manual,
        SERVICE_DISABLED => StartType::Disabled,
        SERVICE_BOOT_START => StartType::Boot,
        SERVICE_SYSTEM_START => StartType::System,
        _ => StartType::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_start_types_have_the_words_of_psutil() {
        let states = (0..9).map(|state| state_of(state, 4).status.as_str());
        assert_eq!(
            states.collect::<Vec<_>>(),
            [
                "unknown",
                "stopped",
                "start_pending",
                "stop_pending",
                "running",
                "continue_pending",
                "pause_pending",
                "paused",
                "unknown",
            ]
        );
        let starts = (0..6).map(|kind| start_type(kind).as_str());
        assert_eq!(
            starts.collect::<Vec<_>>(),
            [
                "boot",
                "system",
                "automatic",
                "manual",
                "disabled",
                "unknown"
            ]
        );
    }

    #[test]
    fn no_process_is_not_process_0() {
        assert_eq!(state_of(1, 0).pid, None);
        assert_eq!(state_of(4, 8).pid, Some(Pid::from(8_u32)));
    }
}
