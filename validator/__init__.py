"""Zhijian (执监): checks court enforcement records against legal policies written as YAML."""

__version__ = "0.1.0"
