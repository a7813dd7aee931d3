"""A Jupyter kernel, which tells what it uses, and ends what it has started when it is shut down."""

import pslens
import pytest
from jupyter_client.manager import start_new_kernel
from support import PATIENCE, eventually, extensions

CHILDREN = """
import os, signal, subprocess, sys
# Nobody waits for them. As zombies they would be its children still, for half a minute.
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
children = [subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) for _ in range(2)]
print(os.getpid(), *(child.pid for child in children))
"""


@pytest.fixture
def kernel():
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=PATIENCE)
    yield manager, client
    client.stop_channels()
    if manager.has_kernel:
        manager.shutdown_kernel(now=True)


def printed(client, code):
    texts = []

    def hear(message):
        if message["msg_type"] == "stream":
            texts.append(message["content"]["text"])

    reply = client.execute_interactive(code, timeout=PATIENCE, output_hook=hear)
    assert reply["content"]["status"] == "ok", reply
    return "".join(texts)


def usage(client):
    message = client.session.msg("usage_request")
    client.control_channel.send(message)
    reply = client.get_control_msg(timeout=PATIENCE)
    assert reply["msg_type"] == "usage_reply"
    return reply["content"]


def test_what_a_kernel_uses(kernel):
    _, client = kernel
    told = usage(client)
    process = pslens.Process(told["pid"])
    assert process in pslens.Process().children()
    assert extensions(process.pid) == {"pslens"}
    assert told["kernel_memory"] == pytest.approx(process.memory_full_info().pss, rel=0.5)
    assert told["kernel_cpu"] >= 0
    assert told["cpu_count"] == pslens.cpu_count()
    assert told["host_virtual_memory"].keys() == pslens.virtual_memory()._asdict().keys()
    assert told["host_virtual_memory"]["total"] == pslens.virtual_memory().total


def test_a_kernel_that_is_shut_down_ends_its_children(kernel):
    manager, client = kernel
    pids = [int(pid) for pid in printed(client, CHILDREN).split()]
    usage(client)
    processes = [pslens.Process(pid) for pid in pids]
    assert set(processes[1:]) == set(processes[0].children())
    assert extensions(pids[0]) == {"pslens"}
    client.shutdown()
    manager.finish_shutdown(PATIENCE)
    eventually(
        lambda: not any(process.is_running() for process in processes), "the end of the kernel's children"
    )
