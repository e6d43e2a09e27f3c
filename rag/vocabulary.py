"""The words by which sentences and questions are compared; data, no decision."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILLERS = _words(
    """
almost also just only very quite rather about around approximately roughly usually often typically generally simply
while whereas however therefore thus hence too either neither both nor yet still even already again what whatever
there these though although unless until once since because between among within thing things way ways kind sort
like such called known means mean meaning use used uses using does doing done get gets got make makes made let lets
keep keeps kept take takes took taken be become becomes own same per via up out off down first needs need one
"""
)
"""Words that a paraphrase adds or leaves out without saying anything else."""

SMALL_WORDS = _words(
    """
a an the and or but if so to of in on at by for from with without as is are was were be been being am do does did
has have had can could should would will may might must shall what when where why who whom whose which how i me my
you your we us our there here not no any some all about up out down into over under than then just really actually
also don't let's lets give got get make makes made like kind sort very too only even still both either this that
these those it its they them their one ones same other another every each few
"""
)
"""Words of a question that say nothing of what it is about."""

ASPECTS = _words(
    """
advantage advantages alternative alternatives analogy answer apply assumption assumptions bad benefit benefits best
better break breaks bound bounds build built case cases catch cause causes cheap choose code compare compares
comparison complexity con concrete cons cost costs deeper define definition degrade degrades detail details differ
difference differences disadvantage disadvantages downside downsides drawback drawbacks easier elaborate example
examples exactly expensive explain explanation fail fails failure failures fast faster figure figures first fix
further go goes going good happen happens help helps hard important improve instead intuition interview interviewer
interviewers invented job large latency learn learning less limit limitation limitations limits long longer matter
matters mean means measure measured mechanism mention memory mistake mistakes more much need needed needs next
number numbers often order overhead performance pitfall pitfalls plain please practice practise prefer prerequisite
prerequisites price problem problems pros quick quickly read reading reason reasons rely remember require
requirements resource resources risk risks say scale scales short shorter show simple simpler simply size slow
slower small source sources space speed start step steps study summarise summarize summary tell term terms thing
time trade tradeoff tradeoffs trap typical typically use used useful uses using way weakness weaknesses word words
work worked works worse worst worth wrong again else off offs rule thumb understand avoid diagnose drop eli5
in-depth overkill safe reliable handle handles related relate connect connected depends depend rest many big common
"""
)
"""Words for what can be asked of anything; a question with no other word asks it of what was spoken of before."""

DENIALS = _words(
    """
no not never cannot non without neither nor nothing none nobody hardly barely rarely seldom missing lacks lack
"""
)

SCOPE_ENDS = _words(
    """
and but while whereas because so that which who what until unless when if although since where after before there then
"""
)
"""Words behind which something denied before is denied no longer."""

AUXILIARIES = _words("is are was were can may has have does do will must means")
"""Words that begin the predicate, behind a subject that may be denied on its own."""

OPPOSITES = tuple(
    (pair.split()[0], pair.split()[1])
    for pair in re.split(
        r"[|\n]",
        """
increase decrease|raise lower|rise fall|grow shrink|enlarge shrink|expand shrink|more less|more fewer|most least
higher lower|high low|larger smaller|large small|big small|bigger smaller|faster slower|fast slow|quickly slowly
quick slow|before after|first last|always never|always sometimes|always can|best worst|better worse|cheap expensive
cheaper dearer|cheapest dearest|easy hard|strong weak|narrow wide|narrower wider|upper lower|above below|begin end
start stop|across within|any exactly|exact approximate|synchronous asynchronous|mutable immutable|sparse dense
shallow deep|all only|accept refuse|accept reject|allow forbid|permit forbid|keep lose|keep delete|keep forget
gain lose|save waste|enable disable|include exclude|add remove|insert delete|succeed fail|safe unsafe
stable unstable|valid invalid|linear square|linear quadratic|linear exponential|halve double|once twice
local global|static dynamic|online offline|private public|open closed|common rare|often rarely|common unusual
overestimate underestimate|overfit underfit|optimistic pessimistic|improve degrade|improve hurt|improve worsen
prevent cause|solve cause|reduce multiply|reduce increase|minimum maximum|min max|usually rarely|usually seldom
contiguous scattered|known unknown|same different|equal different|positive negative|parallel sequential
direct indirect|forget remember
largest smallest|biggest smallest|highest lowest|longest shortest|fastest slowest|longer shorter|latest earliest
""".strip(),
    )
)
"""Pairs of which a thing can be only one."""
