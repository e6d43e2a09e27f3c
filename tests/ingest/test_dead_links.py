"""Which addresses are dead, asked of a real server on this machine, and what is left unsure."""

import socket

import pytest

from ingest.dead_links import Pace, check_addresses, find_dead_links

FAST = Pace(an_address=5, in_all=20, pause=0)
HTML = {"Content-Type": "text/html"}


def states(site, *paths, **options):
    urls = {path if path.startswith("http") else f"{site.address}{path}": path for path in paths}
    options = {"allow_private": True, "pace": FAST, **options}
    return {urls[url]: found.state for url, found in check_addresses(urls, **options).items()}


def answer(site, path, status, headers=None):
    site.pages[path] = (status, {**HTML, **(headers or {})}, b"")


@pytest.mark.parametrize(
    ("status", "state"),
    [(200, "alive"), (204, "alive"), (304, "alive"), (302, "alive"), (404, "dead"), (410, "dead"), (400, "unsure"),
     (401, "unsure"), (403, "unsure"), (429, "unsure"), (500, "unsure"), (503, "unsure")],
)  # fmt: skip
def test_the_answer_says_what_an_address_is(site, status, state):
    answer(site, "/x", status)
    assert states(site, "/x") == {"/x": state}


def test_head_is_asked_first_and_get_only_where_it_fails(site):
    answer(site, "/gone", 404)
    assert states(site, "/there", "/gone") == {"/there": "alive", "/gone": "dead"}
    assert site.asked == ["GET /robots.txt", "HEAD /gone", "GET /gone", "HEAD /there"]


def test_a_site_that_knows_no_head_is_asked_for_the_page(site):
    real = site.RequestHandlerClass
    site.RequestHandlerClass = type("NoHead", (real,), {"do_HEAD": lambda self: self.send_error(405)})
    assert states(site, "/x") == {"/x": "alive"}


def test_a_redirect_is_followed_to_its_end(site):
    answer(site, "/gone", 404)
    ends = {
        "/to//there": "alive",
        "/to//gone": "dead",
        "/to//to//to//to//to//to//to//x": "unsure",
        "/to/http://nowhere.invalid/": "dead",
    }
    assert states(site, *ends) == ends


def test_a_host_that_does_not_exist_is_dead(site):
    assert states(site, "http://nowhere.invalid/x", "/x") == {"http://nowhere.invalid/x": "dead", "/x": "alive"}


def test_without_any_name_that_can_be_looked_up_nothing_is_dead(monkeypatch):
    def fail(*args, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    urls = [f"https://host{number}.example/x" for number in range(3)]
    found = check_addresses([*urls, "https://nowhere.invalid/"], pace=FAST)
    assert {state.state for state in found.values()} == {"unsure"}
    assert "online?" in found[urls[0]].reason
    assert check_addresses(urls[:2], pace=FAST)[urls[0]].state == "dead"


def test_the_own_network_is_not_asked(site):
    found = check_addresses([f"{site.address}/x", "http://10.0.0.1/", "file:///etc/passwd"], pace=FAST)
    assert [state.state for state in found.values()] == ["unsure"] * 3
    assert site.asked == []
    assert "own network" in found[f"{site.address}/x"].reason


def test_an_allowed_address_cannot_lead_elsewhere_in_the_network(site):
    assert states(site, f"/to/http://localhost:{site.server_port}/x") == {
        f"/to/http://localhost:{site.server_port}/x": "unsure"
    }
    assert not [line for line in site.asked if line.endswith(" /x")]


def test_what_robots_forbid_is_unsure_and_not_asked_for(site):
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /private\n")
    assert states(site, "/private/x", "/x") == {"/private/x": "unsure", "/x": "alive"}
    assert site.asked == ["GET /robots.txt", "HEAD /x"], "the rules are asked for once"


def test_one_page_is_asked_for_once_whatever_its_parts(site):
    assert set(states(site, "/x#a", "/x#b", "/x").values()) == {"alive"}
    assert site.asked.count("HEAD /x") == 1


def test_a_site_that_does_not_answer_is_unsure_and_soon_left(site):
    site.pages["/robots.txt"] = (0, {}, [b""] * 50)
    found = states(site, *(f"/{n}" for n in range(9)), pace=Pace(an_address=0.3, in_all=20, pause=0))
    assert set(found.values()) == {"unsure"}
    assert len(site.asked) == 2


def test_all_of_it_ends_in_time(site):
    found = states(site, *(f"/{n}" for n in range(9)), pace=Pace(an_address=5, in_all=0.3, pause=0.2))
    assert len(found) == 9
    assert "unsure" in found.values()


def test_nobody_there_is_unsure():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    assert check_addresses([url], allow_private=True, pace=FAST)[url].state == "unsure"


def test_progress_ends_with_all(site):
    seen = []
    states(site, "/a", "/b", on_progress=lambda *step: seen.append(step))
    assert seen[-1] == ("links", 2, 2)


def test_every_line_that_names_a_dead_address_is_reported(site, vault_of):
    answer(site, "/gone", 404)
    answer(site, "/login", 403)
    url = f"{site.address}/gone"
    vault = vault_of(
        {
            "a.md": f"# A\nSee [this]({url}).\n\nAnd [that]({url}/on) and\n[this]({url}) again.\n",
            "b.md": f"# B\nSee\n[it]({site.address}/login).\n",
            "page.html": f'<html><body><p>See <a href="{url}">this</a> page.</p></body></html>',
            "resources/list.yaml": f"- title: T\n  url: {url}\n  takeaway: Read it all.\n",
        }
    )
    problems = find_dead_links(vault, allow_private=True, pace=FAST)
    assert [(p.path, p.line, p.severity, p.code) for p in problems] == [
        ("a.md", 2, "warning", "dead_link"),
        ("a.md", 5, "warning", "dead_link"),
        ("b.md", 3, "warning", "unchecked_link"),
        ("resources/list.yaml", 2, "warning", "dead_link"),
    ]
    assert all(problem.message.endswith(".") for problem in problems)
    assert f"'{url}' is dead (the site answers with status 404)" in problems[0].message
    assert "could not be checked (the site answers with status 403)" in problems[2].message
