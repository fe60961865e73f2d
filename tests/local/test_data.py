"""One stack at a time can use a data folder, and an error names one that can't be used."""

from pathlib import Path

import pytest

from local.data import BadData, claimed


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    with claimed(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b").is_dir()


def test_a_second_stack_in_the_same_folder_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    with claimed(tmp_path), pytest.raises(BadData, match=r"Another stack is using .* with --data or CHATR_DATA"):
        claimed(tmp_path).__enter__()
    with claimed(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadData, match=r"file/data can't be used \(Not a directory\)"):
        claimed(tmp_path / "file" / "data").__enter__()
