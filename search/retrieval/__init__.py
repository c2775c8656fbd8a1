"""The product's judgement: what matches well enough, and what comes first.

Decides for every engine; must not know how one stores or finds anything.
"""
