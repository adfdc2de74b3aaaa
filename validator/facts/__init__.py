"""What may be said of a case, what a record says of it, and the records around it."""
