"""Finds the data folders that ship with the program: policies, schemas and reports.

An installed distribution carries them under ``validator/_data/``. A checkout, also one installed with
``pip install -e``, has them beside the package; it is known by its ``pyproject.toml``, so that a stray
``site-packages/policies`` is never taken for the law.
"""

from pathlib import Path
from typing import Literal

Folder = Literal["policies", "schemas", "reports"]


class MissingResourcesError(FileNotFoundError):
    """A data folder is neither packaged nor in a checkout: the installation is damaged."""


def resource_dir(name: Folder) -> Path:
    """Return the directory of the shipped data folder `name`.

    Raises:
        MissingResourcesError: neither the package nor a checkout has the folder as ordinary files.
    """
    package = Path(__file__).parent
    packaged = package / "_data" / name
    if packaged.is_dir():
        return packaged
    checkout = package.parent
    beside = checkout / name
    if (checkout / "pyproject.toml").is_file() and beside.is_dir():
        return beside
    raise MissingResourcesError(f"data folder {name} not found in {package}; install zhijian-validator again")
