r"""A student's text made inert for every page that shows it: no link, no picture, no HTML, no TeX but formulas.

nbgrader's formgrader and feedback, JupyterLab and whatever else opens autograded/ each read Markdown in their own way,
and some of them run what a link says. So the copy for them is changed where it is written, and what was handed in stays
as it is. A blank is put into everything from which any of them makes more than text: `[text] (address)` is no link,
`< b>` no tag, `\ href` no macro. That is legible in a sentence, and changes nothing in code and little in a formula.
"""

from __future__ import annotations

import html
import re

from cnnkit.linear_pattern import compile_linear
from cnnkit.text import printable

_ENTITY = compile_linear(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

_WITH_A_BLANK = (
    (compile_linear(r"<([A-Za-z/!?])"), r"< \1"),  # tags, comments, <https://...>
    (compile_linear(r"&([#A-Za-z])"), r"& \1"),  # entities, which would spell any of the others
    (compile_linear(r"\]([(:])"), r"] \1"),  # links, pictures; definitions of references, without which none is a link
    (compile_linear(r":(//)"), r": \1"),  # addresses, which become links by themselves, and so do those of the next two
    (compile_linear(r"(?i)(www)\."), r"\1 ."),
    (compile_linear(r"@([^\s@])"), r"@ \1"),
)

_MACRO = compile_linear(r"\\([A-Za-z]++)")

_FENCES = ("```", "~~~")
_BEFORE_A_FENCE = frozenset(" \t>*+-.)0123456789")
"""Characters of quotations and lists, in which a block of code may begin."""

_LANGUAGES = frozenset(
    (
        "bash",
        "console",
        "ipython",
        "json",
        "latex",
        "pycon",
        "py",
        "python",
        "python3",
        "sh",
        "tex",
        "text",
        "toml",
        "txt",
        "yaml",
    )
)
"""Languages of a block of code that are only coloured; others may be drawn, by programs of their own (Mermaid)."""

_ENVIRONMENTS = """
begin end left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr lbrace rbrace lbrack rbrack
langle rangle lceil rceil lfloor rfloor lvert rvert lVert rVert vert Vert quad qquad hline hfill cr newline limits
nolimits displaystyle textstyle scriptstyle scriptscriptstyle nonumber notag over atop choose above stackrel overset
underset substack phantom hphantom vphantom boxed
"""

_FONTS = """
text textrm textbf textit textsf texttt textnormal mbox mathrm mathbf mathit mathsf mathtt mathbb mathcal mathfrak
mathscr mathnormal boldsymbol bm pmb rm bf it sf tt cal operatorname hat widehat tilde widetilde bar vec dot ddot
check breve acute grave overline underline overbrace underbrace overrightarrow overleftarrow color textcolor
"""

_LETTERS = """
alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi omicron pi varpi rho
varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
ell hbar imath jmath wp Re Im aleph nabla partial infty emptyset varnothing eth digamma
"""

_OPERATORS = """
frac dfrac tfrac cfrac binom dbinom tbinom sqrt root sum prod coprod int iint iiint oint bigcup bigcap bigvee bigwedge
bigoplus bigotimes bigodot lim limsup liminf max min sup inf arg det dim deg exp ln log lg sin cos tan cot sec csc
arcsin arccos arctan sinh cosh tanh coth gcd hom ker Pr mod bmod pmod pm mp times div cdot ast star circ bullet cap
cup vee wedge oplus ominus otimes odot oslash setminus wr amalg dagger ddagger lor land lnot neg
"""

_RELATIONS = """
leq le geq ge neq ne equiv sim simeq approx cong doteq propto ll gg prec succ preceq succeq subset supset subseteq
supseteq in ni notin not mid parallel perp models vdash dashv asymp forall exists nexists therefore because leftarrow
rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow longrightarrow longleftarrow Longrightarrow
Longleftarrow longmapsto mapsto to gets uparrow downarrow updownarrow nearrow searrow iff implies impliedby
hookrightarrow hookleftarrow rightharpoonup leftharpoonup leqslant geqslant lesssim gtrsim triangleq dots ldots cdots
vdots ddots colon prime square blacksquare triangle angle degree checkmark backslash top bot
"""

_MATH = frozenset(" ".join((_ENVIRONMENTS, _FONTS, _LETTERS, _OPERATORS, _RELATIONS)).split())
"""TeX's names that print and do nothing else. Those that name an address, an attribute, a style, a size, a character by
its number, an extension to be loaded, or define another name are not among them."""


def inert_markdown(text: str) -> str:
    r"""A student's Markdown as text, emphasis, lists, tables, code and formulas, from which no reader makes more.

    Entities are replaced by what they stand for, and invisible characters are left out.

    Args:
        text: of any origin and length.

    Example:
        >>> inert_markdown("**No** [link](javascript:alert(1)), $\\frac{1}{2} \\href{x}{y}$")
        '**No** [link] (javascript:alert(1)), $\\frac{1}{2} \\ href{x}{y}$'
    """
    spelled = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    shown = printable(spelled, max(len(spelled), 1))
    for pattern, blank in _WITH_A_BLANK:
        shown = pattern.sub(blank, shown)
    return "\n".join(map(_as_plain_code, _MACRO.sub(_math_only, shown).split("\n")))


def shown_as_typed(name: str) -> bool:
    r"""True if a student's name is text in a page that forgets to escape it, as formgrader's title line does.

    Example:
        >>> shown_as_typed("O'Brien & Müller"), shown_as_typed('x" onclick="alert(1)'), shown_as_typed("<b>")
        (True, False, False)
    """
    return html.unescape(name) == name and not set(name) & set('<>"\\')


def _math_only(macro: re.Match[str]) -> str:
    """The macro; with a blank in it unless it only prints. One letter is an accent, a letter, or no TeX at all."""
    name = macro[1]
    return macro[0] if len(name) == 1 or name in _MATH else f"\\ {name}"


def _as_plain_code(line: str) -> str:
    """The line; if it begins a block of code that may be drawn rather than shown, the language is no longer named."""
    for fence in _FENCES:
        before, found, after = line.partition(fence)
        language = after.lstrip(fence[0]).strip()
        if found and language and set(before) <= _BEFORE_A_FENCE and "`" not in (language if fence[0] == "`" else ""):
            mark = line[: len(line) - len(after.lstrip(fence[0]))]
            return line if language.split()[0].lower() in _LANGUAGES else f"{mark}text {language}"
    return line
