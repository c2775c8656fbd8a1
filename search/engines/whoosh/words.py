"""The words of a segment, sorted, and the posting list of each, read off the mapped file."""

from __future__ import annotations

from collections.abc import Mapping

from ... import kernel
from ...arrays import Array
from ...storage.strings import SortedStrings
from .postings import PostingList


class Words:
    """Words by their rank; deleted documents are still in the lists."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._texts = SortedStrings(arrays["word_text"], arrays["word_text_offsets"])
        # A view for looking up single items: indexing an array costs five times as much.
        self._offsets = arrays["word_offsets"].data
        self._docs, self._tf = arrays["word_docs"], arrays["word_tf"]

    def __len__(self) -> int:
        return len(self._texts)

    def text(self, number: int) -> bytes:
        """Return the UTF-8 of a word."""
        return self._texts[number]

    def rank(self, text: bytes) -> int:
        """Return how many words sort before `text`."""
        return self._texts.rank(text)

    def postings(self, number: int) -> PostingList:
        """Return the posting list of a word."""
        begin, end = self._offsets[number], self._offsets[number + 1]
        return PostingList(kernel.loops.posting(self._docs[begin:end]), self._tf[begin:end])

    def find(self, form: str) -> PostingList | None:
        """Return the posting list of a word, None if there is no such word."""
        number = self._texts.find(form.encode())
        return None if number < 0 else self.postings(number)
