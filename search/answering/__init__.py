"""From a query to the whole answer, as values and as JSON: the one path that page, endpoint and command line share.

Knows the contract of engines and the words of readers; must not know HTML, HTTP or any file.
"""
