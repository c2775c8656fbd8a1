"""Engines: the contract, which one an address means (`registry`), and each of them in a room of its own.

Find and count what `search.retrieval` plans, and keep builds; must not know each other, nor why a plan is as it is.
"""
