"""The address of a page as a QR code: WeChat and cameras read it from a screen. Made here, nobody else is asked."""

from __future__ import annotations

import io
import re

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from ..origin import root
from ..pages.links import OWN_PAGE
from ..pages.sharing import LONGEST

codes = Blueprint("codes", __name__)


@codes.get("/qr.svg")
def code() -> Response:
    """The code of the page at `to`, a path of ours; 404 for anything else, or if it is too long."""
    path = request.args.get("to", "")
    address = root() + path
    if not path or len(address) > LONGEST or not re.fullmatch(OWN_PAGE, path):
        raise NotFound
    return Response(drawn(address), mimetype="image/svg+xml")


def drawn(text: str) -> bytes:
    """Return a text as a QR code (ISO/IEC 18004, level M) in SVG, black on white, with the margin that it needs."""
    import segno

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", light="#fff", omitsize=True, xmldecl=False, nl=False)
    return out.getvalue()
