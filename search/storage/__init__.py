"""Named arrays in one file, and compressed articles: how a build lies on the disk.

Knows bytes, types and checksums; must not know what any array means.
"""
