"""Many records: cut into chunks, judged by workers, written in a form, and counted."""
