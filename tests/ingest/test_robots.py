"""What a robots.txt forbids, by the rules of RFC 9309."""

import pytest

from ingest.robots import ALLOW_ALL, FORBID_ALL, parse_robots

TEXT = """\
# words for people
User-agent: greedybot
User-agent: Prepgraph/1.0
Disallow: /own
Allow: /own/open
Disallow: /*.pdf$
Disallow: /caf%C3%A9

User-Agent: *
Disallow: /all
Disallow:

Sitemap: https://a.org/sitemap.xml
"""


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://a.org", True),
        ("https://a.org/own", False),
        ("https://a.org/own/page?x=1", False),
        ("https://a.org/own/open/page", True),
        ("https://a.org/paper.pdf", False),
        ("https://a.org/paper.pdf?x=1", True),
        ("https://a.org/café/menu", False),
        ("https://a.org/all", True),
    ],
)
def test_the_longest_rule_of_the_own_group_wins(address, allowed):
    assert parse_robots(TEXT, "prepgraph").allow(address) is allowed


def test_who_has_no_group_keeps_to_the_rules_for_all():
    rules = parse_robots(TEXT, "other")
    assert not rules.allow("https://a.org/all/of/it")
    assert rules.allow("https://a.org/own")


def test_groups_of_one_name_are_one():
    rules = parse_robots("user-agent: x\ndisallow: /a\nuser-agent: y\ndisallow: /b\nuser-agent: x\ndisallow: /c\n", "X")
    assert [rules.allow(f"http://h/{path}") for path in "abc"] == [False, True, False]


def test_a_rule_that_allows_wins_over_one_as_long():
    assert parse_robots("User-agent: *\nDisallow: /a\nAllow: /a\n", "x").allow("http://h/a")


@pytest.mark.parametrize("text", ["", "no robots at all", "Disallow: /\n", "<html>: not here</html>"])
def test_what_names_no_user_agent_forbids_nothing(text):
    assert parse_robots(text, "x").allow("http://h/a")


def test_all_and_nothing():
    assert ALLOW_ALL.allow("http://h/a?b")
    assert not FORBID_ALL.allow("http://h/a?b")


def test_a_hostile_pattern_costs_no_time():
    assert parse_robots(f"User-agent: *\nDisallow: /{'*a' * 40}b$\n", "x").allow(f"http://h/{'a' * 2000}")
