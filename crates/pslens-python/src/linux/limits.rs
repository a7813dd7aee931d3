//! Limits of resources.

use pslens::process::{Limit, Limits, Resource};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::process::Process;

#[pymethods]
impl Process {
    /// The limits of a resource (one of the `RLIMIT_` constants) as `(soft, hard)`, or sets them.
    /// `RLIM_INFINITY` means no limit.
    ///
    /// >>> p.rlimit(RLIMIT_NOFILE)
    /// (1024, 1048576)
    /// >>> p.rlimit(RLIMIT_NOFILE, (4096, 1048576))
    #[pyo3(signature = (resource, limits = None))]
    fn rlimit<'py>(
        slf: &Bound<'py, Self>,
        resource: i64,
        limits: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let known = Resource::ALL
            .iter()
            .find(|known| resource_number(**known) == Some(resource));
        let Some(&resource) = known else {
            return Err(PyValueError::new_err("invalid resource specified"));
        };
        let Some(limits) = limits else {
            let process = slf.get();
            let handle = process.handle(py)?;
            let limits = py.detach(|| handle.rlimit(resource));
            let limits = limits.map_err(|error| process.error(py, &error))?;
            let pair = [number(limits.soft), number(limits.hard)];
            return Ok(PyTuple::new(py, pair)?.into_any());
        };
        if limits.len()? != 2 {
            let limits = limits.repr()?;
            let message = format!("second argument must be a (soft, hard) tuple, got {limits}");
            return Err(PyValueError::new_err(message));
        }
        let limits = Limits {
            soft: limit(&limits.get_item(0)?)?,
            hard: limit(&limits.get_item(1)?)?,
        };
        Self::act(slf, |process| process.set_rlimit(resource, limits))?;
        Ok(py.None().into_bound(py))
    }
}

/// The number of a resource, which Python's `resource` has as well.
fn resource_number(resource: Resource) -> Option<i64> {
    let number = match resource {
        Resource::As => libc::RLIMIT_AS,
        Resource::Core => libc::RLIMIT_CORE,
        Resource::Cpu => libc::RLIMIT_CPU,
        Resource::Data => libc::RLIMIT_DATA,
        Resource::Fsize => libc::RLIMIT_FSIZE,
        Resource::Locks => libc::RLIMIT_LOCKS,
        Resource::Memlock => libc::RLIMIT_MEMLOCK,
        Resource::Msgqueue => libc::RLIMIT_MSGQUEUE,
        Resource::Nice => libc::RLIMIT_NICE,
        Resource::Nofile => libc::RLIMIT_NOFILE,
        Resource::Nproc => libc::RLIMIT_NPROC,
        Resource::Rss => libc::RLIMIT_RSS,
        Resource::Rtprio => libc::RLIMIT_RTPRIO,
        Resource::Rttime => libc::RLIMIT_RTTIME,
        Resource::Sigpending => libc::RLIMIT_SIGPENDING,
        Resource::Stack => libc::RLIMIT_STACK,
        _ => return None,
    };
    Some(number.into())
}

/// The constants `RLIMIT_...` and `RLIM_INFINITY`.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    for resource in Resource::ALL {
        if let Some(number) = resource_number(*resource) {
            module.add(resource.name(), number)?;
        }
    }
    module.add("RLIM_INFINITY", -1)
}

/// As the standard library's `resource` has it: without a limit, -1.
fn number(limit: Limit) -> i128 {
    limit.value().map_or(-1, i128::from)
}

fn limit(number: &Bound<'_, PyAny>) -> PyResult<Limit> {
    let number: i128 = number.extract()?;
    if number == -1 {
        return Ok(Limit::Unlimited);
    }
    u64::try_from(number).map(Limit::At).map_err(|_| {
        PyValueError::new_err(format!("{number} is no limit: 0 and up, or RLIM_INFINITY"))
    })
}
