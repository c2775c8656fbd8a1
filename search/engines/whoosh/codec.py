"""Whoosh's view of our segments: the extension point of `whoosh.codec.base`, filled in with arrays.

With it Whoosh's own `Searcher` runs over the very files that the array evaluator maps; nothing is stored twice. It
serves as an independent reading of the index (tests, `verify`), not as the way to answer queries. There is no writer
here: segments are written in bulk by `writer`, and a build is never written to again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .layout import INDEX_NAME, TOC_FILE, SegmentEntry
from .library import base, fields, filestore, formats, index, matching, reading
from .postings import PostingList
from .schema import Field, fields_of
from .segment import Segment, open_segment
from .terms import FieldTerms, field_terms


def whoosh_schema(facet_keys: Iterable[str]) -> Any:
    """Return the fields of an index with these facets as a Whoosh schema."""
    return fields.Schema(**{field.name: _field_type(field) for field in fields_of(facet_keys)})


def _field_type(field: Field) -> Any:
    match field.kind:
        case "words":
            return fields.FieldType(formats.Frequency(), None, scorable=True)
        case "bigrams":
            return fields.FieldType(formats.Positions(), None, scorable=True)
        case "key":
            return fields.ID(stored=True, unique=True)
        case "facet":
            return fields.ID(stored=True)
        case _:
            return fields.STORED()


def write_toc(build_dir: Path, entries: Sequence[SegmentEntry], facet_keys: Iterable[str]) -> Path:
    """Write Whoosh's table of contents for these segments; return its path."""
    storage = filestore.FileStorage(str(build_dir))
    toc = index.TOC(whoosh_schema(facet_keys), [ArraySegment(entry) for entry in entries], 1)
    toc.write(storage, INDEX_NAME)
    return build_dir / TOC_FILE


class ArraySegment(base.Segment):  # type: ignore[misc]
    """A segment as Whoosh's table of contents lists it (pickled there: keep it plain)."""

    def __init__(self, entry: SegmentEntry) -> None:
        self.indexname = INDEX_NAME
        self.segid = entry.name
        self.compound = False
        self.entry = entry

    def codec(self) -> ArrayCodec:
        """Return the codec that reads this segment."""
        return ArrayCodec()

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted ones included."""
        return self.entry.documents

    def deleted_count(self) -> int:
        """Return the number of deleted documents."""
        return self.entry.deleted

    def should_assemble(self) -> bool:
        """Never pack the files into one: they are mapped as they are."""
        return False


class ArrayCodec(base.Codec):  # type: ignore[misc]
    """Reads segments of arrays."""

    def terms_reader(self, storage: Any, segment: ArraySegment) -> ArrayTermsReader:
        """Open the terms of a segment."""
        return ArrayTermsReader(_open(storage, segment))

    def per_document_reader(self, storage: Any, segment: ArraySegment) -> ArrayDocumentReader:
        """Open the per-document values of a segment."""
        return ArrayDocumentReader(_open(storage, segment))


def _open(storage: Any, segment: ArraySegment) -> Segment:
    return open_segment(Path(storage.folder), segment.entry)


class ArrayMatcher(matching.ListMatcher):  # type: ignore[misc]
    """The postings of a term, stepped through one by one; positions are encoded only when asked for."""

    def value(self) -> bytes:
        """Return the posting's encoded positions."""
        return b"" if self._values is None else self._format.encode(self._values(self.id()))


class ArrayTermsReader(base.TermsReader):  # type: ignore[misc]
    """Terms, their statistics and their postings."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._fields: dict[str, FieldTerms] = {}
        for field in sorted(fields_of(segment.facets.values), key=lambda field: field.name):
            terms = field_terms(field, segment)
            if terms is not None:
                self._fields[field.name] = terms

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._find(*term) is not None

    def cursor(self, fieldname: str, fieldobj: Any) -> ArrayCursor:
        """Return a cursor at the first term of a field."""
        return ArrayCursor(self, self._fields[fieldname], fieldname, fieldobj)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Yield (field, term), ascending."""
        for name, terms in self._fields.items():
            for number in range(len(terms)):
                yield name, terms.text(number)

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield (field, term) from a term on, into the fields that follow."""
        for name, terms in self._fields.items():
            if name >= fieldname:
                for number in range(terms.rank(prefix) if name == fieldname else 0, len(terms)):
                    yield name, terms.text(number)

    def items(self) -> Iterator[tuple[tuple[str, bytes], Any]]:
        """Yield ((field, term), statistics), ascending."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], Any]]:
        """Yield ((field, term), statistics) from a term on."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> Any:
        """Return a term's statistics over live documents. KeyError if there is none."""
        return self._info(fieldname, self._postings(fieldname, text))

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Return a term's weight over all live documents."""
        return float(self._postings(fieldname, text).tf.sum(dtype=np.int64))

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Return how many live documents hold a term."""
        return len(self._postings(fieldname, text).docs)

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ArrayMatcher:
        """Return a matcher over a term's postings."""
        postings = self._postings(fieldname, text)
        places = self._fields[fieldname].positions(text)
        return ArrayMatcher(
            postings.docs.tolist(),
            [float(weight) for weight in postings.tf.tolist()],
            places,
            format_,
            scorer=scorer,
            term=(fieldname, text),
            terminfo=self._info(fieldname, postings),
        )

    def indexed_field_names(self) -> list[str]:
        """Return the names of the fields that have terms."""
        return list(self._fields)

    def _find(self, fieldname: str, text: bytes) -> int | None:
        terms = self._fields.get(fieldname)
        if terms is None:
            return None
        number = terms.rank(text)
        return number if number < len(terms) and terms.text(number) == text else None

    def _postings(self, fieldname: str, text: bytes) -> PostingList:
        number = self._find(fieldname, text)
        if number is None:
            raise KeyError(f"{fieldname}:{text!r}")
        return self._segment.alive(self._fields[fieldname].postings(number))

    def _info(self, fieldname: str, postings: PostingList) -> Any:
        if not len(postings.docs):
            return reading.TermInfo(minlength=0, minid=0)
        lengths = self._segment.lengths(fieldname)
        used = np.zeros(1, np.uint32) if lengths is None else lengths[postings.docs]
        return reading.TermInfo(
            weight=float(postings.tf.sum(dtype=np.int64)),
            df=len(postings.docs),
            minlength=int(used.min()),
            maxlength=int(used.max()),
            maxweight=float(postings.tf.max()),
            minid=int(postings.docs[0]),
            maxid=int(postings.docs[-1]),
        )


class ArrayCursor(base.FieldCursor):  # type: ignore[misc]
    """Steps through the terms of a field."""

    def __init__(self, reader: ArrayTermsReader, terms: FieldTerms, fieldname: str, fieldobj: Any) -> None:
        self._reader = reader
        self._terms = terms
        self._fieldname = fieldname
        self._fieldobj = fieldobj
        self._number = 0

    def first(self) -> str | None:
        """Go to the first term."""
        self._number = 0
        return self.text()

    def find(self, term: str | bytes) -> str | None:
        """Go to the first term at or after `term`."""
        text = term if isinstance(term, bytes) else self._fieldobj.to_bytes(term)
        self._number = self._terms.rank(text)
        return self.text()

    def next(self) -> str | None:
        """Go to the next term."""
        self._number += 1
        return self.text()

    def text(self) -> str | None:
        """Return the term the cursor is at, None past the end."""
        return self._fieldobj.from_bytes(self._terms.text(self._number)) if self.is_valid() else None

    def term_info(self) -> Any:
        """Return the statistics of the term the cursor is at."""
        if not self.is_valid():
            return None
        return self._reader.term_info(self._fieldname, self._terms.text(self._number))

    def is_valid(self) -> bool:
        """Tell whether the cursor is at a term."""
        return self._number < len(self._terms)


class ArrayDocumentReader(base.PerDocumentReader):  # type: ignore[misc]
    """Lengths, deletions and stored values of documents."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._deleted = frozenset(segment.deleted.tolist())

    def doc_count(self) -> int:
        """Return the number of live documents."""
        return self._segment.live_count

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted ones included."""
        return self._segment.documents

    def has_deletions(self) -> bool:
        """Tell whether any document is deleted."""
        return bool(self._deleted)

    def is_deleted(self, docnum: int) -> bool:
        """Tell whether a document is deleted."""
        return docnum in self._deleted

    def deleted_docs(self) -> frozenset[int]:
        """Return the deleted documents."""
        return self._deleted

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return the weighted length of a field of a document."""
        lengths = self._segment.lengths(fieldname)
        return default if lengths is None else int(lengths[docnum])

    def field_length(self, fieldname: str) -> int:
        """Return the weighted length of a field over live documents."""
        return 0 if self._segment.lengths(fieldname) is None else self._segment.total_length(fieldname)

    def min_field_length(self, fieldname: str) -> int:
        """Return the least weighted length of a field."""
        lengths = self._segment.lengths(fieldname)
        return 0 if lengths is None else int(lengths.min())

    def max_field_length(self, fieldname: str) -> int:
        """Return the greatest weighted length of a field."""
        lengths = self._segment.lengths(fieldname)
        return 0 if lengths is None else int(lengths.max())

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return the stored values of a document, facets as tuples under their own names."""
        article = self._segment.article(docnum)
        keys = self._segment.facets.values
        values = {field.name: getattr(article, field.name, None) for field in fields_of(keys) if field.stored}
        return values | {key: article.facets.get(key, ()) for key in keys}
