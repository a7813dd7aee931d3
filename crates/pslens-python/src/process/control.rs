//! Acting on a process: priorities, limits, signals.

use pslens::ErrorKind;
use pslens::process::{IoPriority, Limit, Limits, Resource, Signal};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::{Process, ask, values};
use crate::once::intern;
use crate::root;

impl Process {
    /// Acts on the process, without the interpreter's lock.
    fn act(
        slf: &Bound<'_, Self>,
        act: impl FnOnce(&pslens::Process) -> pslens::Result<()> + Send,
    ) -> PyResult<()> {
        Self::raise_if_reused(slf)?;
        let (py, process) = (slf.py(), slf.get());
        let handle = process.handle(py)?;
        py.detach(|| act(&handle)).map_err(|error| {
            if error.kind() == ErrorKind::NoSuchProcess {
                process.state(py).gone = true;
            }
            process.error(py, &error)
        })
    }
}

#[pymethods]
impl Process {
    /// The priority, or with a `value` sets it: -20 (first) to 19 (last). Less than it was is refused to
    /// ordinary users.
    #[pyo3(signature = (value = None))]
    fn nice<'py>(slf: &Bound<'py, Self>, value: Option<i32>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let Some(value) = value else {
            let nice = ask!(slf.get(), py, nice)?;
            return Ok(nice.into_pyobject(py)?.into_any());
        };
        // COMPAT(psutil): as the system call does it, more than that is the most.
        let value = value.clamp(-20, 19);
        Self::act(slf, |process| process.set_nice(value))?;
        Ok(py.None().into_bound(py))
    }

    /// The I/O priority, or with an `ioclass` sets it: one of the `IOPRIO_CLASS_` constants, with a level
    /// from 0 (first) to 7 (last) for the classes that have levels.
    #[pyo3(signature = (ioclass = None, value = None))]
    fn ionice<'py>(
        slf: &Bound<'py, Self>,
        ioclass: Option<&Bound<'py, PyAny>>,
        value: Option<i64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let Some(ioclass) = ioclass else {
            if value.is_some() {
                return Err(PyValueError::new_err(
                    "'ioclass' argument must be specified",
                ));
            }
            return values::ionice(py, ask!(slf.get(), py, ionice)?);
        };
        let class: i32 = ioclass.extract()?;
        let Ok(class) = u8::try_from(class) else {
            return Err(invalid_argument(py));
        };
        let has_levels = matches!(class, 1 | 2);
        let level = value.unwrap_or(0);
        if level != 0 && !has_levels {
            let ioclass = ioclass.repr()?;
            let message = format!("{ioclass} ioclass accepts no value");
            return Err(PyValueError::new_err(message));
        }
        let level = u8::try_from(level).ok().filter(|level| *level <= 7);
        let Some(level) = level else {
            return Err(PyValueError::new_err("value not in 0-7 range"));
        };
        let priority = IoPriority::from_class_and_level(class, has_levels.then_some(level))
            .map_err(|error| slf.get().error(py, &error))?;
        Self::act(slf, |process| process.set_ionice(priority))?;
        Ok(py.None().into_bound(py))
    }

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

    /// The numbers of the CPUs that it may run on, or sets them; an empty list means all.
    ///
    /// >>> p.cpu_affinity()
    /// [0, 1, 2, 3]
    /// >>> p.cpu_affinity([0, 1])
    #[pyo3(signature = (cpus = None))]
    fn cpu_affinity<'py>(
        slf: &Bound<'py, Self>,
        cpus: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let Some(cpus) = cpus else {
            let cpus = ask!(slf.get(), py, cpu_affinity)?;
            return Ok(cpus.into_pyobject(py)?.into_any());
        };
        if cpus.is_truthy()? {
            let mut numbers = Vec::new();
            for cpu in cpus.try_iter()? {
                let cpu = cpu?;
                // Negative and huge ones are no CPUs of any machine.
                let number: i64 = cpu.extract()?;
                let number = u32::try_from(number);
                numbers.push(number.map_err(|_| Self::no_such_cpu(py, &cpu))?);
            }
            let result = Self::act(slf, |process| process.set_cpu_affinity(&numbers));
            result.map_err(|error| Self::explained(py, error, &numbers))?;
        } else {
            Self::act(slf, pslens::Process::reset_cpu_affinity)?;
        }
        Ok(py.None().into_bound(py))
    }

    /// Sends a signal, by number or as a member of `signal.Signals`; never to another process that has
    /// the pid by now.
    fn send_signal(slf: &Bound<'_, Self>, sig: i32) -> PyResult<()> {
        let Ok(signal) = Signal::from_raw(sig) else {
            return Err(invalid_argument(slf.py()));
        };
        Self::act(slf, |process| process.send_signal(signal))
    }

    /// Stops the process (`SIGSTOP`) until `resume`.
    fn suspend(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::act(slf, pslens::Process::suspend)
    }

    /// Lets the process go on after `suspend` (`SIGCONT`).
    fn resume(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::act(slf, pslens::Process::resume)
    }

    /// Asks the process to end (`SIGTERM`), which it may do later or not at all.
    fn terminate(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::act(slf, pslens::Process::terminate)
    }

    /// Ends the process (`SIGKILL`), which it can neither refuse nor delay.
    fn kill(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::act(slf, pslens::Process::kill)
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
pub(crate) fn add_resources(module: &Bound<'_, PyModule>) -> PyResult<()> {
    for resource in Resource::ALL {
        if let Some(number) = resource_number(*resource) {
            module.add(resource.name(), number)?;
        }
    }
    module.add("RLIM_INFINITY", -1)
}

/// `EINVAL`
const INVALID: i32 = 22;

/// What the system call would say.
fn invalid_argument(py: Python<'_>) -> PyErr {
    let text = || {
        let os = py.import(intern!(py, "os"))?;
        os.call_method1(intern!(py, "strerror"), (INVALID,))
    };
    match text() {
        Ok(text) => PyOSError::new_err((INVALID, text.unbind())),
        Err(error) => error,
    }
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

impl Process {
    fn no_such_cpu(py: Python<'_>, cpu: &Bound<'_, PyAny>) -> PyErr {
        let eligible = Self::cpus(py);
        match cpu.repr() {
            Ok(cpu) => {
                PyValueError::new_err(format!("invalid CPU {cpu}; choose between {eligible:?}"))
            }
            Err(error) => error,
        }
    }

    fn cpus(py: Python<'_>) -> Vec<u32> {
        let times = root::ask(py, pslens::cpu::times_per_cpu_in);
        times.map_or_else(
            |_| Vec::new(),
            |cpus| cpus.iter().map(|cpu| cpu.cpu).collect(),
        )
    }

    /// psutil's words for CPUs that this machine does not have.
    fn explained(py: Python<'_>, error: PyErr, cpus: &[u32]) -> PyErr {
        if !error.is_instance_of::<PyValueError>(py) {
            return error;
        }
        let known = Self::cpus(py);
        match cpus.iter().find(|cpu| !known.contains(cpu)) {
            Some(cpu) => {
                PyValueError::new_err(format!("invalid CPU {cpu}; choose between {known:?}"))
            }
            None => error,
        }
    }
}
