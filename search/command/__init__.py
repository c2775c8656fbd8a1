"""The command `yibao`: its options, and what it prints.

Knows every room it calls; no room may know it.
"""
