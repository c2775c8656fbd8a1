"""The faults: for a node of a syntax tree, what else could stand there."""

from __future__ import annotations

import ast
import copy
import itertools
import re
from collections.abc import Iterator

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_LARGE = 10
"""Integers from here on are doubled and halved; smaller ones are one more or less."""
_MOST_ELEMENTS = 12
_SPEED_OR_CHECK = frozenset({"strict", "frozen", "slots", "copy", "mode", "kind", "dtype", "maxsize", "minlength"})
"""Keywords that change cost, or what is checked, but no answer."""
_TYPES = frozenset({"Literal", "Callable", "NDArray", "Mapping", "Sequence", "tuple", "list", "dict", "Iterable"})


def variants(node: ast.AST, function: ast.FunctionDef | None) -> Iterator[ast.AST | None]:
    """Yield what may stand in place of a node (None: nothing at all); `function` is the one around it."""
    if isinstance(node, ast.stmt):
        yield from _statement(node, function)
        return
    match node:
        case ast.Compare():
            yield from _compare(node)
        case ast.BinOp() if not _is_text(node.left) and not _is_text(node.right):
            yield _with(node, op=_ARITHMETIC[type(node.op)]())
        case ast.UnaryOp() if not isinstance(node.operand, ast.Constant):
            yield node.operand
        case ast.BoolOp():
            yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case ast.Constant():
            yield from map(ast.Constant, _constant(node.value))
        case ast.comprehension() if node.ifs:
            yield from (_with(node, ifs=node.ifs[:n] + node.ifs[n + 1 :]) for n in range(len(node.ifs)))
        case ast.Call():
            yield from _call(node)
        case ast.Tuple() | ast.List() | ast.Set() if function is None:
            for number in range(len(node.elts)) if 1 < len(node.elts) <= _MOST_ELEMENTS else ():
                yield _with(node, elts=node.elts[:number] + node.elts[number + 1 :])


def _statement(node: ast.stmt, function: ast.FunctionDef | None) -> Iterator[ast.AST | None]:
    match node:
        case ast.AugAssign():
            yield _with(node, op=_ARITHMETIC[type(node.op)]())
            yield None
        case ast.Return():
            yield from _return(node, function)
        case ast.If() if not node.orelse:
            yield None
        case ast.Assign() | ast.AnnAssign() if _is_changed(node, function):
            yield None
        case ast.Expr() if not isinstance(node.value, ast.Constant):
            yield None
        case ast.Raise() | ast.Break() | ast.Continue() | ast.Delete():
            yield None


def _with(node: ast.AST, **changed: object) -> ast.AST:
    new = copy.copy(node)
    for name, value in changed.items():
        setattr(new, name, value)
    return new


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for number, op in enumerate(node.ops):
        for other in _COMPARISONS[type(op)][: 2 if len(node.ops) == 1 else 1]:
            yield _with(node, ops=[*node.ops[:number], other(), *node.ops[number + 1 :]])


def _constant(value: object) -> tuple[object, ...]:
    match value:
        case bool():
            return (not value,)
        case int() if value >= _LARGE:
            return (value * 2, value // 2)
        case int():
            return (value + 1, value - 1)
        case float():
            return (value * 2, value / 2) if value else (1.0,)
    return ()


def _call(node: ast.Call) -> Iterator[ast.AST]:
    for number, keyword in enumerate(node.keywords):
        if keyword.arg and keyword.arg not in _SPEED_OR_CHECK:
            yield _with(node, keywords=node.keywords[:number] + node.keywords[number + 1 :])
    match node.args:
        case [ast.Constant(value=str(text)), *rest]:
            name = ast.unparse(node.func)
            texts = _regex(text) if name == "re.compile" else _characters(text) if name == "frozenset" else ()
            for shorter in texts:
                yield _with(node, args=[ast.Constant(shorter), *rest])


def _characters(text: str) -> list[str]:
    return [text[:n] + text[n + 1 :] for n in range(len(text))] if len(text) <= _MOST_ELEMENTS else []


def _regex(pattern: str) -> list[str]:
    """Return a regular expression without one of the alternatives of one of its groups, in every way."""
    groups: list[list[int]] = [[0]]
    ranges: list[tuple[int, int]] = []
    for token in re.finditer(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]))?|[|)]", pattern, re.DOTALL):
        match token.group()[0]:
            case "(":
                groups.append([token.end()])
            case "|":
                groups[-1].append(token.end())
            case ")":
                ranges += _alternatives(groups.pop(), token.start())
    ranges += _alternatives(groups.pop(), len(pattern))
    shorter = [pattern[:start] + pattern[end:] for start, end in ranges]
    return shorter if len(shorter) <= 2 * _MOST_ELEMENTS else []


def _alternatives(starts: list[int], end: int) -> list[tuple[int, int]]:
    """Return what to cut out of a group: each alternative with the bar behind it, the last with the one before."""
    if len(starts) < 2:
        return []
    return [*itertools.pairwise(starts), (starts[-1] - 1, end)]


def _return(node: ast.Return, function: ast.FunctionDef | None) -> Iterator[ast.AST]:
    if node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None):
        return
    returns = ast.unparse(function.returns) if function and function.returns else ""
    new = ast.UnaryOp(ast.Not(), node.value) if returns == "bool" else ast.Constant(None)
    yield _with(node, value=new)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | None))


def _is_changed(node: ast.Assign | ast.AnnAssign, function: ast.FunctionDef | None) -> bool:
    """Tell whether a statement sets what has had a value before; without any other the name would be missing."""
    (target, *_) = node.targets if isinstance(node, ast.Assign) else (node.target,)
    if not isinstance(target, ast.Name):
        return isinstance(target, ast.Attribute | ast.Subscript) and not _makes(function)
    if function is None:
        return False
    earlier = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
    for other in ast.walk(function):
        if isinstance(other, ast.Name) and isinstance(other.ctx, ast.Store) and other.lineno < node.lineno:
            earlier.add(other.id)
    return target.id in earlier


def _makes(function: ast.FunctionDef | None) -> bool:
    return function is not None and function.name == "__init__"


def is_type(node: ast.AST) -> bool:
    """Tell whether an expression is a type, such as Literal["word", "phrase"]."""
    return isinstance(node, ast.Subscript) and ast.unparse(node.value).split(".")[-1] in _TYPES


def is_no_matter(node: ast.AST) -> bool:
    """Tell whether it is a keyword argument that changes no answer."""
    return isinstance(node, ast.keyword) and node.arg in _SPEED_OR_CHECK
