"""From the rule files to a program: reading, binding, and keeping it between runs."""
