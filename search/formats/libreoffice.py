"""Older documents → newer ones, by LibreOffice where it is installed.

It runs without a window and without macros, in a profile of its own that is thrown away, asks no address on the network
and has bounded time; the limits of the process that calls it (`processes.Confined`) hold for it too.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from ..errors import SourceError

SECONDS = 90
"""How long a conversion may take; a usual one takes 3 to 10."""
MISSING = "read with LibreOffice, which is not installed (no soffice on the path); or save it as .docx, .xlsx or PDF"

_FILTERS = {"docx": "docx:MS Word 2007 XML", "xlsx": "xlsx:Calc MS Excel 2007 XML"}
_NOWHERE = "http://127.0.0.1:9"
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks"
 oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse">
<value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse">
<value>2</value></prop></item>
</oor:items>
"""


def is_installed() -> bool:
    """Tell whether LibreOffice is there."""
    return shutil.which("soffice") is not None


def converted(data: bytes, path: str, suffix: str, into: str) -> bytes:
    """Return a document of the format `suffix` as `into` (docx or xlsx). Raises SourceError."""
    program = shutil.which("soffice")
    if program is None:
        raise SourceError(path, MISSING)
    with tempfile.TemporaryDirectory(prefix="yibao-") as name:
        folder = Path(name)
        (folder / "profile" / "user").mkdir(parents=True)
        (folder / "profile" / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        (folder / f"in.{suffix}").write_bytes(data)
        command = [
            *(program, "--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"),
            *(f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", _FILTERS[into]),
            *("--outdir", str(folder / "out"), str(folder / f"in.{suffix}")),
        ]
        _run(command, folder, path)
        found = folder / "out" / f"in.{into}"
        if not found.is_file():
            raise SourceError(path, "LibreOffice cannot read the file")
        return found.read_bytes()


def _run(command: list[str], folder: Path, path: str) -> None:
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "HTTP_PROXY", "HTTPS_PROXY"), _NOWHERE)
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "TMPDIR": str(folder), **proxies}
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
    )
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired as error:
        raise SourceError(path, f"LibreOffice takes more than {SECONDS} s") from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
