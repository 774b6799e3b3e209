"""A file of weights is used as it was locked or not at all."""

from __future__ import annotations

import os
import socket
from importlib.metadata import files
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest
import yaml
from face_models import COMMIT, as_hub_file, lock_what_is_there, put_in_cache, stand_ins
from huggingface_hub import constants
from hypothesis import given
from hypothesis import strategies as st

from dyads.errors import StudyError
from dyads.extraction.fetching import fetch
from dyads.extraction.published import (
    FACE_FINDER,
    FACE_MODEL,
    NEEDED,
    NOT_SAID,
    licence_remarks,
    weights_table,
)
from dyads.extraction.weights import offline, read_lock, usual_caches, verified

SOURCE = Path(__file__).parents[2] / "src/dyads"
LATER_COMMIT = "f" * 40


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "models.lock.yaml"


class Hub:
    """Stands in for the hub's client: what each repository holds at which commit."""

    def __init__(self) -> None:
        self.commit = COMMIT
        self.announced: str | None = None
        self.asked: list[tuple[str, str, str]] = []

    def model_info(self, repository: str, *, revision: str, files_metadata: bool) -> object:
        assert (revision, files_metadata) == ("main", True)
        large = SimpleNamespace(sha256=self.announced) if self.announced else None
        names = [one.file for one in NEEDED["Detectorv2"] if one.repository == repository]
        siblings = [SimpleNamespace(rfilename=name, lfs=large) for name in ["README.md", *names]]
        return SimpleNamespace(sha=self.commit, siblings=siblings)

    def download(self, repository: str, name: str, *, revision: str, cache_dir: Path) -> str:
        self.asked.append((repository, name, revision))
        published = next(
            one for one in NEEDED["Detectorv2"] if (one.repository, one.file) == (repository, name)
        )
        return str(put_in_cache(cache_dir, published, self.content(name, revision), revision))

    def content(self, name: str, commit: str) -> bytes:
        return f"{name} at {commit}".encode()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    hub = Hub()
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", hub.download)
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: hub)
    return hub


def test_what_was_fetched_is_locked_and_found_again(hub: Hub, cache: Path, lock: Path) -> None:
    written = fetch("Detectorv2", lock, cache)
    assert read_lock(lock) == written
    assert [(one.repository, one.file, one.commit) for one in written.files] == [
        ("py-feat/face_multitask_v2", "face_multitask_v28.safetensors", COMMIT),
        ("py-feat/retinaface_r34", "model.safetensors", COMMIT),
    ]
    found = verified("Detectorv2", lock, [cache])
    assert found[FACE_MODEL].read_bytes() == hub.content(FACE_MODEL.file, COMMIT)
    assert found[FACE_MODEL].parent.name == COMMIT


def test_the_lock_says_licence_and_training_data(hub: Hub, cache: Path, lock: Path) -> None:
    fetch("Detectorv2", lock, cache)
    plain = yaml.safe_load(lock.read_text())["files"][0]
    assert plain["commercial_use"] == "excluded"
    assert "CC BY-NC 4.0" in plain["licence"]
    assert "AffectNet" in plain["trained_on"]


def test_another_machine_fetches_the_locked_commit_and_not_the_newest(
    hub: Hub, cache: Path, lock: Path, tmp_path: Path
) -> None:
    before = fetch("Detectorv2", lock, cache)
    hub.commit = LATER_COMMIT
    hub.asked.clear()
    assert fetch("Detectorv2", lock, tmp_path / "other") == before
    assert {revision for *_, revision in hub.asked} == {COMMIT}


def test_other_bytes_at_the_locked_commit_are_refused_and_the_lock_stays(
    hub: Hub, cache: Path, lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch("Detectorv2", lock, cache)
    before = lock.read_bytes()
    monkeypatch.setattr(hub, "content", lambda *_: b"something else")
    with pytest.raises(StudyError, match=r"face_multitask_v28.*SHA-256 is .*, expected"):
        fetch("Detectorv2", lock, tmp_path / "other")
    assert lock.read_bytes() == before


def test_bytes_that_the_hub_did_not_announce_are_not_locked(
    hub: Hub, cache: Path, lock: Path
) -> None:
    hub.announced = "a" * 64
    with pytest.raises(StudyError, match="expected aaaa"):
        fetch("Detectorv2", lock, cache)
    assert not lock.exists()


def test_without_a_network_one_line_says_so(
    hub: Hub, cache: Path, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class ConnectError(Exception):
        """As the client's own: an exception of no narrower kind."""

    def fail(*_: object, **__: object) -> None:
        raise ConnectError("Name or service not known\nmore that nobody reads")

    monkeypatch.setattr(hub, "model_info", fail)
    with pytest.raises(StudyError) as fault:
        fetch("Detectorv2", lock, cache)
    assert "could not be fetched: Name or service not known." in str(fault.value)
    assert "\n" not in str(fault.value)
    assert not lock.exists()


@given(place=st.integers(min_value=0, max_value=39), bit=st.integers(min_value=0, max_value=7))
def test_a_changed_bit_is_found_wherever_it_is(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("bit")
    cache, lock = folder / "cache", folder / "models.lock.yaml"
    content = bytearray(range(40))
    for published in NEEDED["Detectorv2"]:
        put_in_cache(cache, published, bytes(content))
    locked = lock_what_is_there(cache, lock)
    content[place] ^= 1 << bit
    as_hub_file(cache, FACE_FINDER).write_bytes(content)
    with pytest.raises(StudyError) as fault:
        verified("Detectorv2", lock, [cache])
    assert f"expected {locked.files[1].sha256}" in str(fault.value)
    assert "Delete" in str(fault.value)


def test_a_file_cut_short_is_found_without_reading_it(cache: Path, lock: Path) -> None:
    stand_ins(cache, lock)
    as_hub_file(cache, FACE_MODEL).write_bytes(b"short")
    with pytest.raises(StudyError, match=r"5 bytes, expected \d+"):
        verified("Detectorv2", lock, [cache], with_digest=False)


def test_another_version_in_the_cache_is_not_taken(cache: Path, lock: Path) -> None:
    stand_ins(cache, lock)
    for published in NEEDED["Detectorv2"]:
        content = as_hub_file(cache, published).read_bytes()
        as_hub_file(cache, published).unlink()
        put_in_cache(cache, published, content, LATER_COMMIT)
    with pytest.raises(StudyError, match=rf"commit {COMMIT[:12]}, are not on this machine"):
        verified("Detectorv2", lock, [cache])


def test_another_name_in_the_cache_is_not_taken(cache: Path, lock: Path) -> None:
    # py-feat's own loader falls back to this name
    stand_ins(cache, lock)
    path = as_hub_file(cache, FACE_FINDER)
    path.rename(path.with_name("retinaface_r34.safetensors"))
    with pytest.raises(StudyError, match=r"model\.safetensors of py-feat/retinaface_r34"):
        verified("Detectorv2", lock, [cache])


def test_every_file_that_lacks_is_named_at_once(cache: Path, lock: Path) -> None:
    stand_ins(cache, lock)
    for published in NEEDED["Detectorv2"]:
        as_hub_file(cache, published).unlink()
    with pytest.raises(StudyError) as faults:
        verified("Detectorv2", lock, [cache])
    lines = str(faults.value).splitlines()
    assert [one.file in line for one, line in zip(NEEDED["Detectorv2"], lines, strict=True)] == [
        True,
        True,
    ]
    assert all("dyads weights fetch" in line and str(cache) in line for line in lines)


def test_a_study_without_a_lock_is_told_how_to_get_one(cache: Path, lock: Path) -> None:
    with pytest.raises(StudyError, match=r"models\.lock\.yaml: no such file(.*)dyads weights"):
        verified("Detectorv2", lock, [cache])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("files: [", "cannot be read"),
        ("", "valid dictionary"),
        ("files: []\nnewest: yes\n", "newest"),
        ("files: [{commit: main}]", r"files\.0\.commit"),
        ("files: []", "does not name face_multitask_v28"),
    ],
)
def test_a_lock_that_was_not_written_by_fetch_is_refused(
    cache: Path, lock: Path, text: str, said: str
) -> None:
    lock.write_text(text)
    with pytest.raises(StudyError, match=said):
        verified("Detectorv2", lock, [cache])


def test_the_users_cache_is_looked_at(
    cache: Path, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_ins(cache, lock)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    assert usual_caches()[0] == cache
    assert set(verified("Detectorv2", lock)) == set(NEEDED["Detectorv2"])


def test_offline_keeps_the_hubs_client_from_the_network_and_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def refuse(*where: object, **_: object) -> None:
        asked.append(where)
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with offline(), pytest.raises(huggingface_hub.errors.OfflineModeIsEnabled):
        huggingface_hub.HfApi().model_info(FACE_MODEL.repository)
    assert asked == []
    assert "HF_HUB_OFFLINE" not in os.environ
    # the same question outside shows that the guard of this test sees it
    with pytest.raises(Exception, match="no network in tests"):
        huggingface_hub.HfApi().model_info(FACE_MODEL.repository)
    assert asked


def test_nothing_but_fetching_asks_the_hub() -> None:
    asking = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for word in ("import hf_hub_download", "snapshot_download", "HfApi")
        if word in path.read_text(encoding="utf-8")
    }
    assert asking == {"extraction/fetching.py"}


def test_the_format_of_each_file_is_that_of_its_name() -> None:
    formats = {(Path(one.file).suffix, one.format) for needed in NEEDED.values() for one in needed}
    assert formats == {
        (".safetensors", "safetensors"),
        (".json", "json"),
        (".npz", "npz"),
        (".skops", "skops"),
        (".pt", "TorchScript"),
        (".pth", "torch tensors"),
        (".tar", "torch tensors"),
    }


def test_the_page_about_weights_shows_what_each_detector_needs() -> None:
    page = (SOURCE.parents[1] / "docs/weights.md").read_text(encoding="utf-8")
    for detector in NEEDED:
        assert weights_table(detector) in page, f"print(weights_table({detector!r}))"


def test_a_remark_is_made_once_for_files_of_one_repository() -> None:
    remarks = licence_remarks("Detectorv1")
    assert len(remarks) == 5
    assert sum("pose_mlp_v2.safetensors and pose_mlp_v2.json" in one for one in remarks) == 1


def test_non_commercial_weights_are_said_to_be() -> None:
    model, finder = licence_remarks("Detectorv2")
    assert "face_multitask_v28.safetensors" in model
    assert "may not be used commercially" in model
    assert "not settled" in finder


def test_terms_and_training_data_are_those_that_py_feat_ships() -> None:
    notices = {
        path.name: " ".join(path.read_text(encoding="utf-8").split())
        for path in files("py-feat") or []
        if "LICENSES" in path.parts
    }
    v2, data = notices["PYFEAT-V2.md"], notices["DATASETS.md"]
    assert "designated for noncommercial research" in v2
    assert "CC BY-NC 4.0" in v2
    assert FACE_MODEL.file in v2
    v1 = notices["PYFEAT-V1.md"]
    for published in {one for needed in NEEDED.values() for one in needed}:
        if published.trained_on == NOT_SAID:
            continue
        for use in published.trained_on.split("; "):
            for corpus in use.split(": ")[1].split(", "):
                assert corpus in v1 or corpus in v2 or corpus in data, corpus
    for row in (
        "`retinaface_r34` | [RetinaFace MIT]",
        "`pfld` | [Upstream implementation and checkpoints]"
        "(https://github.com/cunjian/pytorch_face_landmark) | A sufficiently explicit upstream "
        "weight redistribution grant has not been established",
        "`xgb_au`, `svm_au` | Py-Feat integration: MIT | Previously labeled MIT",
        "FER2013 provenance is separate from the implementation license",
        "`pose_mlp_v2` | Py-Feat implementation: MIT | Distilled from img2pose using CelebV-HQ",
        "WIDER FACE data has separate noncommercial terms",
    ):
        assert row in v1, row
    # On these the notices are silent, and the table says so.
    silent = ("mp_facemesh_v2", "mp_blendshapes")
    assert not any(name in notice for name in silent for notice in notices.values())
