//! What a process tells of itself.

use pslens::ErrorKind;
use pslens::net::ConnectionKind;
use pslens::process::Oneshot;
use pyo3::exceptions::{PyDeprecationWarning, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use super::values::Value;
use super::{Process, ask, values};
use crate::convert::{Text, epoch, tenths};
use crate::cpu::{checked_interval, sleep};
use crate::once::intern;
use crate::system::values::{MEMORY, MEMORY_FULL};
use crate::{errors, net, root, system};

#[pymethods]
impl Process {
    /// The pid of the parent.
    fn ppid(slf: &Bound<'_, Self>) -> PyResult<u32> {
        let (py, process) = (slf.py(), slf.get());
        let ppid = ask!(process, py, ppid)?.as_u32();
        process.state(py).ppid = Some(ppid);
        Ok(ppid)
    }

    /// The name of the process: that of its program, unless it has changed it, which it cannot on Windows.
    fn name<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        let (py, process) = (slf.py(), slf.get());
        if system::NAMES_LAST
            && let Some(known) = &process.state(py).name
        {
            return Ok(known.bind(py).clone());
        }
        let name = ask!(process, py, name)?;
        let name = Text::of(&name).into_pyobject(py)?.into_any();
        process.state(py).name = Some(name.clone().unbind());
        Ok(name)
    }

    /// The path of the program; `''` if it cannot be found out, as of kernel threads.
    fn exe<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        let (py, process) = (slf.py(), slf.get());
        if let Some(exe) = &process.state(py).exe {
            return Ok(exe.bind(py).clone());
        }
        let exe = process.try_ask(py, |process| process.exe(), |look| look.exe())?;
        let exe = none_if_unsupported(exe);
        let known = match exe {
            Ok(Some(path)) => values::text(py, Some(path.as_os_str()))?,
            Ok(None) => match process.guessed_exe(slf) {
                Ok(guess) => guess.unwrap_or_else(|| intern!(py, "").clone().into_any()),
                Err(error) if error.is_instance(py, errors::ACCESS_DENIED.class(py)?) => {
                    intern!(py, "").clone().into_any()
                }
                Err(error) => return Err(error),
            },
            Err(error) if error.kind() == ErrorKind::AccessDenied => {
                // Not remembered: it may be allowed later.
                return match process.guessed_exe(slf)? {
                    Some(guess) => Ok(guess),
                    None => Err(process.error(py, &error)),
                };
            }
            Err(error) => return Err(process.error(py, &error)),
        };
        process.state(py).exe = Some(known.clone().unbind());
        Ok(known)
    }

    /// The program's name and arguments; `[]` for kernel threads.
    fn cmdline<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::texts(slf.py(), &ask!(slf.get(), slf.py(), cmdline)?)
    }

    /// The environment that the process was started with, as a dictionary.
    fn environ<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::environ(slf.py(), &ask!(slf.get(), slf.py(), environ)?)
    }

    /// When it was started, in seconds since 1970. Remembered after the first call.
    fn create_time(slf: &Bound<'_, Self>) -> PyResult<f64> {
        let (py, process) = (slf.py(), slf.get());
        if let Some(known) = process.state(py).create_time {
            return Ok(known);
        }
        let created = epoch(ask!(process, py, create_time)?);
        process.state(py).create_time = Some(created);
        Ok(created)
    }

    /// What it is doing: one of the `STATUS_` constants.
    fn status(slf: &Bound<'_, Self>) -> PyResult<&'static str> {
        Ok(ask!(slf.get(), slf.py(), status)?.as_str())
    }

    /// The directory that it works in.
    fn cwd<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        let cwd =
            slf.get()
                .ask_if_supported(slf.py(), |process| process.cwd(), |look| look.cwd())?;
        values::text(slf.py(), cwd.as_ref().map(|path| path.as_os_str()))
    }

    /// How often it gave up a CPU: `voluntary` to wait for something, `involuntary` for another process.
    fn num_ctx_switches<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::num_ctx_switches(slf.py(), &ask!(slf.get(), slf.py(), num_ctx_switches)?)
    }

    /// The number of threads.
    fn num_threads(slf: &Bound<'_, Self>) -> PyResult<u32> {
        ask!(slf.get(), slf.py(), num_threads)
    }

    /// Its threads: `id`, `user_time`, `system_time` (seconds).
    fn threads<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::threads(slf.py(), &ask!(slf.get(), slf.py(), threads)?)
    }

    /// CPU use, in percent of one CPU: more than 100 for threads on several.
    ///
    /// With an `interval` it waits that many seconds and compares before and after. Without (`None` or 0)
    /// it compares with the last call and returns at once; then the first call has nothing to compare
    /// with and returns 0.0, which means nothing.
    ///
    /// >>> p.cpu_percent(interval=1)
    /// 2.0
    #[pyo3(signature = (interval = None))]
    fn cpu_percent(slf: &Bound<'_, Self>, interval: Option<&Bound<'_, PyAny>>) -> PyResult<f64> {
        let (py, process) = (slf.py(), slf.get());
        let interval = checked_interval(interval)?.filter(|interval| *interval > 0.0);
        if let Some(interval) = interval {
            let handle = process.handle(py)?;
            let times = py.detach(|| handle.cpu_times());
            let times = times.map_err(|error| process.error(py, &error))?;
            process.cpu_percent_since_last(py, times.total());
            sleep(py, interval)?;
            let times = py.detach(|| handle.cpu_times());
            let times = times.map_err(|error| process.error(py, &error))?;
            return Ok(process.cpu_percent_since_last(py, times.total()));
        }
        let times = ask!(process, py, cpu_times)?;
        Ok(process.cpu_percent_since_last(py, times.total()))
    }

    /// The older name of `memory_info`.
    fn memory_info_ex<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        let py = slf.py();
        let message = c"memory_info_ex() is deprecated; use memory_info() instead";
        PyErr::warn(py, &py.get_type::<PyDeprecationWarning>(), message, 1)?;
        slf.call_method0(intern!(py, "memory_info"))
    }

    /// Memory as a share of the machine's, in percent: `memtype` is a field of `memory_full_info`.
    #[pyo3(signature = (memtype = "rss"))]
    fn memory_percent(slf: &Bound<'_, Self>, memtype: &str) -> PyResult<f64> {
        let py = slf.py();
        if memtype == "rss" {
            return ask!(slf.get(), py, memory_percent);
        }
        let method = if MEMORY.contains(&memtype) {
            intern!(py, "memory_info")
        } else if MEMORY_FULL.contains(&memtype) {
            intern!(py, "memory_full_info")
        } else {
            let valid: Vec<_> = MEMORY.iter().chain(MEMORY_FULL).collect();
            let valid = PyTuple::new(py, valid)?.repr()?;
            let message = format!("invalid memtype '{memtype}'; valid types are {valid}");
            return Err(PyValueError::new_err(message));
        };
        let value: f64 = slf.call_method0(method)?.getattr(memtype)?.extract()?;
        let total = root::ask(py, pslens::memory::virtual_memory_in)?.total;
        #[expect(
            clippy::cast_precision_loss,
            reason = "a share does not need more digits"
        )]
        let total = total as f64;
        Ok(value / total * 100.0)
    }

    /// How often memory had to be fetched: `minor` without, `major` with reading from a disk.
    fn page_faults<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::page_faults(slf.py(), &ask!(slf.get(), slf.py(), page_faults)?)
    }

    /// Its sockets: `fd`, `family`, `type`, `laddr`, `raddr`, `status`. `kind` as for the function of that
    /// name.
    #[pyo3(signature = (kind = None), text_signature = "($self, kind='inet')")]
    fn net_connections<'py>(
        slf: &Bound<'py, Self>,
        kind: Option<&Bound<'py, PyAny>>,
    ) -> Value<'py> {
        let kind = kind.map_or(Ok(ConnectionKind::Inet), net::checked_kind)?;
        net::pconns(slf.py(), &ask!(slf.get(), slf.py(), net_connections, kind)?)
    }

    /// The older name of `net_connections`.
    #[pyo3(signature = (kind = None), text_signature = "($self, kind='inet')")]
    fn connections<'py>(slf: &Bound<'py, Self>, kind: Option<&Bound<'py, PyAny>>) -> Value<'py> {
        let py = slf.py();
        let message =
            c"connections() is deprecated and will be removed; use net_connections() instead";
        PyErr::warn(py, &py.get_type::<PyDeprecationWarning>(), message, 1)?;
        match kind {
            Some(kind) => slf.call_method1(intern!(py, "net_connections"), (kind,)),
            None => slf.call_method0(intern!(py, "net_connections")),
        }
    }
}

/// COMPAT(psutil): what the kernel does not tell is none.
fn none_if_unsupported<T>(answer: pslens::Result<Option<T>>) -> pslens::Result<Option<T>> {
    match answer {
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(None),
        answer => answer,
    }
}

impl Process {
    /// As [`Process::ask`], for what there need not be.
    pub(crate) fn ask_if_supported<T: Send>(
        &self,
        py: Python<'_>,
        anew: impl FnOnce(&pslens::Process) -> pslens::Result<Option<T>> + Send,
        within: impl FnOnce(&mut Oneshot) -> pslens::Result<Option<T>> + Send,
    ) -> PyResult<Option<T>> {
        none_if_unsupported(self.try_ask(py, anew, within)?).map_err(|error| self.error(py, &error))
    }

    /// CPU use since the last sample, which this one replaces.
    pub(super) fn cpu_percent_since_last(&self, py: Python<'_>, used: std::time::Duration) -> f64 {
        let now = std::time::Instant::now();
        let Some((before, then)) = self.state(py).sample.replace((used, now)) else {
            return 0.0;
        };
        let passed = now.duration_since(then).as_secs_f64();
        if passed == 0.0 {
            return 0.0;
        }
        // Rarely it goes back: the kernel scales what it has sampled.
        let used = used.as_secs_f64() - before.as_secs_f64();
        tenths(used / passed * 100.0)
    }

    /// COMPAT(psutil): the first argument, if it is the absolute path of a program.
    fn guessed_exe<'py>(&self, slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = slf.py();
        let cmdline = slf.call_method0(intern!(py, "cmdline"))?;
        let Ok(first) = cmdline.cast::<PyList>()?.get_item(0) else {
            return Ok(None);
        };
        let os = py.import(intern!(py, "os"))?;
        let path = os.getattr(intern!(py, "path"))?;
        let is_program = path
            .call_method1(intern!(py, "isabs"), (&first,))?
            .is_truthy()?
            && path
                .call_method1(intern!(py, "isfile"), (&first,))?
                .is_truthy()?
            && os
                .call_method1(intern!(py, "access"), (&first, os.getattr("X_OK")?))?
                .is_truthy()?;
        Ok(is_program.then_some(first))
    }
}
