"""The speed harness: this project and its peers over the same records, tokens and queries, in one run.

`python -m bench` compares engines, `python -m bench.serve` loads the production server. Nothing here is shipped.
"""
