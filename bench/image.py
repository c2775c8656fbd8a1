"""Walk docs/deploy/Dockerfile in a clean root without a container daemon, and serve: `python -m bench.image ROOT`.

ROOT is a fresh Debian in the place of the image python:3.11-slim-bookworm: `debootstrap --variant=minbase
--include=python3,python3-venv,python3-dev,ca-certificates bookworm ROOT`. Every step runs in it by chroot, as root;
both stages share it. Then the server runs as the image's user, with no new privileges, in a mount namespace where ROOT
is read-only but for /tmp. Linux, as root.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
PORT = 8731
PASSED_ON = ("PIP_CERT", "PIP_DEFAULT_TIMEOUT", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY")


def instructions() -> list[tuple[str, str]]:
    text = (CHECKOUT / "docs/deploy/Dockerfile").read_text("utf-8").replace("\\\n", "")
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def taken() -> list[str]:
    """Return the tracked files that .dockerignore lets through."""
    lines = (CHECKOUT / ".dockerignore").read_text("utf-8").splitlines()
    roots = [line[2:] for line in lines if line.startswith("!/")]
    listed = subprocess.run(
        ["git", "ls-files", *roots], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [name for name in listed if not name.startswith("search/quality/judged")]


def copy(source: str, target: Path) -> None:
    for name in taken() if source == "." else [source]:
        place = target / name if source == "." else target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CHECKOUT / name, place)


def chroot(root: Path, *command: str, user: str = "0:0", environment: dict[str, str] | None = None) -> list[str]:
    values = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/nonexistent", **(environment or {})}
    settings = [f"{name}={value}" for name, value in values.items()]
    return ["chroot", f"--userspec={user}", "--groups=", str(root), "env", "-i", *settings, *command]


def walk(root: Path) -> tuple[dict[str, str], str, list[str]]:
    """Do what the Dockerfile says; return the environment, the user and the command of the image."""
    environment: dict[str, str] = {}
    user, where, command = "0:0", "/", []
    network = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    for name, rest in instructions():
        print(f"{name} {rest[:100]}", flush=True)
        started = time.monotonic()
        if name == "WORKDIR":
            where = rest
            (root / where.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif name == "COPY" and not rest.startswith("--from"):
            source, target = rest.split()
            copy(source, root / where.lstrip("/") / ("" if target == "." else target))
        elif name == "COPY":
            owner = re.search(r"--chown=(\S+)", rest)
            if owner:
                subprocess.run(chroot(root, "chown", "-R", owner[1], rest.split()[-1]), check=True)
        elif name == "RUN":
            shell = chroot(root, "sh", "-ec", f"cd {where}; {rest}", environment={**network, **environment})
            subprocess.run(shell, check=True)
        elif name == "ENV":
            pairs = dict(pair.split("=", 1) for pair in shlex.split(rest))
            environment |= {key: value.replace("$PATH", "/usr/bin:/bin") for key, value in pairs.items()}
        elif name == "USER":
            user = rest
        elif name in ("ENTRYPOINT", "CMD"):
            command += json.loads(rest)
        elif name == "FROM":
            where = "/"
        print(f"    {time.monotonic() - started:.1f} s", flush=True)
    return environment, user, command


def serve(root: Path, environment: dict[str, str], user: str, command: list[str]) -> None:
    """Serve as the image would, read-only; print what was answered, and how soon."""
    command = [str(PORT) if word == "8000" else word for word in command]
    inner = shlex.join(chroot(root, "setpriv", "--no-new-privs", *command, user=user, environment=environment))
    here = shlex.quote(str(root))
    script = (
        f"mount --bind {here} {here} && mount -o remount,ro,bind {here} && mount -t tmpfs tmpfs {here}/tmp && "
        f"mount -t proc proc {here}/proc && ! touch {here}/var/lib/yibao/x 2>/dev/null && exec {inner}"
    )
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=5)
    except OSError:
        pass
    else:
        raise SystemExit(f"something listens on port {PORT} already")
    started = time.monotonic()
    process = subprocess.Popen(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", script])
    try:
        answer = None
        while answer is None:
            assert process.poll() is None, "it ended"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/v1/search?size=1", timeout=5) as response:
                    answer = json.load(response)
            except OSError:
                time.sleep(0.02)
        print(f"first answer after {time.monotonic() - started:.2f} s: {answer['total']} articles", flush=True)
        listed = subprocess.run(["ps", "-eo", "uid,args"], capture_output=True, text=True, check=True).stdout
        uids = {line.split()[0] for line in listed.splitlines() if "/opt/yibao/bin/yibao serve" in line}
        print(f"its processes run as {uids - {'0'}} (and what started them as 0)", flush=True)
    finally:
        # `unshare` itself waits and takes no notice; what it started stops as in a container.
        [started_by_it] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(started_by_it), signal.SIGTERM)
        print(f"stopped with exit status {process.wait(30)}", flush=True)


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    for file in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):  # how this machine reaches others
        shutil.copyfile(f"/{file}", folder / file)
    serve(folder, *walk(folder))
