"""A folder of results is never half one: kills, full disks, second writers, files held open, other people's files."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hubeval import files, folders
from hubeval.errors import BadInput
from hubeval.folders import MANIFEST, slugs, write_file, write_folder

EXAMPLE = "designs/essex-style/protocol.toml"


def whole(folder):
    """Which run wrote it, if the folder is one whole run; fails where it is a mixture."""
    listing = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    assert there == set(listing)
    for name, digest in listing.items():
        assert files.sha256(folder / name) == digest, name
    return listing


def contents(mark, n=30):
    return {f"part{i % 3}/{mark}-{i}.txt": f"{mark} {i}\n" * 200 for i in range(n)} | {"result.json": f'"{mark}"'}


def test_a_folder_is_written_whole_and_lists_its_files_last(tmp_path):
    written = write_folder(tmp_path / "a" / "o", contents("x"))
    assert written[-1].name == MANIFEST
    assert len(written) == len(whole(tmp_path / "a" / "o")) + 1
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["o"]


def test_files_of_an_earlier_run_do_not_stay(tmp_path):
    write_folder(tmp_path / "o", contents("x"))
    write_folder(tmp_path / "o", contents("y", 3))
    assert all("y-" in name or name == "result.json" for name in whole(tmp_path / "o"))


def test_an_empty_folder_is_written_into(tmp_path):
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / ".DS_Store").touch()
    write_folder(tmp_path / "o", contents("x", 2))
    assert (tmp_path / "o" / "result.json").is_file()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda o: (o / "notes.docx").write_text("mine"),
        lambda o: (o / "result.json").write_text("changed"),
        lambda o: (o / MANIFEST).unlink(),
        lambda o: (o / MANIFEST).write_text("[1]"),
        lambda o: (o / "mine").symlink_to(o.parent),
    ],
)
def test_what_hubeval_did_not_write_is_not_written_over(tmp_path, spoil):
    out = tmp_path / "o"
    write_folder(out, contents("x"))
    spoil(out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(BadInput, match="did not write"):
        write_folder(out, contents("y"))
    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    write_folder(out, contents("y"), overwrite=True)
    assert (out / "result.json").read_text() == '"y"'
    if (out / "notes.docx").exists():
        assert (out / "notes.docx").read_text() == "mine"
    assert (out / "mine").is_symlink() == any(path.is_symlink() for path in before) or (out / "mine").is_symlink()


def test_other_peoples_files_stay_when_written_over(tmp_path):
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "notes.docx").write_text("mine")
    write_folder(tmp_path / "o", contents("x"), overwrite=True)
    assert (tmp_path / "o" / "notes.docx").read_text() == "mine"


def test_the_folder_one_is_in_is_never_replaced(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    for out in (".", "..", tmp_path):
        with pytest.raises(BadInput, match="the folder you are in"):
            write_folder(out, contents("x"), overwrite=True)


def test_a_file_a_pipe_or_no_name_is_no_folder(tmp_path):
    (tmp_path / "f").write_text("x")
    os.mkfifo(tmp_path / "p")
    for out in (tmp_path / "f", tmp_path / "p", tmp_path / "f" / "o", "", " ", "a\0b", "n" * 5_000):
        with pytest.raises(BadInput):
            write_folder(out, contents("x"), overwrite=True)
    with pytest.raises(BadInput, match="is there already"):
        write_file(tmp_path / "f", "new")
    with pytest.raises(BadInput, match="is no file"):
        write_file(tmp_path / "p", "new", overwrite=True)
    assert (tmp_path / "f").read_text() == "x"


def test_a_report_held_open_is_one_line_and_nothing_is_lost(tmp_path, monkeypatch):
    write_folder(tmp_path / "o", contents("x"))

    def held(*_):
        raise PermissionError(13, "The process cannot access the file because it is being used by another process")

    monkeypatch.setattr(folders, "_exchange", lambda *_: False)
    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(BadInput, match="Close what has it open") as caught:
        write_folder(tmp_path / "o", contents("y"))
    assert len(str(caught.value).splitlines()) == 1
    assert all("x-" in name or name == "result.json" for name in whole(tmp_path / "o"))
    assert [path.name for path in tmp_path.iterdir()] == ["o"]


def test_where_the_system_cannot_exchange_two_steps_do(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "_exchange", lambda *_: False)
    for mark in "xyz":
        write_folder(tmp_path / "o", contents(mark))
    assert '"z"' in (tmp_path / "o" / "result.json").read_text()
    whole(tmp_path / "o")
    assert [path.name for path in tmp_path.iterdir()] == ["o"]


def test_a_full_disk_leaves_the_old_folder(tmp_path, monkeypatch):
    write_folder(tmp_path / "o", contents("x"))
    write, left = Path.write_bytes, [10]

    def full(path, data):
        left[0] -= 1
        if left[0] < 0:
            write(path, data[: len(data) // 2])
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(BadInput, match="No space left on device"):
        write_folder(tmp_path / "o", contents("y"))
    assert all("x-" in name or name == "result.json" for name in whole(tmp_path / "o"))
    assert [path.name for path in tmp_path.iterdir()] == ["o"]


def test_two_writers_at_once_never_mix(tmp_path):
    out, faults = tmp_path / "o", []

    def keep_writing(mark):
        try:
            for _ in range(15):
                write_folder(out, contents(mark))
        except BaseException as error:  # noqa: BLE001
            faults.append(error)

    threads = [threading.Thread(target=keep_writing, args=(mark,)) for mark in "ab"]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.005)
    assert not faults, faults
    marks = {name[6] for name in whole(out) if name != "result.json"}
    assert len(marks) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["o"]


def test_two_names_that_come_out_the_same_are_told_apart():
    assert slugs(["A b", "a-B", "", "!", "nul", "x" * 400, "x" * 401], "figure") == [
        "a-b", "a-b-2", "figure", "figure-2", "figure-nul", "x" * 40, "x" * 40 + "-2",
    ]  # fmt: skip


def test_what_a_killed_writer_left_is_swept_away_a_day_later(tmp_path):
    for name, age in ((".o.abc.writing", 100_000), (".o.new.writing", 0), (".other.abc.writing", 100_000)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
    write_folder(tmp_path / "o", contents("x", 2))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".o.new.writing", ".other.abc.writing", "o"]


WRITER = """
import sys
from hubeval.folders import write_folder
print("ready", flush=True)
for n in range(int(sys.argv[3])):
    mark = f"{sys.argv[2]} run {n}"
    write_folder(sys.argv[1], {f"part{i % 3}/{mark}-{i}.txt": mark * 2_000 for i in range(30)} | {"result.json": mark})
"""


def start(root, out, mark, times):
    command = [sys.executable, "-c", WRITER, str(out), mark, str(times)]
    env = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process.stdout.readline()
    return process


def killed(root, out, moments):
    """Kill a writer at each of many moments; whose run stood there after each."""
    start(root, out, "before", 1).communicate(timeout=60)
    found = []
    for n in range(moments):
        process = start(root, out, f"writer {n}", 10_000)
        time.sleep(random.Random(n).random() * 0.1)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        process.stdout.close()
        mark = (out / "result.json").read_text("utf-8")
        assert all(name == "result.json" or f"/{mark}-" in name for name in whole(out))
        found.append(mark)
    return found


def test_a_killed_writer_leaves_one_whole_run(root, tmp_path):
    assert len(set(killed(root, tmp_path / "o", 6))) > 1


@pytest.mark.slow
def test_a_writer_killed_at_fifty_moments_leaves_one_whole_run(root, tmp_path):
    assert len(set(killed(root, tmp_path / "o", 50))) > 5


@pytest.mark.slow
def test_evaluate_killed_at_fifty_moments_leaves_one_whole_run(root, tmp_path):
    out = tmp_path / "o"
    command = [sys.executable, "-m", "hubeval", "evaluate", str(root / EXAMPLE), "--out", str(out)]
    env = {**os.environ, "PYTHONPATH": str(root)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    began = time.monotonic()
    subprocess.run(command, cwd=tmp_path, env=env, check=True, **quiet)
    took = time.monotonic() - began
    for n in range(50):
        process = subprocess.Popen(command, cwd=tmp_path, env=env, **quiet)
        time.sleep(took * (0.5 + 0.6 * n / 50))  # the later half is where it draws and writes
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        whole(out)


@pytest.mark.slow
def test_two_processes_at_once_never_mix(root, tmp_path):
    one, other = (start(root, tmp_path / "o", mark, 100) for mark in ("one", "other"))
    assert [process.communicate(timeout=300)[0] for process in (one, other)] == ["", ""]
    assert (one.returncode, other.returncode) == (0, 0)
    whole(tmp_path / "o")


@pytest.mark.slow
def test_a_small_disk_that_fills_leaves_the_old_folder(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if not shutil.which("mount") or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False, capture_output=True).returncode:  # fmt: skip
        pytest.skip("this machine lets nobody mount a small disk; the stub above stands in for it")
    try:
        write_folder(disk / "o", contents("x", 20))
        (disk / "filler").write_bytes(b"x" * (shutil.disk_usage(disk).free - 50_000))
        with pytest.raises(BadInput, match="No space left"):
            write_folder(disk / "o", contents("y", 60))
        whole(disk / "o")
        assert sorted(path.name for path in disk.iterdir()) == ["filler", "o"]
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def count_said(text):
    return int(text.rpartition("Written: ")[2].split()[0])


def test_two_plans_that_share_a_folder_get_two_and_all_are_counted(call, root, tmp_path):
    for name in ("york", "sefton"):
        shutil.copy(root / f"designs/{name}/profile.toml", tmp_path / f"{name}.toml")
    status, out, _ = call("plan", tmp_path / "york.toml", tmp_path / "sefton.toml", "--out", tmp_path / "o")
    assert status == 0
    assert len(list((tmp_path / "o").glob("*/plan.html"))) == 2
    assert count_said(out) == len([path for path in (tmp_path / "o").rglob("*") if path.is_file()])


def test_two_figures_of_like_names_get_two_files(monkeypatch):
    from hubeval.report import outputs

    monkeypatch.setattr(outputs, "render_html", lambda *_: "")
    monkeypatch.setattr(outputs, "office_files", lambda *_: {})
    monkeypatch.setattr(outputs, "evaluation_brief", lambda *_: "")
    monkeypatch.setattr(outputs, "audit_files", lambda _: {})
    monkeypatch.setattr(outputs, "passed", lambda given: given)
    monkeypatch.setattr(outputs, "flow_of", lambda _: None)
    series = {"label": "s", "x": [1, 2], "y": [1, 2], "low": [], "high": [], "style": "line", "holds": "", "n": []}
    empty = {"title": "t", "x_label": "", "y_label": "", "marks": [], "ticks": [], "horizontal": False, "text": ""}
    figures = [{**empty, "name": name, "series": [series]} for name in ("a b", "a-b", "A_B")]
    made = outputs.outputs({"provenance": {}, "estimates": [], "figures": figures})
    drawn = [name for name in made if name.endswith(".svg")]
    assert drawn == ["figures/a-b.svg", "figures/a-b-2.svg", "figures/a-b-3.svg"]


def test_a_folder_that_cannot_be_written_is_refused_before_the_long_work(refused, root, tmp_path, monkeypatch):
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "mine.txt").write_text("x")
    monkeypatch.setattr("hubeval.evaluation.evaluate", lambda *_a, **_k: pytest.fail("the work was begun"))
    for argv in (
        ["evaluate", root / EXAMPLE],
        ["assess", root / "designs/york/profile.toml"],
        ["plan", root / "designs/york/profile.toml"],
    ):
        assert "mine.txt" in refused(*argv, "--out", tmp_path / "o")
    assert "only with --out" in refused("evaluate", root / EXAMPLE, "--overwrite")
    assert "is there already" in refused("form", tmp_path / "o" / "mine.txt")
    assert "is there already" in refused("new", "profile", "--out", tmp_path / "o" / "mine.txt")
    assert (tmp_path / "o" / "mine.txt").read_text() == "x"
