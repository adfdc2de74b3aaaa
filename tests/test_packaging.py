"""The distribution carries its data: built as sdist, wheel through the sdist, installed and editable."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import validator
from validator import resources
from validator.resources import MissingResourcesError, resource_dir

ROOT = Path(__file__).parent.parent
FOLDERS = ("policies", "schemas", "reports")
WHERE = "from validator.resources import resource_dir as d; print(d('policies'), d('schemas'), sep='\\n')"


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command in `cwd`, without any import path of ours; return what it prints."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PIP_"))}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def kept_by_git(folder: Path) -> set[str]:
    """Return the files of a tree as relative paths, without what .gitignore names."""
    leavings = (".bak", ".orig", ".swp", ".pyc", "~")
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in files if not path.name.endswith(leavings) and "__pycache__" not in path.parts}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist from the tree and unpack it somewhere else."""
    pytest.importorskip("hatchling")
    place = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", place, cwd=ROOT)
    (archive,) = place.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(place, filter="data")
    return place / archive.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the unpacked sdist."""
    place = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place, cwd=unpacked)
    (built,) = place.glob("*.whl")
    return built


def environment(place: Path) -> Path:
    """Make a fresh environment that borrows the libraries, but not the installed validator; return its python."""
    venv.create(place, with_pip=False, symlinks=os.name != "nt")
    paths = sysconfig.get_paths(vars={"base": str(place), "platbase": str(place)})
    # A .pth file puts the borrowed folder behind the own one, so what is installed here is found first.
    (Path(paths["purelib"]) / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"], encoding="utf-8")
    return Path(paths["scripts"]) / "python"


def install(python: Path, *what: str | Path) -> None:
    """Install without network and without dependencies."""
    options = (
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "--ignore-installed",
        "--quiet",
        "--disable-pip-version-check",
    )
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, *what, cwd=python.parent)


def test_sdist_holds_what_is_needed_to_build_and_test(unpacked: Path) -> None:
    """Law, schemas, reports, tests and documents travel with the source."""
    for folder in (*FOLDERS, "tests", "validator"):
        assert kept_by_git(unpacked / folder) == kept_by_git(ROOT / folder), folder
    for name in ("README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "pyproject.toml", ".ci/run"):
        assert (unpacked / name).read_bytes() == (ROOT / name).read_bytes()


def test_wheel_holds_the_data_and_nothing_else(wheel: Path) -> None:
    """The three folders lie under validator/_data, byte for byte; no drafts, no tests, no stray packages."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        info = f"zhijian_validator-{validator.__version__}.dist-info/"
        assert {name.split("/")[0] for name in names} == {"validator", info.rstrip("/")}
        for folder in FOLDERS:
            inside = f"validator/_data/{folder}/"
            held = {name.removeprefix(inside) for name in names if name.startswith(inside)}
            assert held == kept_by_git(ROOT / folder), folder
            assert all(archive.read(inside + name) == (ROOT / folder / name).read_bytes() for name in held)
        assert {"validator/py.typed", f"{info}licenses/LICENSE"} <= names
        assert "zhijian = validator.cli:main" in archive.read(f"{info}entry_points.txt").decode()


def test_wheel_is_reproducible(wheel: Path, unpacked: Path, tmp_path: Path) -> None:
    """The same source gives the same bytes."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, cwd=unpacked)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_installed_package_finds_its_data(wheel: Path, tmp_path: Path) -> None:
    """Installed from the wheel and run far away from the checkout, the packaged law is read."""
    python = environment(tmp_path / "env")
    install(python, wheel)
    policies, schemas = map(Path, run(python, "-c", WHERE, cwd=tmp_path).split())
    assert policies.is_relative_to(tmp_path / "env")
    assert kept_by_git(policies) == kept_by_git(ROOT / "policies")
    assert kept_by_git(schemas) == kept_by_git(ROOT / "schemas")
    assert validator.__version__ in run(python.with_name("zhijian"), "--version", cwd=tmp_path)


def test_editable_install_reads_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    """With `pip install -e` the law is read from the checkout, and a new file is seen at once."""
    python = environment(tmp_path / "env")
    install(python, "-e", unpacked)
    policies, _ = map(Path, run(python, "-c", WHERE, cwd=tmp_path).split())
    assert policies == unpacked / "policies"


def test_a_damaged_installation_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without packaged data and without a checkout around it, no folder of that name is taken for the law."""
    package = tmp_path / "validator"
    package.mkdir()
    (tmp_path / "policies").mkdir()
    monkeypatch.setattr(resources, "__file__", str(package / "resources.py"))
    with pytest.raises(MissingResourcesError, match="policies not found"):
        resource_dir("policies")
    (tmp_path / "pyproject.toml").touch()
    assert resource_dir("policies") == tmp_path / "policies"
    (package / "_data" / "policies").mkdir(parents=True)
    assert resource_dir("policies") == package / "_data" / "policies"


def test_a_zipped_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data that are no ordinary files are refused in words."""
    with zipfile.ZipFile(tmp_path / "validator.zip", "w") as archive:
        archive.writestr("validator/_data/policies/calendar.yaml", "")
    monkeypatch.setattr(resources, "__file__", str(tmp_path / "validator.zip" / "validator" / "resources.py"))
    with pytest.raises(MissingResourcesError, match="policies not found"):
        resource_dir("policies")
