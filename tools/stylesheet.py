"""KERN's stylesheet, cut to what pages use: ``tools/stylesheet.py WHOLE CUT`` and the files that make up the pages.

Errs on the side of keeping: a class counts as used wherever its name stands in
templates, scripts and Python, and what stands in brackets is not looked at.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import tinycss2
from tinycss2.ast import Declaration, Node

#: The licence (EUPL-1.2, 5) wants a changed work to say that it is one.
NOTICE = "/* KERN (@kern-ux/native), EUPL-1.2, cut by tools/stylesheet.py to the rules that these pages use. */\n"


@dataclass(frozen=True)
class Words:
    """What can be a class or an element of a page.

    A word that ends in a hyphen or an underscore stands for all that begin with
    it: it is the fixed half of a name such as ``kern-btn--{{ kind }}``.
    """

    whole: frozenset[str]
    beginnings: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Words:
        found = frozenset(word for text in texts for word in re.findall(r"[\w-]+", text))
        return cls(found, tuple(word for word in found if re.search(r"\w[-_]+$", word)))

    def __contains__(self, name: str) -> bool:
        return name in self.whole or name.startswith(self.beginnings)


@dataclass(frozen=True)
class Rule:
    """``head`` is a list of selectors, or an at-rule with its condition."""

    head: str
    declarations: Sequence[Declaration] = ()
    rules: Sequence[Rule] = ()


def cut_for(whole: Path, files: Iterable[Path]) -> str:
    """``whole`` cut for the stylesheets, templates and programs among ``files``."""
    styles, pages = [], []
    for file in files:
        (styles if file.suffix == ".css" else pages).append(file.read_text(encoding="utf-8"))
    return cut(whole.read_text(encoding="utf-8"), Words.of(pages), "\n".join(styles))


def cut(whole: str, words: Words, ours: str) -> str:
    """The rules of ``whole`` that can match something on a page, in the cascade layer ``kern``.

    ``ours`` are the stylesheets on top of it: a variable stays if they use it or a rule that stays does.
    """
    rules = list(_matching(_nodes(tinycss2.parse_stylesheet(whole, True, True)), words))
    return f"{NOTICE}@layer kern{{\n{_written(rules, _used_variables(rules, ours))}}}\n"


def _nodes(parsed: Iterable[Node]) -> Iterator[Node]:
    for node in parsed:
        if node.type == "error":
            raise ValueError(f"line {node.source_line} of the stylesheet: {node.message}")
        yield node


def _matching(nodes: Iterable[Node], words: Words) -> Iterator[Rule]:
    for node in nodes:
        if node.type == "qualified-rule":
            head = ",".join(tinycss2.serialize(one).strip() for one in _selectors(node) if _can_match(one, words))
            if head:
                yield Rule(head, declarations=list(_nodes(tinycss2.parse_blocks_contents(node.content, True, True))))
        elif node.lower_at_keyword == "media":
            inner = list(_matching(_nodes(tinycss2.parse_rule_list(node.content, True, True)), words))
            if inner:
                yield Rule(f"@media{tinycss2.serialize(node.prelude)}", rules=inner)
        elif node.lower_at_keyword != "charset":  # which has to stand first, and all is ASCII
            yield Rule(node.serialize())


def _selectors(rule: Node) -> Iterator[list[Node]]:
    selector: list[Node] = []
    for node in rule.prelude:
        if node == ",":
            yield selector
            selector = []
        else:
            selector.append(node)
    yield selector


def _can_match(selector: list[Node], words: Words) -> bool:
    """Whether every class, id and element that a selector asks for occurs among the words."""
    before: Node | str = ""
    for node in selector:
        named = node.type == "hash" or (node.type == "ident" and before != ":")
        if named and node.value not in words:
            return False
        before = node
    return True


def _used_variables(rules: Iterable[Rule], ours: str) -> set[str]:
    declared = [each for rule in _flat(rules) for each in rule.declarations]
    plain = [each.serialize() for each in declared if not each.name.startswith("--")]
    used: set[str] = set()
    found = _asked_for(ours, *plain)
    while found - used:
        used |= found
        found = _asked_for(*(each.serialize() for each in declared if each.name in used))
    return used


def _asked_for(*texts: str) -> set[str]:
    return {name for text in texts for name in re.findall(r"var\(\s*(--[\w-]+)", text)}


def _flat(rules: Iterable[Rule]) -> Iterator[Rule]:
    for rule in rules:
        yield rule
        yield from _flat(rule.rules)


def _written(rules: Iterable[Rule], variables: set[str]) -> str:
    lines = []
    for rule in rules:
        inner = _written(rule.rules, variables) or ";".join(
            each.serialize() for each in rule.declarations if not each.name.startswith("--") or each.name in variables
        )
        if inner:
            lines.append(f"{rule.head}{{{inner}}}\n")
        elif not rule.declarations and not rule.rules:
            lines.append(f"{rule.head}\n")
    return "".join(lines)


def main(whole: str, target: str, *files: str) -> None:
    Path(target).write_text(cut_for(Path(whole), map(Path, files)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
