"""Engines: implementations of `search.engine.Engine`. None imports another."""
