"""What outlives a reload: bounded in number, bytes and time, and found by nobody else."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from locator.web.keeping import Keeper
from locator.web.photos import MOST, MOST_BYTES, Photos


@dataclass
class Thing:
    size_bytes: int = 1


@pytest.fixture
def clock():
    return [100.0]


@pytest.fixture
def keeper(clock):
    return Keeper(most=3, most_bytes=100, kept_s=60, now_s=lambda: clock[0])


def test_what_is_kept_is_found_by_its_key_alone(keeper):
    thing = Thing()
    keeper.keep("one", thing)
    assert keeper.find("one") is thing
    assert keeper.find("other") is None
    assert keeper.find("") is None


def test_keys_are_long_and_never_the_same():
    keys = {Keeper.new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert min(map(len, keys)) >= 40


def test_who_was_not_seen_longest_makes_room(keeper):
    for name in ("a", "b", "c"):
        keeper.keep(name, Thing())
    keeper.keep("a", Thing())
    keeper.keep("d", Thing())
    assert [bool(keeper.find(name)) for name in "abcd"] == [True, False, True, True]


def test_bytes_have_a_bound_together(keeper):
    keeper.keep("a", Thing(60))
    keeper.keep("b", Thing(30))
    assert keeper.find("a")
    keeper.keep("c", Thing(30))
    assert [bool(keeper.find(name)) for name in "abc"] == [False, True, True]


def test_something_that_is_too_large_alone_is_not_kept(keeper):
    keeper.keep("a", Thing(101))
    assert keeper.find("a") is None


def test_after_its_time_nothing_is_found(keeper, clock):
    keeper.keep("a", Thing())
    clock[0] += 59
    assert keeper.find("a")
    clock[0] += 1
    assert keeper.find("a") is None


def test_memory_is_given_back_though_nobody_comes_any_more():
    keeper = Keeper(kept_s=0.05)
    keeper.keep("a", Thing())
    deadline = time.monotonic() + 300
    while keeper._entries:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_photos_are_kept_beside_each_other_and_the_last_one_is_shown():
    photos = Photos()
    photos.add("a.jpg", b"a")
    photos.add("b.jpg", b"b")
    assert [one.name for one in photos] == ["a.jpg", "b.jpg"]
    assert photos.now.name == "b.jpg"
    photos.add("again.jpg", b"a")  # the same photo is not kept twice
    assert [one.name for one in photos] == ["a.jpg", "b.jpg"]
    assert photos.now.name == "a.jpg"


def test_removing_the_photo_on_the_page_brings_back_the_one_before():
    photos = Photos()
    for name in "abc":
        photos.add(name, name.encode())
    photos.remove(photos.sha256)
    assert photos.now.name == "b"
    for _ in range(2):
        photos.remove(photos.sha256)
    assert photos.now is None
    assert photos.size_bytes == 0


def test_what_cannot_be_read_makes_room_first_and_where_a_photo_does_it_is_said():
    photos = Photos()
    photos.add("good.jpg", b"good")
    for number in range(MOST + 3):
        photos.add(f"{number}.txt", bytes([number]))
        photos.find_worthless(photos.sha256)
        assert not photos.made_room
    assert len(photos) == MOST
    assert "good.jpg" in [one.name for one in photos]
    for number in range(MOST):
        photos.add(f"{number}.jpg", b"photo %d" % number)
    assert photos.made_room
    assert "good.jpg" not in [one.name for one in photos]
    photos.show(next(iter(photos)).sha256)
    assert not photos.made_room


def test_photos_of_a_visitor_are_bounded_and_the_one_shown_longest_ago_goes():
    photos = Photos()
    for number in range(MOST):
        photos.add(str(number), bytes([number]))
    first = next(iter(photos))
    photos.show(first.sha256)
    photos.add("new", b"new")
    assert len(photos) == MOST
    assert [one.name for one in photos][:2] == ["0", "2"]
    photos.add("large", bytes(MOST_BYTES - 1))
    assert photos.size_bytes <= MOST_BYTES
    assert photos.now.name == "large"
