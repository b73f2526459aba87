"""Office files are zip archives: under one fixed date, so that a re-run gives the same bytes."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can hold


def packed(members: Mapping[str, bytes]) -> bytes:
    """A zip archive of members by name, in their order; ``mimetype`` is stored as it is, as OpenDocument asks.

    Examples
    --------
    >>> packed({"a.txt": b"one"}) == packed({"a.txt": b"one"})
    True
    """
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for name, content in members.items():
            info = ZipInfo(name, _EPOCH)
            info.external_attr = 0o600 << 16
            archive.writestr(info, content, ZIP_STORED if name == "mimetype" else ZIP_DEFLATED)
    return out.getvalue()


def repacked(archive: bytes) -> bytes:
    """The same archive under the fixed date."""
    with ZipFile(BytesIO(archive)) as made:
        return packed({name: made.read(name) for name in made.namelist()})
