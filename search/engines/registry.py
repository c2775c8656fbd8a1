"""Which engine an address means: the part before `://` names it, a plain path is a Whoosh index in that directory."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from ..errors import EngineUnknown
from .contract import Index

ENGINES: dict[str, str] = {"whoosh": "search.engines.whoosh", "opensearch": "search.engines.opensearch"}
"""Name of an engine → module with a function `index_at(address: str) -> Index`, imported when it is asked for."""

EXTRAS = {"opensearch": "cluster"}
"""Name of an engine → the extra with the packages that it needs, if there is one."""

DEFAULT = "whoosh"


def index_at(address: str | Path) -> Index:
    """Return the index at an address; nothing is opened yet. Raises EngineUnknown, also where its package is missing.

    `opensearch://host:9200/name` goes as it is to the engine of that name, `whoosh:///var/lib/yibao` and
    `/var/lib/yibao` mean the same.
    """
    name = engine_name(address)
    module = ENGINES.get(name)
    if module is None:
        known = ", ".join(sorted(ENGINES))
        raise EngineUnknown(f"there is no engine {name!r} for the address {safe(address)}; known are: {known}")
    place = str(address).removeprefix(f"{DEFAULT}://")
    try:
        found = import_module(module)
    except ModuleNotFoundError as error:
        if name not in EXTRAS or (error.name or "").startswith("search"):
            raise
        asked = f"pip install 'yibao-search[{EXTRAS[name]}]'"
        raise EngineUnknown(f"the engine {name} needs {error.name}, which is not installed: {asked}") from None
    return cast("Index", found.index_at(place))


def engine_name(address: str | Path) -> str:
    """Return the name of the engine that an address means."""
    name, separator, _ = str(address).partition("://")
    return name if separator else DEFAULT


def safe(address: str | Path) -> str:
    """Return an address without the user and password that may stand in it."""
    name, separator, rest = str(address).partition("://")
    return f"{name}{separator}{rest.rpartition('@')[2]}" if separator else name
