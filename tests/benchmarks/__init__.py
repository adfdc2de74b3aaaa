"""Benchmarks: what judging costs, in multiples of reading the same lines, for this project and for its peers.

``python -m tests.benchmarks`` from the checkout; see CONTRIBUTING.md.  The package is also imported as ``benchmarks``
by the tests, so its modules import each other by relative names.
"""
