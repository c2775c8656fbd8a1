"""`make cluster`: three nodes on loopback until Ctrl-C, their data in a temporary folder."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .jars import NotToBeHad
from .nodes import NotReady, running


def main() -> None:
    """Start, print the address, wait. Exit status 1, with the reason, where no cluster can be had."""
    parser = argparse.ArgumentParser(prog="make cluster ARGS=…", description=__doc__)
    parser.add_argument("--ports", type=int, nargs="*", default=[], help="of HTTP, one a node; free ones without")
    parser.add_argument("--nodes", type=int, default=3, help="where no ports are given")
    parser.add_argument("--heap", default="768m", help="of each node, as Java writes it")
    parser.add_argument("--thorough", action="store_true", help="let Java compile as in production: for measuring")
    parser.add_argument("--address-file", type=Path, help="write the addresses there as soon as all is green")
    options = parser.parse_args()
    java = [f"-Xmx{options.heap}", *(["-XX:TieredStopAtLevel=4"] if options.thorough else [])]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with (
            TemporaryDirectory(prefix="yibao-cluster-", ignore_cleanup_errors=True) as folder,
            running(Path(folder), options.ports, options.nodes, java) as cluster,
        ):
            print(f"opensearch://{cluster.addresses}/yibao\nCtrl-C stops it. Data and logs: {folder}", flush=True)
            if options.address_file:
                options.address_file.write_text(cluster.addresses, encoding="utf-8")
            signal.pause()
    except KeyboardInterrupt:
        print("stopped")
    except (NotToBeHad, NotReady) as error:
        sys.exit(f"make cluster: {error}")


if __name__ == "__main__":
    main()
