"""Probe a list of peers on a cluster, with dask.distributed: each batch of addresses has an engine of its own.

pip install "dask[distributed]"
python examples/probe_dask.py peers.txt                              # a small cluster on this machine
python examples/probe_dask.py peers.txt --scheduler tcp://10.0.0.1:8786
"""

import argparse
from pathlib import Path

from dask.distributed import Client, LocalCluster

from pyrum_sync import probe_many
from pyrum_sync.probing import read_addresses


def main() -> None:
    parser = argparse.ArgumentParser(description="Probe many peers on a dask cluster.")
    parser.add_argument("peers", type=Path, help="a file with one address on each line")
    parser.add_argument("--scheduler", help="of a cluster whose workers have pyrum-sync[engine] installed")
    options = parser.parse_args()
    addresses = list(read_addresses(options.peers.read_text(encoding="utf-8-sig").splitlines()))

    # One thread for each worker: a batch keeps a core busy.
    cluster = options.scheduler or LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with Client(cluster) as client, client.get_executor() as executor:
        for report in probe_many(addresses, executor=executor):
            print(report.peer_id, report.agent, report.network, report.fork, report.error or "ok", sep="\t", flush=True)
    if options.scheduler is None:
        cluster.close()


if __name__ == "__main__":  # the workers import this file, too
    main()
