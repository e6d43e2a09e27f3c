# ruff: noqa: E501
"""What tags, links and their words name: terms become concepts or aliases on their line, what keeps order does not."""

import pytest

from graph.schema import Merge

BODY = "The note says what it is.\n"


def extracted(vault):
    notes = {d.title for d in vault.documents}
    return {c.title for c in vault.concepts if c.title not in notes}


def relations(vault):
    return {(r.source, r.kind, r.target) for r in vault.relations}


@pytest.mark.parametrize(
    "front",
    [
        "tags: [gradient-descent, todo]",
        "tags:\n  - gradient-descent\n  - todo",
        "tags: gradient-descent, todo",
        "tags: gradient-descent todo",
        'tags: ["#gradient-descent"]',
        "tag: topic/gradient-descent",
        "keywords: [gradient_descent]",
    ],
)
def test_a_tag_of_the_front_matter_is_a_concept_on_its_line(vault_of, front):
    vault = vault_of({"a.md": f"---\n{front}\n---\n{BODY}"})
    (concept,) = [c for c in vault.concepts if c.id != "a"]
    assert (concept.id, concept.title) == ("gradient-descent", "Gradient descent")
    assert "gradient" in concept.spans[0].quote
    assert relations(vault) == {("a", "related_to", "gradient-descent")}
    assert [r.evidence for r in vault.relations] == [concept.spans]


def test_a_tag_in_a_text_is_a_concept_and_no_other_hash_is(vault_of):
    text = "See #vector-search and (#beam-search), C#, a#b-c, #12, [x](#a-b), [[#a-c]], `#d-e`, https://a.org/#f-g.\n\n# Title\n"
    vault = vault_of({"a.md": f"{BODY}\n{text}\n```\n#h-i\n```\n"})
    assert extracted(vault) == {"Vector search", "Beam search"}
    assert {c.spans[0].start_line for c in vault.concepts if c.title in extracted(vault)} == {3}


@pytest.mark.parametrize(
    "tag",
    [
        "todo", "inbox", "status/in-progress", "status/seedling", "2024/05/01", "2024-05-01", "daily", "moc", "type/book", "draft",
        "week-12", "January", "q3", "literature-note/todo", "to-read", "project/work", "review",
    ],
)  # fmt: skip
def test_a_tag_that_keeps_order_is_no_concept(vault_of, tag):
    files = {f"{name}.md": f"---\ntags: [{tag}]\n---\n{BODY}\nText #{tag} here.\n" for name in ("one", "two", "three")}
    vault = vault_of(files)
    assert extracted(vault) == set()
    assert relations(vault) == set()


@pytest.mark.parametrize("tag", ["decoder", "markov-chain", "augmentation", "novelty-search", "separable-filter"])
def test_a_term_that_begins_like_a_month_is_a_term(vault_of, tag):
    vault = vault_of({"a.md": f"{BODY}#{tag}\n", "b.md": f"{BODY}#{tag}\n"})
    assert tag in {c.id for c in vault.concepts}


def test_a_plain_word_is_a_concept_when_two_notes_carry_it_and_none_when_all_do(vault_of):
    files = {f"n{i}.md": f"{BODY}\n#kernel\n" if i < 2 else BODY for i in range(30)}
    assert extracted(vault_of(files)) == {"Kernel"}
    assert extracted(vault_of({"a.md": f"{BODY}\n#kernel\n"})) == set()
    assert extracted(vault_of(dict.fromkeys(files, f"{BODY}\n#kernel\n"))) == set()


def test_a_nested_tag_is_part_of_its_parent(vault_of):
    vault = vault_of(
        {"a.md": f"{BODY}\n#deep-learning/attention\n", "deep-learning.md": "Deep learning learns deeply.\n"}
    )
    assert ("attention", "part_of", "deep-learning") in relations(vault)
    assert ("a", "related_to", "attention") in relations(vault)


def test_a_tag_that_a_note_is_about_adds_nothing(vault_of):
    vault = vault_of({"beam-search.md": BODY, "a.md": f"{BODY}\n#BeamSearch #beam_search\n"})
    assert {c.id for c in vault.concepts} == {"beam-search", "a"}
    assert relations(vault) == set()


def test_a_note_that_no_one_wrote_is_a_concept_when_two_link_it_and_stays_reported(vault_of):
    vault = vault_of(
        {"a.md": "See [[Priority queue]] and [[Typpo name]].\n", "b.md": "See [[priority queue|it]] here.\n"}
    )
    assert extracted(vault) == {"Priority queue"}
    assert relations(vault) == {("a", "related_to", "priority-queue"), ("b", "related_to", "priority-queue")}
    assert [(p.path, p.line, p.code) for p in vault.problems] == [
        ("a.md", 1, "dangling_link"), ("a.md", 1, "dangling_link"), ("b.md", 1, "dangling_link"),
    ]  # fmt: skip


def test_the_words_of_a_web_link_are_a_concept_when_two_notes_say_them(vault_of):
    web = "[Locality hashing](https://a.org/{}) and [GitHub](https://b.org/{}), [here](https://c.org/{})"
    vault = vault_of({name: f"Read {web.format(name, name, name)}.\n" for name in ("a.md", "b.md")})
    assert extracted(vault) == {"Locality hashing"}


def test_the_words_that_link_a_note_are_its_alias_and_the_merge_is_listed(vault_of):
    files = {
        "gradient-descent.md": BODY,
        "a.md": "The [[gradient-descent|stochastic gradient descent]] and [[gradient-descent|GD]] do [[gradient-descent|it]].\n",
        "b.md": "With [[gradient-descent|steepest steps]] to [here](gradient-descent.md).\n",
        "c.md": "By [steepest steps](gradient-descent.md).\n",
    }
    vault = vault_of(files)
    aliases = {c.id: c.aliases for c in vault.concepts}
    assert aliases["gradient-descent"] == ("stochastic gradient descent", "GD", "steepest steps")
    assert Merge("steepest steps", "Gradient descent", "link") in vault.merges
    apart = vault_of({**files, "prepgraph.toml": '[merges]\nkeep_apart = [["steepest steps", "Gradient descent"]]\n'})
    assert "steepest steps" not in {alias for c in apart.concepts for alias in c.aliases}


def test_words_that_link_two_notes_are_no_ones_alias(vault_of):
    text = "The [[one|shared words]] and the [[two|shared words]].\n"
    vault = vault_of({"one.md": BODY, "two.md": BODY, "a.md": text, "b.md": text})
    assert not [c for c in vault.concepts if c.aliases]


def test_a_vault_that_declares_its_relations_gets_nothing_from_tags(vault_of):
    files = {"a.md": f"---\ntags: [beam-search]\nrequires: b\n---\n{BODY}", "b.md": f"{BODY}\n#beam-search [[Gone]]\n"}
    assert {c.id for c in vault_of(files).concepts} == {"a", "b"}
