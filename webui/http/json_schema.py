"""Types as JSON Schema: the declared response shapes, as an OpenAPI document says them.

Objects are closed: every field is required that is not `NotRequired`, and there are no others, so that a field which
the code adds or drops fails a test. Knows no shape by name.
"""

from __future__ import annotations

import builtins
import collections.abc
import types
import typing
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, is_dataclass
from inspect import getdoc
from typing import Any, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

Json = dict[str, Any]

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A shape under a name of its own, with some `fields` (name, type) that take less than they are declared to."""

    shape: type
    name: str
    fields: tuple[tuple[str, Any], ...]


class Schemas:
    """Makes schemas, and collects the objects among them under the names that they refer to each other by.

    `name` gives the name of a `TypedDict` or dataclass, `further` the types of fields it has beside the declared ones.
    """

    def __init__(self, name: Callable[[type], str], further: Callable[[type], Json]) -> None:
        self.components: dict[str, Json] = {}
        self._name = name
        self._further = further

    def of(self, kind: Any) -> Json:
        """Return the schema of a type. TypeError for one that is no JSON."""
        if kind in _PLAIN:
            return {"type": _PLAIN[kind]}
        if isinstance(kind, Narrowed):
            return self._object(kind.shape, kind.name, dict(kind.fields))
        if is_typeddict(kind) or is_dataclass(kind):
            return self._object(kind, self._name(kind), self._further(kind))
        return self._combined(kind)

    def _combined(self, kind: Any) -> Json:
        parts = get_args(kind)
        match get_origin(kind):
            case typing.Annotated:
                return self.of(parts[0]) | _said(parts[1:])
            case typing.Literal:
                return {"enum": list(parts)}
            case typing.Union | types.UnionType if len(parts) == 2 and parts[1] is types.NoneType:
                return _or_null(self.of(parts[0]))
            case builtins.list:
                return {"type": "array", "items": self.of(parts[0])}
            case collections.abc.Mapping if parts[0] is str:
                return {"type": "object", "additionalProperties": self.of(parts[1])}
            case builtins.tuple if Ellipsis not in parts:
                items = [self.of(part) for part in parts]
                return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        raise TypeError(f"no JSON schema for {kind}")

    def _object(self, kind: Any, name: str, further: Json) -> Json:
        if name not in self.components:
            self.components[name] = {}  # a shape may contain itself
            hints = get_type_hints(kind, include_extras=True) | further
            optional = {field for field, hint in hints.items() if get_origin(hint) is NotRequired}
            self.components[name] |= {
                "type": "object",
                "description": " ".join((getdoc(kind) or "").split()),
                "properties": {
                    field: self.of(get_args(hint)[0] if field in optional else hint) for field, hint in hints.items()
                },
                "required": [field for field in hints if field not in optional],
                "additionalProperties": False,
            }
        return {"$ref": f"#/components/schemas/{name}"}


def _said(notes: Iterable[Any]) -> Json:
    said = {key: value for note in notes for key, value in asdict(note).items() if value is not None}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in said.items()}


def _or_null(schema: Json) -> Json:
    if "enum" in schema:
        return schema | {"enum": [*schema["enum"], None]}
    return schema | {"type": [schema["type"], "null"]} if "type" in schema else {"anyOf": [schema, {"type": "null"}]}
