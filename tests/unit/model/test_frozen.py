"""Frozen values behave as frozen dataclasses do; what they are made of is seen by whoever asks dataclasses."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace

import pytest

from orchestrator.model.frozen import frozen


@frozen
class Point:
    """Two numbers, and what nobody compares."""

    x: int
    y: int = 2
    marks: list[str] = field(default_factory=list)
    seen: int = field(default=0, compare=False, repr=False)


@frozen(kw_only=True)
class Named(Point):
    """A point with a name."""

    name: str


@frozen
class Nothing:
    """Without fields."""


@frozen
class Loud:
    """Says something else of itself."""

    word: str

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loud) and self.word.lower() == other.word.lower()


@dataclass(frozen=True, slots=True)
class Plain:
    """What dataclasses make of a point."""

    x: int
    y: int = 2
    marks: list[str] = field(default_factory=list)
    seen: int = field(default=0, compare=False, repr=False)


def test_arguments_by_place_by_name_and_by_default() -> None:
    assert [(each.x, each.y, each.marks, each.seen) for each in (Point(1), Point(1, marks=["a"], seen=3))] == [
        (1, 2, [], 0),
        (1, 2, ["a"], 3),
    ]
    assert Named(1, 5, name="a") == Named(x=1, y=5, name="a")
    assert Point(1).marks is not Point(1).marks, "each has a list of its own"


def test_wrong_arguments_are_refused_at_first_and_later() -> None:
    for _ in range(2):
        for make in (lambda: Point(), lambda: Point(1, z=2), lambda: Named(1, 2, [], 0, "a")):  # type: ignore[call-arg, misc]
            with pytest.raises(TypeError):
                make()


def test_it_looks_as_a_dataclass_does() -> None:
    assert repr(Point(1, marks=["a"])) == repr(Plain(1, marks=["a"])).replace("Plain", "Point")
    assert [each.name for each in fields(Point)] == [each.name for each in fields(Plain)]
    assert asdict(Point(1)) == asdict(Plain(1))
    assert repr(Loud("a")) == "***"
    assert repr(Nothing()) == "Nothing()"
    match Point(7):
        case Point(x, y):
            assert (x, y) == (7, 2)


def test_equal_by_fields_and_class() -> None:
    assert Point(1, seen=1) == Point(1, seen=2) != Point(2)
    assert Point(1) != Plain(1)
    assert Named(1, name="a") != Point(1)
    assert Nothing() == Nothing() and len({Nothing(), Nothing()}) == 1
    assert Loud("A") == Loud("a")
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(1))


def test_nothing_changes_it() -> None:
    point = Point(1)
    for change in (lambda: setattr(point, "x", 2), lambda: setattr(point, "new", 2), lambda: delattr(point, "x")):
        with pytest.raises(FrozenInstanceError):
            change()
    assert replace(point, x=5) == Point(5) and point == Point(1)
    assert not hasattr(point, "__dict__")


@pytest.mark.parametrize("value", [Point(1, 3, ["a"], 4), Named(1, name="b"), Nothing()])
def test_it_travels(value: object) -> None:
    for made in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert made == value and made is not value
        assert [getattr(made, each.name) for each in fields(made)] == [
            getattr(value, each.name)
            for each in fields(value)  # type: ignore[arg-type]
        ]
