"""Who CREMA-D's actors are, by the table that is published beside the clips."""

from pathlib import Path

from ravdess_exp.corpus.listing import list_files
from ravdess_exp.corpus.table.file import read_rows

_FILE = "VideoDemographics.csv"  # ActorID,Age,Sex,Race,Ethnicity


def read_sexes(root: Path) -> dict[str, str]:
    """Sex by actor; nothing where the table is not below `root`.

    Raises `CorpusError` for one that cannot be read.
    """
    if not root.is_dir():
        return {}
    found = next((path for path in list_files(root) if path.name.lower() == _FILE.lower()), None)
    if found is None:
        return {}
    rows = read_rows(found, "utf-8")
    header = [name.lower() for name in rows.header]
    if not {"actorid", "sex"} <= set(header):
        return {}
    actor, sex = header.index("actorid"), header.index("sex")
    whole = [fields for _, fields in rows.rows if len(fields) == len(header)]
    return {fields[actor].strip(): fields[sex].strip().lower() for fields in whole}
