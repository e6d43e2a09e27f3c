"""The words by which terms are told from boilerplate, instructions and everyday speech; data, no decision."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    """Words or, where a list is cut at bars, phrases."""
    parts = text.split("|") if "|" in text else text.split()
    return frozenset(" ".join(part.split()) for part in parts)


BOILERPLATE = _words(
    """
about|abstract|acknowledgements|acknowledgments|activities|agenda|aim|aims|answer|answers|appendix|
assessment|assignment|assignments|audience|author|authors|background|bibliography|big picture|
changelog|checkpoint|checklist|citation|citations|conclusion|conclusions|connections|contents|
contributing|course|definition|definitions|description|details|discussion|documentation|example|
examples|exercise|exercises|faq|faqs|final checklist|final thoughts|focus|footnotes|format|formula|
further reading|getting started|glossary|goal|goals|history|homework|how it works|how to use|
how to use this guide|in an interview|installation|instructions|intro|introduction|key connections|
key concepts|key ideas|key points|key takeaways|key terms|know|learning goals|learning objectives|
learning outcomes|lessons|license|links|list|materials|method|methods|misc|mocks|more|motivation|
next steps|note|notes|numbers worth knowing|objectives|outcome|outcomes|outline|overview|plan|
practice|practice problems|preface|preliminaries|prerequisites|problem|problems|purpose|q&a|questions|
quiz|read|reading|readings|recap|reference|references|reflection|related|related work|requirements|
resources|result|results|review|schedule|scope|section|see also|setup|sources|start here|steps|
structure|study resources|summary|syllabus|table of contents|takeaways|terminology|terms|tip|tips|
tldr|tl;dr|title|to do|todo|tools|topics|trade offs|usage|useful links|videos|warm up|welcome|
what you will learn|where it breaks|why it matters|wrap up
"""
)
"""Headings that only say what kind of section follows."""

NO_START = _words(
    """
a an the and or but if so to of in on at by for from with without as is are was be been it its this that these
those there here how why what when where which who whose whom do does did don't not no yes you your we our i my
they their he she can could should would will may might must have has had let's lets one two three four five six
seven eight nine ten first second third last next new more most less least many much some any all each every
both either other another such same own very just only also even still already once then than because while
after before during until about into over under between across through within per vs versus incl including e.g
eg i.e ie etc analyze analyse answer apply ask avoid be build calculate choose code combine compare complete
compute consider cover create decide define derive describe design develop differentiate discuss do draw ensure
evaluate explain explore extend find finish flag focus follow get give go handle hold identify implement improve
install integrate introduce keep know learn list look maintain make map mark master measure name note open order
pick plan point practice practise prepare present process read recognize recognise refine relate remember review
run see select set show sketch solve spend start stop study summarize summarise take tell think tie time track
train try understand use using visit walk watch work write giving treating saying based organized organised hand
end mid final smooth holistic add assert configure debug disable enable bound convert delete remove check call load
save connect import export prefer return update upgrade verify wrap pass put turn move hide replace split send fix
"""
)
"""Words that begin an instruction or a clause and no name."""

STOP_WORDS = _words(
    """
is are was were be been being am do does did has have had can could should would will may might must shall that
which who whom whose how why what when where you your we our they their it its he she i me my us them this these
those if because than then so but not no don't isn't aren't
"""
)
"""Words of a clause, which no name holds."""

GENERIC = _words(
    """
basics|etc|idea|ideas|thing|things|part|parts|way|ways|use|uses|example|examples|note|notes|
point|points|guide|guides|docs|blog|blogs|video|videos|terms|term|concept|concepts|topic|topics|
skill|skills|system|systems|choice|choices|step|steps|question|questions|answer|answers|question-
answer|problem|problems|pattern|patterns|goal|goals|role|roles|day|days|week|weeks|hour|hours|
min|minutes|metric|metrics|time|space|success|challenge|conflict|failure|learning|error|task|tasks|
plan|plans|work|case|cases|size|type|types|level|value|values|number|numbers|name|names|list|
item|items|text|data|page|pages|user|users|people|person|company|world|today|key|group|result|
results|single|multi|core|main|simple|general|specific|common|other|various|different|advanced|
basic|optional|components|structures|operations|principles|methods|techniques|concerns|issues|
features|properties|ops|clear|structured|smooth|holistic|good|better|best|new|old|big|small|true|
false|none|yes|no|ok|vs|pros|cons|a|b|c|x|y|n|i|ii|iii
"""
)
"""Words too general to be a concept alone."""

COMMON = _words(
    """
monday tuesday wednesday thursday friday saturday sunday january february march april june july august september
october november december english ok faq pdf url usa uk eu tl;dr q&a aka asap diy eli5 mcq mcqs
"""
)
"""Capitalised words and abbreviations of everyday speech."""

COMMON_PREFIXES = _words(
    """
mid one two three four five six end real full high low well long short large small self single multi re pre post
up non day cross open top right left hard half step in on off out over under built follow hands easy fast first
second third time highest lowest most least best worst remote question career must quick hand ever much so
"""
)
"""First parts of hyphenated words that name nothing, as in "mid-level"."""

JOINING = _words(
    """
and or but in for to with by on of at from is are was will can if when then as before after because so that
which while about into than the a an your our this where
"""
)
"""Words that end a topic named right behind "Week 6"."""

UNINFORMATIVE = STOP_WORDS | _words(
    """
a an the and or but if so to of in on at by for from with as it its here no one two more most less than then into
over under per each every all any some only such same other both between
"""
)
"""Words that say nothing of what a text is about."""

PHRASE_WORDS = _words("a an the to for with without in on at by from your our my via as into using when per than")
"""Words that make a heading a phrase and no name."""

ADJECTIVE_ENDS = _words(
    """
level side based specific driven friendly aware only free like ready first is wide time end height width mode term
facing case date the by in out off up style appropriate agnostic safe heavy new old long quality size scale
"""
)
"""Last parts of hyphenated words that describe and name nothing, as in "client-side"."""
