"""The places that maps may take, and how visitors share them."""

from gnviz.jobs import LocalRunner
from gnviz.jobs.local import cores
from gnviz.lab.server import lane
from gnviz.lab.server.lane import Lane, lane_of


class Cluster:
    def __init__(self, places):
        self.places = places


def test_a_place_is_always_left_and_a_machine_has_no_more_than_its_cores():
    assert Lane(Cluster(9)).places == 8
    assert Lane(Cluster(1)).places == 1
    with LocalRunner(workers=cores() + 5) as runner:
        assert Lane(runner).places == cores()
        assert lane_of(runner) is lane_of(runner)


def test_places_are_shared_evenly(monkeypatch):
    runner, now = Cluster(6), [0.0]
    monkeypatch.setattr(lane, "monotonic", lambda: now[0])
    shared, visitors = Lane(runner), [object() for _ in range(9)]
    assert shared.room(visitors[0]) == 5
    shared.room(visitors[1])
    assert [shared.room(v) for v in visitors[:2]] == [3, 2]
    shared.leave(visitors[1])
    assert shared.room(visitors[0]) == 5
    had = dict.fromkeys(visitors, 0)
    for turn in range(18):
        now[0] = turn * lane.TURN
        rooms = [shared.room(v) for v in visitors] and [shared.room(v) for v in visitors]
        assert sum(rooms) == 5
        for visitor, room in zip(visitors, rooms, strict=True):
            had[visitor] += room
    assert set(had.values()) == {10}, "each has had the same"
    now[0] += lane.GONE + 1
    assert shared.room(visitors[3]) == 5, "who does not ask any more is forgotten"
