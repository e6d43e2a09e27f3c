"""All Cypher that Prepgraph sends, but for what a map asks, which is in cypher_parts.

    (:Prepgraph {name, current, previous, publisher})   one a graph; `current` is the key of what is in service
    (:Generation {key, graph, id, state, …})   `state`: building, complete, retired
    (:Concept {generation, position, key, band, …})-[:PREREQUISITE_OF {position, cost, …} | PART_OF | …]->(:Concept)
    (:Resource {generation, position, …})-[:SERVES]->(:Concept)
    (:Name {generation, position, key, name, concept_key, pairs})   every title, alias and plural, normalised

All that belongs to a generation carries its key (`<graph>/<generation>`), and nothing links one generation to another.
"""

from typing import LiteralString

RELATION_TYPES: LiteralString = "PREREQUISITE_OF|PART_OF|RELATED_TO|CONTRASTS_WITH|APPLIES_TO"

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
CONCEPT: LiteralString = """
MATCH (c:Concept {generation: $generation, key: $key})
RETURN properties(c) AS concept
"""
CONCEPTS_BY_KEY: LiteralString = """
UNWIND $keys AS key
MATCH (c:Concept {generation: $generation, key: key})
RETURN properties(c) AS concept
"""
CONCEPTS_IN: LiteralString = """
UNWIND $paths AS path
MATCH (c:Concept {generation: $generation, path: path})
RETURN properties(c) AS concept ORDER BY c.position
"""
CONCEPTS_FROM: LiteralString = """
MATCH (c:Concept {generation: $generation})
WHERE $first <= c.position < $end
RETURN properties(c) AS concept ORDER BY c.position
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
CONCEPT_NAMED: LiteralString = """
MATCH (n:Name {generation: $generation, key: $name})
MATCH (c:Concept {generation: $generation, key: n.concept_key})
RETURN properties(c) AS concept
"""
NAMES_AMONG: LiteralString = """
UNWIND $keys AS key
MATCH (n:Name {generation: $generation, key: key})
RETURN n.name AS name, n.concept_id AS concept_id
"""
NAMES_LIKE: LiteralString = """
CALL db.index.fulltext.queryNodes('prepgraph_name_pairs', $query, {limit: $limit}) YIELD node
RETURN node.name AS name, node.concept_id AS concept_id, node.position AS position ORDER BY position
"""
NEIGHBOURS: LiteralString = """
MATCH (c:Concept {generation: $generation, key: $key})
CALL (c) {
    MATCH (c)-[r]->(o:Concept) RETURN r, o, true AS leaves
    UNION ALL
    MATCH (c)<-[r]-(o:Concept) RETURN r, o, false AS leaves
}
RETURN c.id AS asked, properties(o) AS concept, leaves, type(r) AS type, properties(r) AS properties
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
ENDS: LiteralString = """
UNWIND $keys AS key
MATCH (c:Concept {generation: $generation, key: key})
RETURN c.id AS id, c.position AS position
"""
# A cost is negative where the relation points at the concept that is asked about.
HOPS: LiteralString = f"""
UNWIND $positions AS position
MATCH (c:Concept {{generation: $generation, position: position}})-[r:{RELATION_TYPES}]-()
WHERE r.weeks IS NULL OR all(week IN r.weeks WHERE week IN $ends)
WITH position, r.source = position AS leaves, r
RETURN position,
    collect(CASE WHEN leaves THEN r.target ELSE r.source END) AS others,
    collect(CASE WHEN leaves THEN r.cost ELSE -r.cost END) AS costs
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
CIRCLE_CONCEPTS: LiteralString = """
MATCH (c:Concept {generation: $generation}) WHERE c.circle >= 0
RETURN properties(c) AS concept ORDER BY c.position
"""
UNLINKED: LiteralString = f"""
MATCH (c:Concept {{generation: $generation}})
WHERE c.kind <> $week_kind AND NOT c.id IN $exempt
    AND NOT EXISTS {{
        MATCH (c)-[r:{RELATION_TYPES}]-(o:Concept)
        WHERE NOT (type(r) = 'PART_OF' AND endNode(r).kind = $week_kind)
    }}
RETURN properties(c) AS concept ORDER BY c.position
"""
COUNTS: LiteralString = f"""
RETURN COUNT {{ MATCH (c:Concept {{generation: $generation}}) }} AS concepts,
    COUNT {{ MATCH (c:Concept {{generation: $generation}})-[:{RELATION_TYPES}]->() }} AS relations,
    COUNT {{ MATCH (r:Resource {{generation: $generation}}) }} AS resources,
    COUNT {{ MATCH (n:Name {{generation: $generation}}) }} AS names
"""
