"""What notes say of how concepts are related, and the line that says it."""

import pytest

from graph.schema import Span

TARGETS = {"graphs.md": "---\ntitle: Graph\n---\nNodes.", "ann.md": "---\naliases: [nearest neighbours]\n---\nNear."}


def relations(vault):
    return [(r.source, r.kind, r.target, r.origin) for r in vault.relations]


def problems(vault):
    return [(p.path, p.line, p.code) for p in vault.problems if p.code != "unlinked_concept"]


def with_note(vault_of, text, path="hnsw.md"):
    return vault_of({**TARGETS, path: text})


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("requires", ("graphs", "prerequisite_of", "hnsw")),
        ("Builds on", ("graphs", "prerequisite_of", "hnsw")),
        ("unlocks", ("hnsw", "prerequisite_of", "graphs")),
        ("part of", ("hnsw", "part_of", "graphs")),
        ("contrasts with", ("graphs", "contrasts_with", "hnsw")),
        ("**applies to**", ("hnsw", "applies_to", "graphs")),
        ("related to", ("graphs", "related_to", "hnsw")),
        ("", ("graphs", "related_to", "hnsw")),
    ],
)
def test_a_connection_line_is_a_relation_with_its_reason(vault_of, verb, expected):
    vault = with_note(vault_of, f"HNSW.\n\n## Connections\n- {verb} [[graphs]]: it is walked\n  greedily\n")
    assert relations(vault) == [(*expected, "authored")]
    (span,) = vault.relations[0].evidence
    assert (span.path, span.start_line, span.end_line) == ("hnsw.md", 4, 5)
    assert span.quote.endswith("[[graphs]]: it is walked\n  greedily")


@pytest.mark.parametrize(
    "link",
    ["[[Graph]]", "[[graphs|a graph]]", "[[graphs#Part]]", "[graph](graphs.md)", "[graph](./graphs)", "[[/graphs.md]]"],
)
def test_a_concept_can_be_linked_in_any_way(vault_of, link):
    vault = with_note(vault_of, f"HNSW.\n## Connections\n- requires {link}: why\n")
    assert relations(vault) == [("graphs", "prerequisite_of", "hnsw", "authored")]


def test_a_path_is_relative_to_the_note_and_wins_over_names(vault_of):
    files = {"a/x.md": "X of a.", "b/x.md": "X of b.", "b/y.md": "Y.\n## Connections\n- requires [x](x.md): near\n"}
    assert ("b-x", "prerequisite_of", "y", "authored") in relations(vault_of(files))


def test_a_link_in_a_text_is_a_weak_relation_with_its_sentence(vault_of):
    vault = with_note(vault_of, "HNSW.\n\nFirst. It walks a [[graphs|graph]] greedily. Last.\n")
    assert relations(vault) == [("graphs", "related_to", "hnsw", "link")]
    assert vault.relations[0].evidence == (Span("hnsw.md", 3, 3, "It walks a [[graphs|graph]] greedily."),)
    assert vault.relations[0].weight < 1


def test_a_link_adds_nothing_to_a_pair_that_is_typed(vault_of):
    vault = with_note(vault_of, "HNSW walks a [[graphs]].\n## Connections\n- requires [[graphs]]: why\n")
    assert relations(vault) == [("graphs", "prerequisite_of", "hnsw", "authored")]


def test_links_in_code_and_images_are_no_relations(vault_of):
    text = "HNSW.\n\n`[[graphs]]` ![[graphs.png]] ![g](graphs.md)\n\n```\n[[graphs]]\n```\n"
    assert relations(with_note(vault_of, text)) == []


def test_prose_and_second_links_under_connections_count_as_links(vault_of):
    vault = with_note(vault_of, "HNSW.\n## Connections\nSee [[graphs]].\n- requires [[ann]]: like [[graphs]]\n")
    assert relations(vault) == [
        ("ann", "prerequisite_of", "hnsw", "authored"),
        ("graphs", "related_to", "hnsw", "link"),
    ]


def test_a_note_whose_name_looks_like_a_file_is_linked(vault_of):
    vault = vault_of({"Node.js.md": "A runtime.", "a.md": "See [[Node.js]] and [[figure.png]]."})
    assert [(r.source, r.target) for r in vault.relations] == [("a", "node-js")]
    assert problems(vault) == []


def test_front_matter_relates_too(vault_of):
    text = "---\nrequires: [[graphs]]\nrelated:\n  - ann\n  - '[[missing]]'\ncontrasts: Nearest neighbours\n---\nHNSW."
    vault = with_note(vault_of, text)
    assert relations(vault) == [
        ("ann", "contrasts_with", "hnsw", "authored"),
        ("ann", "related_to", "hnsw", "authored"),
        ("graphs", "prerequisite_of", "hnsw", "authored"),
    ]
    assert vault.relations[1].evidence == (Span("hnsw.md", 4, 4, "- ann"),)
    assert problems(vault) == [("hnsw.md", 5, "dangling_link")]


def test_two_notes_that_say_the_same_are_one_relation_with_both_lines(vault_of):
    files = {
        "a.md": "A.\n## Connections\n- contrasts with [[b]]: one side\n",
        "b.md": "B.\n## Connections\n- contrasts with [[a]]: the other\n",
    }
    (relation,) = vault_of(files).relations
    assert (relation.source, relation.target) == ("a", "b")
    assert [span.quote for span in relation.evidence] == [
        "contrasts with [[b]]: one side",
        "contrasts with [[a]]: the other",
    ]


def test_a_target_that_is_not_there_is_a_warning_with_the_raw_target(vault_of):
    text = "HNSW, see [[No such]] and [x](gone.md).\n## Connections\n- requires [[nowhere]]: why\n"
    vault = with_note(vault_of, text)
    assert problems(vault) == [
        ("hnsw.md", 1, "dangling_link"),
        ("hnsw.md", 1, "dangling_link"),
        ("hnsw.md", 3, "dangling_link"),
    ]
    messages = " ".join(p.message for p in vault.problems)
    assert all(target in messages for target in ("'No such'", "'gone.md'", "'[[nowhere]]'"))


def test_a_target_that_is_missed_twice_on_a_line_is_one_warning(vault_of):
    assert problems(with_note(vault_of, "HNSW, see [[nowhere]] and [[nowhere]].")) == [("hnsw.md", 1, "dangling_link")]


@pytest.mark.parametrize(
    "link",
    ["#part", "[[#Part]]", "mailto:a@b.org", "https://a.org/b", "file.zip", "[[scan.png]]", "folder/", "//a.org/b"],
)
def test_what_leads_to_no_note_is_no_dangling_link(vault_of, link):
    text = link if link.startswith("[[") else f"[x]({link})"
    assert not [p for p in problems(with_note(vault_of, f"HNSW {text}.")) if p[2] == "dangling_link"]


def test_an_unknown_verb_is_read_as_related_and_said_so(vault_of):
    vault = with_note(vault_of, "HNSW.\n## Connections\n- resembles [[graphs]]: why\n- no link here\n")
    assert relations(vault) == [("graphs", "related_to", "hnsw", "authored")]
    assert problems(vault) == [("hnsw.md", 3, "unknown_relation"), ("hnsw.md", 4, "connection_without_link")]


def test_two_notes_that_require_each_other_are_one_error_and_both_stay(vault_of):
    files = {
        "a.md": "A.\n## Connections\n- requires [[b]]: a loop\n",
        "b.md": "B.\n## Connections\n- requires [[a]]: a loop\n",
    }
    vault = vault_of(files)
    assert len(vault.concepts) == len(vault.relations) == 2
    assert [(p.code, p.severity, p.line) for p in vault.problems] == [("contradiction", "error", 3)]


def test_a_longer_cycle_is_one_error_and_all_notes_stay(vault_of):
    files = {f"{a}.md": f"{a}.\n## Connections\n- requires [[{b}]]: a loop\n" for a, b in ("ab", "bc", "ca")}
    vault = vault_of(files)
    assert len(vault.concepts) == len(vault.relations) == 3
    assert [(p.code, p.severity, p.line) for p in vault.problems] == [("prerequisite_cycle", "error", 3)]


def test_a_note_that_links_itself_is_related_to_nothing(vault_of):
    assert relations(vault_of({"a.md": "A, see [[a]].\n## Connections\n- requires [[a]]: itself\n"})) == []
