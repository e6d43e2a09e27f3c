"""The Cypher of what a map asks of a large graph: as much as one view draws, by the filters that the reader has set.

A concept that has a place on the map carries the number of its group, `band`, and how many relations it has there,
`degree`; both are decided when publishing.
"""

from typing import LiteralString

from graph.cypher import RELATION_TYPES, WHOLE


def _passes(name: LiteralString) -> LiteralString:
    """Whether the filters let a concept through."""
    return f"""({name}.band >= 0
        AND ($weeks IS NULL OR {name}.week IN $weeks OR ($no_week AND {name}.week IS NULL))
        AND ($tracks IS NULL OR {name}.track IN $tracks)
        AND ($only IS NULL OR {name}.id IN $only)
        AND NOT {name}.id IN $without)"""


_ORIGIN: LiteralString = "($origins IS NULL OR r.origin IN $origins)"
_SHOWN: LiteralString = "{.id, .title, .aliases, .summary, .week, .track, .kind, .position, .band}"

GROUPING: LiteralString = "MATCH (g:Generation {key: $generation}) RETURN g.grouping AS grouping"
SIZES: LiteralString = f"""
MATCH (c:Concept {{generation: $generation}})
WHERE {_passes("c")}
RETURN c.band AS band, count(*) AS size
"""
CROSSINGS: LiteralString = f"""
MATCH (s:Concept {{generation: $generation}})-[r:PREREQUISITE_OF]->(t:Concept)
WHERE {_passes("s")} AND {_passes("t")} AND s.band <> t.band AND {_ORIGIN}
RETURN s.band AS source, t.band AS target, count(*) AS count
"""
BANDS_OF: LiteralString = f"""
UNWIND $keys AS key
MATCH (c:Concept {{generation: $generation, key: key}})
WHERE {_passes("c")}
RETURN c.id AS id, c.band AS band
"""
PLACED: LiteralString = f"""
MATCH (c:Concept {{generation: $generation}})
WHERE {_passes("c")} OR (
    c.kind = $week_kind AND ($weeks IS NULL OR c.week IN $weeks) AND ($tracks IS NULL OR c.track IN $tracks)
)
RETURN c {WHOLE} AS concept ORDER BY c.position
"""
MEMBERS: LiteralString = f"""
MATCH (c:Concept {{generation: $generation, band: $band}})
WHERE {_passes("c")}
WITH c ORDER BY c.degree DESC, c.position LIMIT $limit
RETURN c {_SHOWN} AS concept
"""
AMONG: LiteralString = f"""
UNWIND $positions AS position
MATCH (s:Concept {{generation: $generation, position: position}})-[r:{RELATION_TYPES}]->(t:Concept)
WHERE r.target IN $positions AND {_ORIGIN}
RETURN s.id AS source, t.id AS target, type(r) AS type, r.origin AS origin, r.weight AS weight ORDER BY r.position
"""
OUTWARD: LiteralString = f"""
UNWIND $positions AS position
MATCH (c:Concept {{generation: $generation, position: position}})
CALL (c) {{
    MATCH (c)-[r:PREREQUISITE_OF]->(o:Concept) WHERE o.band <> $band AND {_passes("o")} AND {_ORIGIN}
    RETURN o.band AS band, true AS leaves
    UNION ALL
    MATCH (c)<-[r:PREREQUISITE_OF]-(o:Concept) WHERE o.band <> $band AND {_passes("o")} AND {_ORIGIN}
    RETURN o.band AS band, false AS leaves
}}
RETURN c.id AS id, band, leaves, count(*) AS count
"""
SHOWN: LiteralString = f"""
MATCH (c:Concept {{generation: $generation, key: $key}})
RETURN c {_SHOWN} AS concept
"""
# The concepts that a concept is joined to best, by how: what it needs, what it unlocks, and all else.
JOINED: LiteralString = f"""
MATCH (c:Concept {{generation: $generation, key: $key}})
CALL (c) {{
    MATCH (c)<-[r:PREREQUISITE_OF]-(o:Concept) WHERE {_passes("o")} AND {_ORIGIN}
    RETURN o, 'needs' AS side ORDER BY r.weight DESC, o.degree DESC, o.position LIMIT $limit
    UNION ALL
    MATCH (c)-[r:PREREQUISITE_OF]->(o:Concept) WHERE {_passes("o")} AND {_ORIGIN}
    RETURN o, 'unlocks' AS side ORDER BY r.weight DESC, o.degree DESC, o.position LIMIT $limit
    UNION ALL
    MATCH (c)-[r:PART_OF|RELATED_TO|CONTRASTS_WITH|APPLIES_TO]-(o:Concept) WHERE {_passes("o")} AND {_ORIGIN}
    RETURN o, 'beside' AS side ORDER BY r.weight DESC, o.degree DESC, o.position LIMIT $limit
}}
RETURN o {_SHOWN} AS concept, side
"""
NEEDED_BY_ANY: LiteralString = f"""
UNWIND $positions AS position
MATCH (:Concept {{generation: $generation, position: position}})<-[r:PREREQUISITE_OF]-(o:Concept)
WHERE {_passes("o")} AND {_ORIGIN}
WITH DISTINCT o ORDER BY o.degree DESC, o.position LIMIT $limit
RETURN o {_SHOWN} AS concept
"""
UNLOCKED_BY_ANY: LiteralString = f"""
UNWIND $positions AS position
MATCH (:Concept {{generation: $generation, position: position}})-[r:PREREQUISITE_OF]->(o:Concept)
WHERE {_passes("o")} AND {_ORIGIN}
WITH DISTINCT o ORDER BY o.degree DESC, o.position LIMIT $limit
RETURN o {_SHOWN} AS concept
"""
JOINED_TO_ANY: LiteralString = f"""
UNWIND $positions AS position
MATCH (c:Concept {{generation: $generation, position: position}})-[r:{RELATION_TYPES}]-(o:Concept)
WHERE {_passes("o")} AND {_ORIGIN}
WITH DISTINCT r LIMIT $limit
RETURN r.source AS source, r.target AS target, type(r) AS type, r.origin AS origin, r.weight AS weight
ORDER BY r.position
"""
AT: LiteralString = f"""
UNWIND $positions AS position
MATCH (c:Concept {{generation: $generation, position: position}})
RETURN c {_SHOWN} AS concept
"""
