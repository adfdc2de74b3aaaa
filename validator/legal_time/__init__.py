"""Instants, working days, the notices they come from, and the counting of periods."""
