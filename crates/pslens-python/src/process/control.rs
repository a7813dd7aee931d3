//! Acting on a process.

use pslens::ErrorKind;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::{Process, ask};
use crate::root;

impl Process {
    /// Acts on the process, without the interpreter's lock.
    pub(crate) fn act(
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
