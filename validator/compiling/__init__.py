"""Python written for plain norms, which judges plain records as the interpreter would."""
