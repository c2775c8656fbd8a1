"""The facets of the build that an engine answers from: what it was indexed with is what it answers with."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from ..engines.contract import Engine
from ..facets import Facets
from .manifest import load_facets

_opened: WeakKeyDictionary[Engine, Facets] = WeakKeyDictionary()


def facets_of(engine: Engine) -> Facets:
    """Return the facets of the build that an engine was opened from. Raises IndexDamaged."""
    facets = _opened.get(engine)
    if facets is None:
        facets = _opened.setdefault(engine, load_facets(engine.directory))
    return facets
