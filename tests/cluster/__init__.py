"""A real OpenSearch cluster on loopback for `make cluster` and `make cluster-test`: its jars, its nodes, and what goes
wrong with them. Needs Java and Maven; nothing else of the project does, and `make test` collects nothing of it.
"""
