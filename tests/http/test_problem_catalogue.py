"""`python -m tests.http.test_problem_catalogue` writes docs/problems.md anew."""

import importlib
import pkgutil
from collections import Counter
from pathlib import Path

import httpx
import pytest

import app
from app.core.errors import AppError, NotFound
from app.http.problem_catalogue import catalogue, classes, markdown

DOCUMENT = Path(__file__).parents[2] / "docs" / "problems.md"


def import_all() -> None:
    """Import every module of the product, so that no error class is missed."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


import_all()


@pytest.mark.parametrize("error", list(classes()), ids=lambda error: error.__name__)
def test_each_problem_says_in_a_line_what_to_do(error: type[AppError]) -> None:
    said = error.__dict__.get("__doc__") or ""
    assert said.strip().endswith(".")
    assert "\n\n" not in said
    assert error.title
    assert not error.title.endswith(".")
    assert 400 <= error.status <= 599


def test_each_code_belongs_to_one_class() -> None:
    codes = Counter(error.code for error in classes())
    assert [code for code, count in codes.items() if count > 1] == []


def test_the_document_lists_the_problems_there_are() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == markdown(), "run `python -m tests.http.test_problem_catalogue`"


async def test_a_problem_s_type_leads_to_its_explanation(client: httpx.AsyncClient) -> None:
    problem = (await client.get("/v1/clients/NOBODY")).json()
    answer = await client.get(problem["type"], headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.json() == {
        "code": "not-found",
        "title": NotFound.title,
        "status": 404,
        "description": catalogue()["not-found"].description,
    }
    assert (await client.get("/problems/nonsense")).json()["code"] == "not-found"


if __name__ == "__main__":
    DOCUMENT.write_text(markdown(), encoding="utf-8")
