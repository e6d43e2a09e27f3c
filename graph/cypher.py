"""All Cypher that Prepgraph sends, but for what a map asks, which is in cypher_parts.

    (:Prepgraph {name, current, previous, publisher})   one a graph; `current` is the key of what is in service
    (:Generation {key, graph, id, state, …})   `state`: building, complete, retired
    (:Concept {generation, position, key, band, hops, …})-[:PREREQUISITE_OF {position, …} | PART_OF | …]->(:Concept)
    (:Resource {generation, position, …})-[:SERVES]->(:Concept)
    (:Name {generation, position, key, name, concept_key, pairs})   every title, alias and plural, normalised

All that belongs to a generation carries its key (`<graph>/<generation>/<layout>`), and nothing links one to another.
"""

from typing import LiteralString

RELATION_TYPES: LiteralString = "PREREQUISITE_OF|PART_OF|RELATED_TO|CONTRASTS_WITH|APPLIES_TO"
# All of a concept but its hops, which are many bytes and only for paths.
WHOLE: LiteralString = """{
    .id, .title, .aliases, .summary, .week, .track, .kind, .position, .band,
    .span_paths, .span_starts, .span_ends, .span_quotes
}"""

# A constraint has an index of the same name.
SCHEMA: dict[str, LiteralString] = {
    "prepgraph_pointer": "CREATE CONSTRAINT prepgraph_pointer IF NOT EXISTS FOR (p:Prepgraph) REQUIRE p.name IS UNIQUE",
    "prepgraph_generation": """
        CREATE CONSTRAINT prepgraph_generation IF NOT EXISTS FOR (g:Generation) REQUIRE g.key IS UNIQUE""",
    "prepgraph_concept_key": """
        CREATE CONSTRAINT prepgraph_concept_key IF NOT EXISTS
        FOR (c:Concept) REQUIRE (c.generation, c.key) IS UNIQUE""",
    "prepgraph_concept_position": """
        CREATE CONSTRAINT prepgraph_concept_position IF NOT EXISTS
        FOR (c:Concept) REQUIRE (c.generation, c.position) IS UNIQUE""",
    "prepgraph_resource_position": """
        CREATE CONSTRAINT prepgraph_resource_position IF NOT EXISTS
        FOR (r:Resource) REQUIRE (r.generation, r.position) IS UNIQUE""",
    "prepgraph_name_key": """
        CREATE CONSTRAINT prepgraph_name_key IF NOT EXISTS FOR (n:Name) REQUIRE (n.generation, n.key) IS UNIQUE""",
    "prepgraph_concept_circle": """
        CREATE INDEX prepgraph_concept_circle IF NOT EXISTS FOR (c:Concept) ON (c.generation, c.circle)""",
    "prepgraph_concept_band": """
        CREATE INDEX prepgraph_concept_band IF NOT EXISTS FOR (c:Concept) ON (c.generation, c.band)""",
    "prepgraph_concept_path": """
        CREATE INDEX prepgraph_concept_path IF NOT EXISTS FOR (c:Concept) ON (c.generation, c.path)""",
    "prepgraph_name_pairs": """
        CREATE FULLTEXT INDEX prepgraph_name_pairs IF NOT EXISTS FOR (n:Name) ON EACH [n.generation, n.pairs]
        OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace', `fulltext.eventually_consistent`: true}}""",
}
INDEX_NAMES: LiteralString = "SHOW INDEXES YIELD name"
AWAIT_INDEXES: LiteralString = "CALL db.awaitIndexes(120)"

# Publishing

CLAIM: LiteralString = """
MERGE (p:Prepgraph {name: $graph})
SET p.publisher = $publisher
RETURN p.current AS current, p.previous AS previous
"""
# Setting a property takes the node's lock until the transaction ends: writers of one graph go one after another.
HOLD: LiteralString = """
MATCH (p:Prepgraph {name: $graph})
SET p.touched = timestamp()
RETURN p.publisher AS publisher
"""
BEGIN_GENERATION: LiteralString = """
CREATE (g:Generation {key: $generation, graph: $graph, id: $id, state: 'building'})
SET g += $facts
"""
CREATE_CONCEPTS: LiteralString = """
UNWIND $rows AS row
CREATE (c:Concept) SET c = row, c.generation = $generation
"""
CREATE_NAMES: LiteralString = """
UNWIND $rows AS row
CREATE (n:Name) SET n = row, n.generation = $generation
"""
CREATE_RESOURCES: LiteralString = """
UNWIND $rows AS row
CREATE (r:Resource) SET r = row.properties, r.generation = $generation
WITH r, row.serves AS serves
UNWIND serves AS position
MATCH (c:Concept {generation: $generation, position: position})
CREATE (r)-[:SERVES {generation: $generation}]->(c)
"""
_CREATE_RELATIONS: LiteralString = """
UNWIND $rows AS row
MATCH (s:Concept {generation: $generation, position: row.source})
MATCH (t:Concept {generation: $generation, position: row.target})
CREATE (s)-[r:{type}]->(t) SET r = row, r.generation = $generation
"""
CREATE_RELATIONS: dict[str, LiteralString] = {
    name: _CREATE_RELATIONS.replace("{type}", name) for name in RELATION_TYPES.split("|")
}
# The full-text index follows in the background, which makes writing it twice as fast.
AWAIT_NAMES: LiteralString = "CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()"
COMPLETE: LiteralString = """
MATCH (p:Prepgraph {name: $graph}), (g:Generation {key: $generation})
SET g.state = 'complete',
    p.previous = CASE WHEN p.current = $generation THEN p.previous ELSE p.current END,
    p.current = $generation
RETURN p.previous AS previous
"""
RETIRE: LiteralString = """
MATCH (g:Generation {graph: $graph})
WHERE NOT g.key IN $kept
SET g.state = 'retired'
"""
RETIRE_ONE: LiteralString = "MATCH (g:Generation {key: $generation}) SET g.state = 'retired'"
UNFINISHED: LiteralString = """
MATCH (g:Generation {graph: $graph})
WHERE g.state <> 'complete'
RETURN g.key AS generation
"""
DELETE_PARTS: tuple[LiteralString, ...] = (
    "MATCH (n:Name {generation: $generation}) WITH n LIMIT $size DELETE n",
    "MATCH (r:Resource {generation: $generation}) WITH r LIMIT $size DETACH DELETE r",
    "MATCH (c:Concept {generation: $generation}) WITH c LIMIT $size DETACH DELETE c",
)
DELETE_GENERATION: LiteralString = "MATCH (g:Generation {key: $generation}) DELETE g"
DELETE_POINTER: LiteralString = "MATCH (p:Prepgraph {name: $graph}) DELETE p"

# Reading

CURRENT: LiteralString = """
MATCH (p:Prepgraph {name: $graph})
MATCH (g:Generation {key: p.current, state: 'complete'})
RETURN g.id AS id
"""
IS_COMPLETE: LiteralString = "MATCH (g:Generation {key: $generation, state: 'complete'}) RETURN g.id AS id"
FACTS: LiteralString = """
MATCH (g:Generation {key: $generation, state: 'complete'})
RETURN properties(g) AS facts
"""
CONCEPT: LiteralString = f"""
MATCH (c:Concept {{generation: $generation, key: $key}})
RETURN c {WHOLE} AS concept
"""
CONCEPTS_BY_KEY: LiteralString = f"""
UNWIND $keys AS key
MATCH (c:Concept {{generation: $generation, key: key}})
RETURN c {WHOLE} AS concept
"""
CONCEPTS_IN: LiteralString = f"""
UNWIND $paths AS path
MATCH (c:Concept {{generation: $generation, path: path}})
RETURN c {WHOLE} AS concept ORDER BY c.position
"""
CONCEPTS_FROM: LiteralString = f"""
MATCH (c:Concept {{generation: $generation}})
WHERE $first <= c.position < $end
RETURN c {WHOLE} AS concept ORDER BY c.position
"""
RELATIONS_FROM: LiteralString = """
MATCH (s:Concept {generation: $generation})
WHERE $first <= s.position < $end
MATCH (s)-[r]->(t:Concept)
RETURN s.id AS source, t.id AS target, type(r) AS type, properties(r) AS properties ORDER BY r.position
"""
RESOURCES_FROM: LiteralString = """
MATCH (r:Resource {generation: $generation})
WHERE $first <= r.position < $end
RETURN properties(r) AS resource ORDER BY r.position
"""
RESOURCES_OF: LiteralString = """
MATCH (:Concept {generation: $generation, key: $key})<-[:SERVES]-(r:Resource)
RETURN properties(r) AS resource ORDER BY r.position
"""
CONCEPT_NAMED: LiteralString = f"""
MATCH (n:Name {{generation: $generation, key: $name}})
MATCH (c:Concept {{generation: $generation, key: n.concept_key}})
RETURN c {WHOLE} AS concept
"""
NAMES_AMONG: LiteralString = """
UNWIND $keys AS key
MATCH (n:Name {generation: $generation, key: key})
RETURN n.name AS name, n.concept_id AS concept_id
"""
NAMES_LIKE: LiteralString = """
CALL db.index.fulltext.queryNodes('prepgraph_name_pairs', $query, {limit: $limit}) YIELD node
WITH node ORDER BY node.position
WHERE node.generation = $generation
RETURN collect(node.name) AS names, collect(node.concept_id) AS concept_ids
"""
NEIGHBOURS: LiteralString = f"""
MATCH (c:Concept {{generation: $generation, key: $key}})
CALL (c) {{
    MATCH (c)-[r]->(o:Concept) RETURN r, o, true AS leaves
    UNION ALL
    MATCH (c)<-[r]-(o:Concept) RETURN r, o, false AS leaves
}}
RETURN c.id AS asked, o {WHOLE} AS concept, leaves, type(r) AS type, properties(r) AS properties
ORDER BY r.position, leaves DESC
"""
# All that a needed concept needs is needed too, so the rows, the concept's own among them, hold every edge.
NEEDED: LiteralString = """
MATCH (c:Concept {generation: $generation, key: $key})
CALL (c) {
    MATCH (p:Concept)-[:PREREQUISITE_OF*0..]->(c) RETURN DISTINCT p
}
RETURN p.id AS id, p.week AS week, [(q:Concept)-[:PREREQUISITE_OF]->(p) | q.id] AS needs
"""
ALL_NEEDED: LiteralString = """
MATCH (c:Concept {generation: $generation, key: $key})
CALL (c) {
    MATCH (p:Concept)-[:PREREQUISITE_OF*1..]->(c) RETURN DISTINCT p
}
RETURN p.id AS id
"""
UNLOCKED: LiteralString = """
MATCH (c:Concept {generation: $generation, key: $key})
CALL (c) {
    MATCH (c)-[:PREREQUISITE_OF*1..]->(u:Concept) RETURN DISTINCT u
}
RETURN u.id AS id
"""
# With what is next to them, which a search wants first.
ENDS: LiteralString = f"""
UNWIND $keys AS key
MATCH (c:Concept {{generation: $generation, key: key}})
CALL (c) {{
    MATCH (c)-[:{RELATION_TYPES}]-(o:Concept) WHERE o.kind <> $week_kind
    WITH DISTINCT o LIMIT $most
    RETURN collect([o.position, o.hops, o.week_hops]) AS beside
}}
RETURN c.id AS id, c.position AS position, c.kind AS kind, c.hops AS hops, c.week_hops AS week_hops, beside
"""
# One row of lists: as rows of their own, a hundred concepts would be a hundred messages.
HOPS: LiteralString = """
UNWIND $positions AS position
MATCH (c:Concept {generation: $generation, position: position})
RETURN collect(position) AS positions, collect(c.hops) AS hops,
    collect(CASE WHEN $to_weeks THEN c.week_hops END) AS week_hops
"""
RELATIONS_BETWEEN: LiteralString = f"""
UNWIND $pairs AS pair
MATCH (a:Concept {{generation: $generation, position: pair[0]}})
MATCH (b:Concept {{generation: $generation, position: pair[1]}})
MATCH (a)-[r:{RELATION_TYPES}]-(b)
WITH DISTINCT r
RETURN startNode(r).id AS source, endNode(r).id AS target, type(r) AS type, properties(r) AS properties
ORDER BY r.position
"""
CIRCLES: LiteralString = """
MATCH (s:Concept {generation: $generation}) WHERE s.circle >= 0
MATCH (s)-[r:PREREQUISITE_OF]->(t:Concept) WHERE t.circle = s.circle
RETURN s.id AS source, t.id AS target, type(r) AS type, properties(r) AS properties ORDER BY r.position
"""
CIRCLE_CONCEPTS: LiteralString = f"""
MATCH (c:Concept {{generation: $generation}}) WHERE c.circle >= 0
RETURN c {WHOLE} AS concept ORDER BY c.position
"""
UNLINKED: LiteralString = f"""
MATCH (c:Concept {{generation: $generation}})
WHERE c.kind <> $week_kind AND NOT c.id IN $exempt
    AND NOT EXISTS {{
        MATCH (c)-[r:{RELATION_TYPES}]-(o:Concept)
        WHERE NOT (type(r) = 'PART_OF' AND endNode(r).kind = $week_kind)
    }}
RETURN c {WHOLE} AS concept ORDER BY c.position
"""
COUNTS: LiteralString = f"""
RETURN COUNT {{ MATCH (c:Concept {{generation: $generation}}) }} AS concepts,
    COUNT {{ MATCH (c:Concept {{generation: $generation}})-[:{RELATION_TYPES}]->() }} AS relations,
    COUNT {{ MATCH (r:Resource {{generation: $generation}}) }} AS resources,
    COUNT {{ MATCH (n:Name {{generation: $generation}}) }} AS names
"""
