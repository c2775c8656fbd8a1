"""`make mutants`: small faults put into the policy code one at a time, to see whether a test notices.

docs/decisions/0150-mutants.md tells why it is a script of our own and how it works.
"""
