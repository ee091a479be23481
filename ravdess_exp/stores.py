"""Addresses of MLflow's stores: which kinds there are, and what to do about an address of none."""

import re
from pathlib import Path

from ravdess_exp.command import python_command

VARIABLE = "MLFLOW_TRACKING_URI"  # MLflow's own, where no address is given
_KINDS = re.compile(r"(https?|(sqlite|postgresql|mysql|mssql)(\+\w+)?)://|databricks(:|$)")
_SQLITE = re.compile(r"sqlite(\+\w+)?:(?!///)/*(?P<file>.*)")  # the third slash begins the file
_HOST = re.compile(r"(localhost|[\w-]+(\.[\w-]+)*:\d+)(/.*)?")
_EXPECTED = (
    "a server, http://HOST:5000, or a database, such as sqlite:///FILE or "
    "postgresql://USER@HOST/NAME; tracking=none keeps the results in folders alone"
)


def refusal(address: str) -> str | None:
    """Why nothing can be tracked at an address, with what to do; None where MLflow has such a store."""
    if match := _SQLITE.fullmatch(address):
        return f"write sqlite:///{match['file'] or 'FILE'}, with three slashes"
    if _KINDS.match(address):
        return None
    if _HOST.fullmatch(address):
        return f"write http://{address}, if it is a server of MLflow's"
    if address.startswith("file:") or "://" not in address:
        return _of_files(Path(re.sub(r"^file:(//)?", "", address) or "."))
    return f"expected {_EXPECTED}"


def without_password(address: str) -> str:
    """An address as messages may show it."""
    return re.sub(r"(?<=://)([^/@:]*):[^@/]*@", r"\1:***@", address)


def _of_files(folder: Path) -> str:
    """MLflow's old kind of store, which it refuses since 3.17."""
    database = f"sqlite:///{folder.absolute().parent / 'mlflow.db'}"
    reason = (
        f"a folder of files, a kind of store that MLflow has given up; expected {database} "
        f"in its place, or {_EXPECTED}"
    )
    if not folder.is_dir():
        return reason
    words = ("-m", "mlflow", "migrate-filestore", "--source", str(folder.absolute()))
    return (
        f"{reason}. This copies there what it holds: {python_command(*words, '--target', database)}"
    )
