"""What a program means on a record: the interpreter, its parts, and the finding it makes."""
