"""Waiting until something is on the disk, and sharing what is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until a file, or what a directory lists, is on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def share(source: Path, target: Path) -> None:
    """Give a file that is on the disk, and never changes, a second name; or a copy where there are no hard links."""
    try:
        os.link(source, target)
    except OSError:
        # Another file system, or one without hard links. What is linked is on the disk already, a copy is not.
        shutil.copy2(source, target)
        sync(target)
