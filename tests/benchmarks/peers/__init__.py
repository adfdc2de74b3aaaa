"""Peers: other tools on the same records, as far as each can express the rules.  A module offers `contestants()`."""

PEERS = ("host", "zen_guards", "cel_guards", "cel_python_guards", "duckdb_sql", "temporal_profile", "payload_schemas")
"""The modules, in the order of the table; one whose package is missing is left out of it with a line that says so."""
