"""The expressions of the record language: as written, as read on a record, as functions."""
