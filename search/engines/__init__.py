"""Engines: implementations of `search.engines.contract.Engine`. None imports another."""
