"""A local cluster of dask, with a process for each worker. It knows nothing of psutil or pslens."""

import json
import os

from distributed import Client, LocalCluster


def monitored(dask_worker):
    return {"pid": os.getpid(), "monitor": dask_worker.monitor.recent()}


def main():
    local = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with LocalCluster(**local, memory_limit="1GiB") as cluster, Client(cluster) as client:
        assert sum(client.gather(client.map(abs, range(-9, 0)))) == 45
        workers = client.run(monitored)
        for address, worker in client.scheduler_info(n_workers=-1)["workers"].items():
            workers[address]["metrics"] = {
                name: worker["metrics"][name] for name in ("cpu", "memory", "num_fds")
            }
        scheduler = client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.monitor.recent())
        print(json.dumps({"workers": list(workers.values()), "scheduler": scheduler}), flush=True)
        # Until we were looked at.
        input()


if __name__ == "__main__":
    main()
