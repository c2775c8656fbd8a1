"""From folders of files to a finished build and the index directory that holds it.

Knows the formats, the facets and the contract of engines; must not know queries and answers.
"""
