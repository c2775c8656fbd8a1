"""`.xlsx` and `.xls`: the values that cells show, as the program that wrote the file last computed them.

No formula is computed and no macro is looked at. Sheets that are hidden are left out, as they are for readers.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import xlrd
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.cell import range_boundaries

from ..errors import SourceError
from .filled_cells import FilledCells
from .tables import MAX_CELLS, Area, Sheet

_PERCENT = re.compile(r"0(?:\.(0+))?%")
_PLACES = re.compile(r"(?:#,##)?0\.(0+)(?=[_;) ]|$)")  # 12.50: of sums the zeros are read
_MONTH = re.compile(r"(?i)(?:\[\$-\w+\])?y+\W*年?\W*m+\W*月?\W*")
_QUOTED = re.compile(r"[\"\\;@]")
_ZEROS = re.compile(r"0+")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")
_MOST_MERGED = 20_000
_CHUNK = 1 << 20
_MIDNIGHT = time()


def xlsx_sheets(data: bytes, path: str) -> tuple[list[Sheet], str]:
    """Return the sheets of a workbook, and the title that it states. Raises SourceError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it has that openpyxl does not read: charts, rules
        try:
            reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            reader.archive = FilledCells(io.BytesIO(data))
            reader.read()
            book = reader.wb
            cells = 0
            sheets = []
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible":
                    sheets.append(_xlsx_sheet(sheet, data, path, cells))
                    cells += sum(map(len, sheets[-1].rows.values()))
            return sheets, book.properties.title or ""
        except (SourceError, MemoryError):
            raise
        except Exception as error:  # a parser fed with hostile input: whatever it trips over, the other files go on
            raise SourceError(path, f"the workbook is damaged ({type(error).__name__})") from error


def _xlsx_sheet(sheet: Any, data: bytes, path: str, cells: int) -> Sheet:
    sheet.reset_dimensions()  # what the file claims may be a million empty rows
    rows: dict[int, list[str]] = {}
    for row in sheet.iter_rows():
        found = [
            (int(cell.row or 0), int(cell.column or 0), text)
            for cell in row
            if cell.value is not None and (text := _shown(cell))
        ]
        if not found:
            continue
        values = [""] * found[-1][1]
        for _, column, text in found:
            values[column - 1] = text
        rows[found[0][0] - 1] = values
        cells += len(values)
        if cells > MAX_CELLS:
            raise SourceError(path, f"more than {MAX_CELLS:,} cells; split it")
    return Sheet(sheet.title, rows, tuple(_merged(data, sheet)))


def _merged(data: bytes, sheet: Any) -> Iterator[Area]:
    """Yield the merged areas of a sheet, which openpyxl does not tell when it reads row by row."""
    count, tail = 0, b""
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(sheet._worksheet_path) as stream:
        while (chunk := stream.read(_CHUNK)) and count < _MOST_MERGED:
            text = tail + chunk
            end = 0
            for match in _MERGED.finditer(text):
                left, top, right, bottom = (int(bound or 1) for bound in range_boundaries(match[1].decode()))
                count, end = count + 1, match.end()
                yield top - 1, left - 1, bottom - 1, right - 1
            tail = text[max(end, len(text) - 200) :]


def _shown(cell: Any) -> str:
    """Return a value as the cell shows it, near enough: days as ISO dates, shares as percentages."""
    value, form = cell.value, cell.number_format or ""
    if getattr(cell, "data_type", "") == "e":
        return ""
    return _value(value, form)


def _value(value: object, form: str) -> str:
    if isinstance(value, date) and _MONTH.fullmatch(_QUOTED.sub("", form)):
        return f"{value:%Y-%m}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == _MIDNIGHT else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, form)
    return str(value).strip()


def _number(value: int | float, form: str) -> str:
    if percent := _PERCENT.search(form):
        return f"{value * 100:.{len(percent[1] or '')}f}%"
    if _ZEROS.fullmatch(form) and value == int(value):
        return f"{int(value):0{len(form)}d}"
    if places := _PLACES.match(form):
        return f"{value:.{len(places[1])}f}"
    return f"{value:.15g}" if isinstance(value, float) and abs(value) < 1e15 else str(value)


def xls_sheets(data: bytes, path: str) -> tuple[list[Sheet], str]:
    """Return the sheets of a workbook in the format before 2007. Raises SourceError."""
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), formatting_info=True)
        sheets = [_xls_sheet(book, sheet, path) for sheet in book.sheets() if not sheet.visibility]
    except (SourceError, MemoryError):
        raise
    except Exception as error:  # as above
        locked = "encrypt" in str(error).lower()
        reason = (
            "the workbook is locked by a password" if locked else f"the workbook is damaged ({type(error).__name__})"
        )
        raise SourceError(path, reason) from error
    return sheets, ""


def _xls_sheet(book: Any, sheet: Any, path: str) -> Sheet:
    rows: dict[int, list[str]] = {}
    cells = 0
    for number in range(sheet.nrows):
        values = [_xls_value(book, cell) for cell in sheet.row(number)]
        while values and not values[-1]:
            values.pop()
        if values:
            rows[number] = values
            cells += len(values)
        if cells > MAX_CELLS:
            raise SourceError(path, f"more than {MAX_CELLS:,} cells; split it")
    areas = [(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells]
    return Sheet(sheet.name, rows, tuple(areas))


def _xls_value(book: Any, cell: Any) -> str:
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR):
        return ""
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return _value(xlrd.xldate_as_datetime(cell.value, book.datemode), _form(book, cell))
        except (ValueError, OverflowError, xlrd.XLDateError):
            return _number(cell.value, "")
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return _value(bool(cell.value), "")
    return _value(cell.value, _form(book, cell))


def _form(book: Any, cell: Any) -> str:
    form = book.format_map.get(book.xf_list[cell.xf_index].format_key) if cell.xf_index is not None else None
    return form.format_str if form else ""
