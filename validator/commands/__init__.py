"""The commands of ``zhijian``, one module a family; `validator.cli` imports the one that is asked for."""
