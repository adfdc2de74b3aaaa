"""Reports: plain views of findings, and the templates of ``reports/`` that print them.

A view is plain data (text, numbers, lists, mappings): everything is worked out in it, so that templates only loop and
print.
"""
