"""psrecord: starts a program and writes down its CPU and memory."""

import pathlib
import shlex
import sys

from support import PATIENCE, as_psutil, eventually, extensions

# Some memory, a known amount of CPU time, and an end of its own.
BURN = """
import time
memory = bytearray(64 << 20)
while time.process_time() < 1.5:
    pass
"""


def test_a_recorded_program_has_used_what_it_used(tmp_path):
    log = tmp_path / "log"
    program = pathlib.Path(sys.executable).with_name("psrecord")
    # It starts a shell, and records what that becomes.
    burn = f"exec {shlex.quote(sys.executable)} -c {shlex.quote(BURN)}"
    with as_psutil(program, burn, "--log", log, "--interval", "0.05") as psrecord:

        def loaded():
            assert psrecord.poll() is None, "psrecord has ended"
            return extensions(psrecord.pid)

        assert eventually(loaded, "the import of psutil") == {"pslens"}
        psrecord.wait(PATIENCE)
    assert psrecord.returncode == 0

    header, *lines = log.read_text().splitlines()
    assert header.split() == ["#", "Elapsed", "time", "CPU", "(%)", "Real", "(MB)", "Virtual", "(MB)"]
    rows = [[float(word) for word in line.split()] for line in lines]
    times = [row[0] for row in rows]
    assert len(rows) > 5
    assert times == sorted(times)
    # The percentage speaks of the time since the row before.
    seconds = sum((after[0] - before[0]) * after[1] / 100 for before, after in zip(rows, rows[1:]))
    assert 0.75 < seconds < 2
    most = max(row[2] for row in rows)
    assert 64 < most < 128
    assert all(real <= virtual for _, _, real, virtual in rows)
