"""What an operator sees of this server: an id a request, a line an answer, numbers, words that readers did not find.

Knows routes, statuses and times. Must not know pages or endpoints, and lets nothing out that was asked: no path, no
query, no header, no body.
"""
