"""Finds texts that people read and that are not marked for translation: `python -m
peerlearn.runtime.texts [files]` prints them and ends with 1 when there are some.

In templates: words between tags, attributes that are read or heard, and literals given to a tag
or filter without `_(…)`. In Python: literals where a form, model, message, refusal or notification
takes its words, and whatever reads like a sentence. What is the same in every language carries
`translate="no"` in HTML. That *marked* texts are translated is the catalogue's matter.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from django.template.base import DebugLexer, TokenType

from peerlearn.runtime.environment import ROOT

_WORD = re.compile(r"[^\W\d_]{2,}")
_THE_SAME_EVERYWHERE = {"peerlearn", "CSV", "XLSX", "UTC"}


class Unmarked(NamedTuple):
    """One text, the line that it stands on and why it counts."""

    line: int
    where: str
    text: str


def _has_words(text: str) -> bool:
    return any(word not in _THE_SAME_EVERYWHERE for word in _WORD.findall(text))


# --- Templates --------------------------------------------------------------------------------
_READ = {"aria-label", "aria-description", "aria-roledescription", "title", "alt", "placeholder"}
_BUTTONS = {"submit", "button", "reset"}
_SILENT = {"script", "style"}
# Their literals are names: of routes, files, drawings, looks, parts; or the marked text itself.
_NAMES_ONLY = {"url", "public_url", "static", "extends", "load", "icon", "avatar", "field"}
_NAMES_ONLY |= {"partialdef", "partial", "translate", "trans", "if", "elif"}
_MARKING = {"blocktranslate", "blocktrans", "comment"}  # with an end: what stands between is marked
_LITERAL = re.compile(r"""(?P<before>_\(|date:|time:)?(?P<quote>["'])(?P<text>.*?)(?P=quote)""")
_SHOWN = re.compile(r"^[A-Z]\w|\w ,?\w")  # begins big, or several words
_SEVERAL_PARTS = re.compile(r"[a-zA-Z]\W* ")  # of a date: their order differs by language
_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


def in_template(source: str, *, html: bool = True) -> list[Unmarked]:
    """The unmarked texts of a template; a text template is all words."""
    found: list[Unmarked] = []
    bare = _without_tags(source, found)
    if html:
        reader = _Reader(found)
        reader.feed(bare)
        reader.close()
    else:
        for number, line in enumerate(bare.splitlines(), 1):
            if _has_words(line):
                found.append(Unmarked(number, "text", " ".join(line.split())))
    return sorted(set(found))


def _without_tags(source: str, found: list[Unmarked]) -> str:
    """The source with blanks for every tag, comment and marked text: lines stay where they are."""
    kept: list[str] = []
    inside = ""  # the tag whose content is marked, or not shown
    for token in DebugLexer(source).tokenize():
        begins, ends = token.position or (0, 0)
        name = token.contents.split(maxsplit=1)[0] if token.contents.strip() else ""
        if token.token_type is TokenType.TEXT and not inside:
            kept.append(source[begins:ends])
            continue
        kept.append(re.sub(r"\S", " ", source[begins:ends]))
        if token.token_type is TokenType.BLOCK and name == f"end{inside}":
            inside = ""
        elif token.token_type is TokenType.BLOCK and name in _MARKING:
            inside = name
        if token.token_type in (TokenType.BLOCK, TokenType.VAR) and inside != "comment":
            found.extend(_literals(name, token.contents, token.lineno or 0))
    return "".join(kept)


def _literals(tag: str, contents: str, line: int) -> Iterator[Unmarked]:
    """What a tag or filter is given to be shown."""
    if tag in _NAMES_ONLY:
        return
    for match in _LITERAL.finditer(contents):
        text, before = match["text"], match["before"]
        if before == "date:" or before == "time:":
            if _SEVERAL_PARTS.search(text):
                yield Unmarked(line, "date format", text)
        elif before != "_(" and _SHOWN.search(text) and _has_words(text):
            yield Unmarked(line, "literal in a tag", text)
    if re.search(r"\|pluralize\b", contents):
        yield Unmarked(line, "two forms of a word are not enough", "pluralize")


class _Reader(HTMLParser):
    """Reads what the masked template shows and says aloud."""

    def __init__(self, found: list[Unmarked]) -> None:
        super().__init__(convert_charrefs=True)
        self.found = found
        self.open: list[tuple[str, bool]] = []  # element, and whether its words are no matter

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        quiet = tag in _SILENT or values.get("translate") == "no"
        if not self._is_quiet() and not quiet:
            self._attributes(tag, values)
        if tag not in _VOID:
            self.open.append((tag, quiet))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._is_quiet():
            self._attributes(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        """A template may end in one branch what it began in another."""
        for at in range(len(self.open) - 1, -1, -1):
            if self.open[at][0] == tag:
                del self.open[at:]
                return

    def handle_data(self, data: str) -> None:
        if not self._is_quiet() and _has_words(data):
            before = data[: len(data) - len(data.lstrip())]
            line = self.getpos()[0] + before.count("\n")
            self.found.append(Unmarked(line, "text", " ".join(data.split())))

    def _is_quiet(self) -> bool:
        return any(quiet for _, quiet in self.open)

    def _attributes(self, tag: str, values: dict[str, str | None]) -> None:
        names = set(_READ)
        if tag == "input" and values.get("type") in _BUTTONS:
            names.add("value")
        for name in sorted(names & values.keys()):
            text = values[name] or ""
            if _has_words(text):
                self.found.append(Unmarked(self.getpos()[0], name, " ".join(text.split())))


# --- Python -----------------------------------------------------------------------------------
_MARKS = {"_", "gettext_noop"}
_MARKS |= {f"{kind}gettext{lazy}" for kind in ("", "n", "p", "np") for lazy in ("", "_lazy")}
_KEYWORDS = {"label", "help_text", "empty_label", "verbose_name", "violation_error_message"}
_KEYWORDS |= {"verbose_name_plural", "error_messages"}
# Where the words stand among the arguments of a call, by the call's last name.
_PLACES = {"ValidationError": 0, "renders": 1, "add_error": 1, "Entry": 2, "Column": 0}
_PLACES |= dict.fromkeys(("success", "info", "warning", "error"), 1)
_CHOICES = {"TextChoices", "IntegerChoices"}
_SENTENCE = re.compile(r"(A|I|[A-Z][a-z]\S*) [^\W\d_]")
_SYSTEM_CHECKS = {"Error", "Warning"}  # read by developers


def in_python(source: str) -> list[Unmarked]:
    """The unmarked texts of a module."""
    visitor = _Visitor()
    visitor.visit(ast.parse(source))
    return sorted(set(visitor.found))


class _Visitor(ast.NodeVisitor):
    def __init__(self) -> None:
        self.found: list[Unmarked] = []

    def visit_Call(self, node: ast.Call) -> None:
        name = last_name(node.func)
        if name in _SYSTEM_CHECKS:
            return
        if is_mark(node):
            self._halves(node)
            return
        if name == "date_format" or (name == "format" and _module_of(node.func) == "dateformat"):
            self._date_format(node)
        if name in _PLACES and len(node.args) > _PLACES[name] and not _is_log(node.func):
            self._take(node.args[_PLACES[name]], f"{name}()")
        if name.endswith("Field") and node.args and _module_of(node.func) == "models":
            self._take(node.args[0], "verbose name")
        for keyword in node.keywords:
            if keyword.arg in _KEYWORDS:
                self._take(keyword.value, keyword.arg or "")
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        if _CHOICES & {last_name(base) for base in node.bases}:
            for line in node.body:
                if isinstance(line, ast.Assign) and isinstance(line.value, ast.Tuple):
                    self._take(line.value.elts[-1], "choice")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """What ends in a log; ValidationError is shown to people."""
        call = node.exc
        if isinstance(call, ast.Call) and last_name(call.func) == "ValidationError":
            self.visit(call)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Shown to nobody."""

    def visit_Expr(self, node: ast.Expr) -> None:
        """A literal alone is a docstring, be it an attribute's."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """xgettext collects nothing from inside an f-string."""
        for part in ast.walk(node):
            if isinstance(part, ast.Call) and is_mark(part):
                self.found.append(Unmarked(part.lineno, "inside an f-string", ast.unparse(part)))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and _SENTENCE.match(node.value):
            self.found.append(Unmarked(node.lineno, "sentence", node.value))

    def _halves(self, node: ast.Call) -> None:
        """A sentence goes to the translator whole: what ends with a blank is half of one."""
        for text in node.args:
            if isinstance(text, ast.Constant) and str(text.value).endswith(" "):
                self.found.append(Unmarked(text.lineno, "half a sentence", str(text.value)))

    def _date_format(self, node: ast.Call) -> None:
        for text in node.args[1:]:
            if isinstance(text, ast.Constant) and _SEVERAL_PARTS.search(str(text.value)):
                self.found.append(Unmarked(text.lineno, "date format", str(text.value)))

    def _take(self, value: ast.expr, where: str) -> None:
        """Literals in a place of words, also in lists, mappings, `%` and conditions."""
        if isinstance(value, ast.Constant):
            if isinstance(value.value, str) and _has_words(value.value):
                self.found.append(Unmarked(value.lineno, where, value.value))
        elif isinstance(value, ast.JoinedStr):
            words = "".join(
                str(part.value) for part in value.values if isinstance(part, ast.Constant)
            )
            if _has_words(words):
                self.found.append(Unmarked(value.lineno, where, words))
        elif isinstance(value, ast.BinOp):
            self._take(value.left, where)
            if isinstance(value.op, ast.Add):
                self._take(value.right, where)
        elif isinstance(value, ast.IfExp):
            self._take(value.body, where)
            self._take(value.orelse, where)
        elif isinstance(value, ast.Dict):
            for part in value.values:
                self._take(part, where)
        elif isinstance(value, ast.List | ast.Tuple | ast.Set):
            for part in value.elts:
                self._take(part, where)


def is_mark(node: ast.Call) -> bool:
    """Whether the call marks its texts for translation."""
    return last_name(node.func) in _MARKS


def last_name(node: ast.expr) -> str:
    """Of `django.forms.CharField`: CharField."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _module_of(node: ast.expr) -> str:
    return last_name(node.value) if isinstance(node, ast.Attribute) else ""


def _is_log(node: ast.expr) -> bool:
    return _module_of(node) in {"log", "logger"}


# --- The whole product ------------------------------------------------------------------------
_APPS = ("peerlearn", "skills", "sessions", "analytics")
_NOT_READ = re.compile(
    r"/(migrations|management|runtime|operations)/|/(checks|logs|celery)\.py$|/api/schema\.py$"
)


def files() -> list[Path]:
    """Every template and every module whose words reach people."""
    modules = [path for app in _APPS for path in (ROOT / app).rglob("*.py")]
    chosen = [path for path in modules if not _NOT_READ.search(path.as_posix())]
    templates = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    return sorted([*chosen, *templates])


def in_file(path: Path) -> list[Unmarked]:
    """The unmarked texts of one file, by what its name says it is."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return in_python(source)
    return in_template(source, html=path.suffix in {".html", ".svg"})


def main(arguments: Sequence[str]) -> int:
    """Print what is not marked; 1 when there is something."""
    chosen = [Path(argument) for argument in arguments] or files()
    count = 0
    for path in chosen:
        for line, where, text in in_file(path):
            print(f"{path}:{line}: not marked for translation ({where}): {text[:80]}")
            count += 1
    print(f"{len(chosen)} files, {count} texts that are not marked")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
