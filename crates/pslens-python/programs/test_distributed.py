"""dask's local cluster: workers that watch themselves, in processes of their own, so by `pslens-psutil`."""

import json
import pathlib
import subprocess
import sys

import pslens
import pytest
from support import PATIENCE, extensions, running

PROGRAM = pathlib.Path(__file__).with_name("cluster.py")


def test_the_workers_of_a_cluster_watch_themselves():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with running(sys.executable, PROGRAM, **pipes) as cluster:
        told = json.loads(cluster.stdout.readline())
        assert extensions(cluster.pid) == {"pslens"}
        check(told["scheduler"], pslens.Process(cluster.pid))
        assert len(told["workers"]) == 2
        for worker in told["workers"]:
            assert extensions(worker["pid"]) == {"pslens"}
            process = pslens.Process(worker["pid"])
            assert process in pslens.Process(cluster.pid).children(recursive=True)
            check(worker["monitor"], process)
            check(worker["metrics"], process)
        cluster.communicate("\n", timeout=PATIENCE)
    assert cluster.returncode == 0


def check(told, process):
    """What it measured of itself is about what we find."""
    assert 0 <= told["cpu"] <= 100 * pslens.cpu_count() + 10
    assert told["memory"] == pytest.approx(process.memory_info().rss, rel=0.5)
    assert 3 < told["num_fds"] < process.num_fds() + 50
    for name in (
        "host_net_io.read_bps",
        "host_net_io.write_bps",
        "host_disk_io.read_bps",
        "host_disk_io.write_bps",
    ):
        assert told.get(name, 0) >= 0
