"""The hops that are stored for paths are those of the relations: the cheapest of each way, those to weeks apart."""

from hypothesis import given
from hypothesis import strategies as st

from graph.frontier import Hops
from graph.neo4j_hops import packed_hops, unpack_hops
from graph.paths import BACKWARD_FACTOR, FORWARD_COST
from graph.schema import Concept, Relation

CONCEPTS = [Concept(name, name, (), "", None, None, "week" if name in "ef" else "concept", ()) for name in "abcdef"]
ends = st.sampled_from("abcdef")
relations = st.lists(
    st.builds(
        lambda source, kind, target, weight: Relation(source, target, kind, "authored", weight, ()),
        ends,
        st.sampled_from(sorted(FORWARD_COST)),
        ends,
        st.sampled_from([0.01, 0.1, 0.3, 1.0]),
    ),
    max_size=20,
)


def cheapest(source, target, among):
    costs = [FORWARD_COST[r.kind] / max(r.weight, 0.1) for r in among if (r.source, r.target) == (source, target)]
    costs += [
        FORWARD_COST[r.kind] / max(r.weight, 0.1) * BACKWARD_FACTOR
        for r in among
        if (r.target, r.source) == (source, target)
    ]
    return min(costs, default=None)


@given(relations)
def test_every_way_has_its_cheapest_cost_and_weeks_stand_apart(rows):
    names = [concept.id for concept in CONCEPTS]
    for name, (to_concepts, to_weeks) in zip(names, packed_hops(CONCEPTS, rows), strict=True):
        found = {}
        for packed, kind in ((to_concepts, "concept"), (to_weeks, "week")):
            for other, there, back in zip(*unpack_hops(packed), strict=True):
                assert CONCEPTS[other].kind == kind
                assert names[other] not in found
                found[names[other]] = (there, back)
        joined = {r.target for r in rows if r.source == name} | {r.source for r in rows if r.target == name}
        assert found == {other: (cheapest(name, other, rows), cheapest(other, name, rows)) for other in joined}


def test_a_concept_without_relations_has_no_hops():
    assert [tuple(map(unpack_hops, packed)) for packed in packed_hops(CONCEPTS[:1], [])] == [(Hops((), (), ()),) * 2]
