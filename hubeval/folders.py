"""The one writer of folders and files: written beside, moved into place whole, not over what hubeval did not write.

A folder ends with ``hubeval.json``, which lists its files with their hashes; it is written last. Whatever stops a
writer (a kill, a full disk, a file held open, a second writer), what stands is the whole folder of before or the new.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from hubeval import files
from hubeval.errors import BadInput, Problem, listed, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MANIFEST = "hubeval.json"
SCHEMA = "hubeval-folder/1"
_ASIDE = {".ds_store", "thumbs.db", "desktop.ini"}  # what systems leave in any folder
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
_STALE = 86_400  # seconds after which what a killed writer left beside is swept away
_MOST_KEPT = 500_000_000  # bytes of other people's files that --overwrite carries along
_LONGEST = 40  # characters of a name of ours: four bytes each at most, and room for what is added


def write_folder(out: str | Path, contents: Mapping[str, str | bytes], *, overwrite: bool = False) -> list[Path]:
    """Write a folder of files by their names in it, all of them or none.

    Parameters
    ----------
    out : str or Path
        The folder: absent, empty, or one that hubeval wrote and nobody has changed since; its files are replaced,
        and those of an earlier run that are not written again are gone.
    contents : mapping of str to str or bytes
        Relative name (``"figures/event-study.svg"``) to text or bytes, in the order in which they are returned.
    overwrite : bool
        Write also where there are files that hubeval did not write. Those of other names are kept.

    Returns
    -------
    list of Path
        Every file written, ``hubeval.json`` last.

    Raises
    ------
    BadInput
        The folder holds other files, cannot be written, or is held open by another program.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as home:
    ...     [path.name for path in write_folder(Path(home) / "report", {"result.json": "{}"})]
    ['result.json', 'hubeval.json']
    """
    target = require_writable(out, overwrite=overwrite)
    made = {name: c if isinstance(c, bytes) else visible(c).encode("utf-8") for name, c in contents.items()}
    made[MANIFEST] = files.to_json(_manifest(made)).encode("utf-8")
    with _refusals(target), _staged(target) as stage:
        for name, content in made.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).write_bytes(content)
        if overwrite:
            _keep(target, stage, set(made))
        _swap(stage, target)
    return [Path(out) / name for name in made]


def write_file(path: str | Path, text: str | bytes, *, overwrite: bool = False) -> Path:
    """Write one file whole, text or bytes, or leave what stands there.

    Raises
    ------
    BadInput
        There is something of that name already (and no leave to `overwrite` it), or it cannot be written.
    """
    where = Path(path)
    with _refusals(where):
        if where.is_dir() or (where.exists() and not where.is_file()):
            raise BadInput([Problem("file", f"{where} is no file", "the name of a new file", "Choose another.")])
        if where.is_file() and not overwrite:
            cure = "Choose another name, or add --overwrite."
            raise BadInput([Problem("file", f"{where} is there already", "the name of a new file", cure)])
    return files.write_text(where, text) if isinstance(text, str) else files.write_bytes(where, text)


def require_writable(out: str | Path, *, overwrite: bool = False) -> Path:
    """The folder as it will be written; refused now, before long work, where it would be refused then.

    Raises
    ------
    BadInput
        It is a file, the folder one works in, or holds files that hubeval did not write.
    """
    if not str(out).strip():
        raise BadInput([Problem("--out", "names no folder", "a folder to write", "Name one: --out report.")])
    with _refusals(Path(out)):
        target = Path(out).resolve()
        if target.exists() and not target.is_dir():
            raise BadInput([Problem("--out", f"{out} is a file", "a folder", "Choose another name.")])
        if target.is_dir() and (Path.cwd() == target or Path.cwd().is_relative_to(target)):
            found = f"{out} is the folder you are in, or holds it"
            raise BadInput([Problem("--out", found, "a folder of its own", "Name one in it: --out report.")])
        others = _others(target) if target.is_dir() and not overwrite else []
        if others:
            found = f"{out} holds what hubeval did not write, or what was changed since: {listed(others, 3)}"
            cure = "Choose another folder, or add --overwrite."
            raise BadInput([Problem("--out", found, "a new or empty folder, or one that hubeval wrote", cure)])
    return target


def slugs(names: Sequence[str], otherwise: str = "area") -> list[str]:
    """A file name for each name: lower-case letters, digits and hyphens, told apart where two come out the same.

    Examples
    --------
    >>> slugs(["Ofsted: Good", "ofsted good", "東京", "CON"])
    ['ofsted-good', 'ofsted-good-2', 'area', 'area-con']
    """
    found: dict[str, None] = {}
    for name in names:
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower())[:_LONGEST].strip("-") or otherwise
        plain = f"{otherwise}-{plain}" if plain in _RESERVED else plain
        number = 1
        while (slug := plain if number == 1 else f"{plain}-{number}") in found:
            number += 1
        found[slug] = None
    return list(found)


def _manifest(made: Mapping[str, bytes]) -> dict[str, object]:
    return {"schema": SCHEMA, "files": {name: files.sha256(content) for name, content in made.items()}}


def _known(folder: Path) -> dict[str, str]:
    """The files that hubeval wrote there, with their hashes; none where its list is absent or not its own."""
    listing = folder / MANIFEST
    try:
        known = json.loads(listing.read_bytes())["files"] if listing.is_file() else {}
        return {str(name): str(digest) for name, digest in known.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def as_written(path: str | Path) -> bool | None:
    """Whether a file is still what hubeval wrote there; None where its folder's list does not speak of it.

    The list is no signature: whoever changes both is not found out.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     made = write_folder(Path(home) / "out", {"result.json": "{}"})[0]
    ...     before = as_written(made)
    ...     _ = made.write_text("[]")
    ...     before, as_written(made), as_written(Path(home) / "elsewhere.json")
    (True, False, None)
    """
    where = Path(path)
    digest = _known(where.parent).get(where.name)
    return None if digest is None else _is(where, digest)


def _others(folder: Path) -> list[str]:
    """Names in a folder that are not those of the files that hubeval wrote there, or are no longer what it wrote."""
    found: list[str] = []
    for _ in range(20):
        known, found = _known(folder), []
        for path in _inside(folder):
            name = path.relative_to(folder).as_posix()
            if not (name == MANIFEST and known) and not _is(path, known.get(name)):
                found.append(name)
        if not found or known == _known(folder):  # otherwise a second writer came between: look again
            break
    return sorted(found)


def _is(path: Path, digest: str | None) -> bool:
    """Whether a path is a plain file of these contents."""
    try:
        return digest is not None and path.is_file() and not path.is_symlink() and files.sha256(path) == digest
    except FileNotFoundError:
        return False


def _inside(folder: Path) -> Iterator[Path]:
    """Everything in a folder that is not itself a folder, but for what systems leave there; no link is followed."""
    for here, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(here) / name).is_symlink()]
        for name in (*names, *links):
            if name.lower() not in _ASIDE and not name.startswith("~$"):
                yield Path(here) / name


def _keep(target: Path, stage: Path, written: set[str]) -> None:
    """Carry other people's files over into the new folder."""
    others = [name for name in _others(target) if name not in written] if target.is_dir() else []
    if sum((target / name).lstat().st_size for name in others) > _MOST_KEPT:
        found = f"{target} holds more than {_MOST_KEPT:,} bytes of other files"
        raise BadInput([Problem("--out", found, "a folder for results", "Choose another folder.")])
    for name in others:
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(target / name, stage / name, follow_symlinks=False)


@contextlib.contextmanager
def _staged(target: Path) -> Iterator[Path]:
    """A new folder beside the target, gone again whatever happens; those that killed writers left go too."""
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{target.name[:_LONGEST]}."
    for left in target.parent.glob(f"{_literal(prefix)}*.writing"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE:
                shutil.rmtree(left, ignore_errors=True)
    stage = Path(tempfile.mkdtemp(prefix=prefix, suffix=".writing", dir=target.parent))
    try:
        stage.chmod(0o777 & ~_umask())
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _literal(text: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", text)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _swap(stage: Path, target: Path) -> None:
    """Put the new folder where the old one stands; the old one ends up as `stage`, to be removed."""
    for _ in range(100):  # a second writer may come between: then once more
        try:
            if not target.exists():
                stage.rename(target)
            elif not _exchange(stage, target):
                _step_by_step(stage, target)
        except (FileExistsError, FileNotFoundError):
            time.sleep(0.01)
        except OSError as error:
            if error.errno not in {17, 39, 66}:  # somebody else's folder came to stand there
                raise
        else:
            return
    raise FileExistsError(0, "another program keeps writing there")


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change names in one step, where the system can; False where it cannot."""
    name, flag = {"linux": ("renameat2", 2), "darwin": ("renameatx_np", 2)}.get(sys.platform, ("", 0))
    here = {"linux": -100, "darwin": -2}.get(sys.platform, 0)
    call = getattr(ctypes.CDLL(None, use_errno=True), name, None) if name else None
    if call is None:
        return False
    done: int = call(here, os.fsencode(one), here, os.fsencode(other), flag)
    return done == 0


def _step_by_step(stage: Path, target: Path) -> None:
    """The old one aside, the new one in its place; the old one back where that fails."""
    aside = stage.with_suffix(".old")
    target.rename(aside)
    try:
        stage.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def _refusals(where: Path) -> Iterator[None]:
    """What the system would not do, as one line."""
    try:
        yield
    except PermissionError as error:
        found = f"cannot write {where}: {error.strerror or 'not permitted'}"
        cure = "Close what has it open (a report in Word or Excel), or choose another place."
        raise BadInput([Problem("--out", found, "a place you may write to", cure)]) from None
    except (OSError, ValueError) as error:
        found = f"cannot write {where}: {files.reason(error)}"
        raise BadInput([Problem("--out", found, "a place you may write to", "Choose another.")]) from None
