"""Chart geometry: numbers in, attributes of SVG elements out. Pure; no Django.

Every coordinate is text such as "12.5", so that no template can write it with a decimal comma.
Coordinates are units of the drawing's viewBox, with the origin top left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Value = float | tuple[float, float]
"""A number, or a range of which nobody can say where in it the number lies."""

LETTER = 12  # height of a line of text
EDGE = 6  # room for the half of a label that is wider than its bar


def number(value: float) -> str:
    """At most one decimal, and no "-0": 12, "12.5"."""
    return f"{round(value, 1) + 0.0:g}" if abs(value) < 1e5 else str(round(value))


@dataclass(frozen=True)
class Spark:
    """A line without axes; (x, y) is its last point. `path` is empty for fewer than two values.

    With ranges `band` is the area in which the line lies, "" without; `whisker` is the last value
    when that is a range.
    """

    path: str
    x: str
    y: str
    band: str = ""
    whisker: str = ""
    width: int = 88
    height: int = 28


def _ends(value: Value) -> tuple[float, float]:
    return value if isinstance(value, tuple) else (value, value)


def spark(values: Sequence[Value]) -> Spark:
    """A spark line over equally spaced values, 88 × 28; a flat line lies at the foot. Ranges are
    drawn as the band between their ends."""
    if len(values) < 2:
        return Spark("", "0", "0")
    ends = [_ends(value) for value in values]
    low, high = min(least for least, _ in ends), max(most for _, most in ends)
    step, scale = 84 / (len(values) - 1), 20 / ((high - low) or 1)

    def at(i: int, value: float) -> tuple[str, str]:
        return number(2 + i * step), number(24 - (value - low) * scale)

    lower = [at(i, least) for i, (least, _) in enumerate(ends)]
    upper = [at(i, most) for i, (_, most) in enumerate(ends)]
    line = _through(lower)
    if lower == upper:
        return Spark(line, *lower[-1])
    exact = lower[-1] == upper[-1]
    band = f"{line}L{_through(upper[::-1])[1:]}Z"
    return Spark(line, *upper[-1], band, "" if exact else _through([lower[-1], upper[-1]]))


def _through(points: Sequence[tuple[str, str]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)


@dataclass(frozen=True)
class Bar:
    """One bar; `value` is the text above it, "" when it is not shown, set from `anchor`.

    Of a range the bar ends at the lower end, and `open_height` above `open_y` reaches the upper
    one; both are "" for a number.
    """

    x: str
    y: str
    width: str
    height: str
    middle: str
    label: str
    value: str
    value_y: str
    now: bool
    open_y: str = ""
    open_height: str = ""
    value_x: str = ""
    anchor: str = "middle"


@dataclass(frozen=True)
class Bars:
    bars: tuple[Bar, ...]
    label_y: str
    goal_y: str
    """"" without a goal."""
    goal_end: str
    goal_text_y: str
    width: int
    height: int


def bars(
    values: Sequence[Value | None],
    labels: Sequence[str],
    *,
    shown: Sequence[str] = (),
    goal: float | None = None,
    highest: float | None = None,
    width: int = 440,
    height: int = 150,
) -> Bars:
    """Upright bars from zero, the last one marked as now.

    `values` are not negative, None leaves a gap, a range an open end; `shown` holds the text above
    each bar ("" for none); `goal` draws a line across; `highest` fixes the top of the scale.
    """
    if len(values) != len(labels):
        raise ValueError("every bar needs its label")
    ends = [(0.0, 0.0) if value is None else _ends(value) for value in values]
    if any(low < 0 for low, _ in ends):
        raise ValueError("a bar cannot be negative")
    top = highest or max([*(high for _, high in ends), goal or 0]) or 1
    right = width - 40 if goal is not None else width
    foot, room = height - 22, height - 22 - LETTER - 4
    step = (right - EDGE) / max(len(values), 1)
    thick = step * 26 / 33.5
    drawn = []
    for i, ((low, high), label) in enumerate(zip(ends, labels, strict=True)):
        tall, most = (min(end / top, 1) * room for end in (low, high))
        words = shown[i] if i < len(shown) and values[i] is not None else ""
        x, anchor = _place(words, EDGE + i * step, thick, last=i == len(values) - 1)
        drawn.append(
            Bar(
                x=number(EDGE + i * step),
                y=number(foot - tall),
                width=number(thick),
                height=number(tall),
                middle=number(EDGE + i * step + thick / 2),
                label=label,
                value=words,
                value_y=number(foot - most - 5),
                now=i == len(values) - 1,
                open_y=number(foot - most) if low < high else "",
                open_height=number(most - tall) if low < high else "",
                value_x=number(x),
                anchor=anchor,
            )
        )
    goal_y = foot - min(goal / top, 1) * room if goal is not None else None
    return Bars(
        bars=tuple(drawn),
        label_y=number(height - 6),
        goal_y="" if goal_y is None else number(goal_y),
        goal_end=number(right),
        goal_text_y="" if goal_y is None else number(goal_y + 4),
        width=width,
        height=height,
    )


def _place(words: str, x: float, thick: float, *, last: bool) -> tuple[float, str]:
    """Where text above a bar stands: what is wider than an outermost bar grows inwards."""
    wide = len(words) * LETTER * 0.6 > thick + 2 * EDGE
    if wide and last:
        return x + thick, "end"
    return (x, "start") if wide else (x + thick / 2, "middle")


@dataclass(frozen=True)
class Tick:
    at: str
    text: str
    text_at: str


@dataclass(frozen=True)
class Line:
    """One step line; its name stands at (x, y), above or below its end."""

    path: str
    name: str
    tone: str
    x: str
    y: str


@dataclass(frozen=True)
class Steps:
    lines: tuple[Line, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    width: int
    height: int
    left: str
    right: str
    foot: str


def steps(
    series: Sequence[tuple[str, str, Sequence[int]]],
    labels: Sequence[str],
    *,
    width: int = 440,
    height: int = 160,
) -> Steps:
    """Counts that hold through a period and then change: one or more step lines.

    `series` holds (name, tone, one count per label); tone is "" or "bad".
    """
    if any(len(counts) != len(labels) for _, _, counts in series):
        raise ValueError("every period needs one count a line")
    top = max((count for _, _, counts in series for count in counts), default=0) or 1
    every = -(-top // 4)  # at most five ticks
    left, right, foot, head = 28.0, width - 4.0, height - 32.0, 26.0
    step = (right - left) / max(len(labels), 1)
    unit = (foot - head) / (-(-top // every) * every)

    def y(count: float) -> float:
        return foot - count * unit

    lines = []
    for name, tone, counts in series:
        path = f"M{number(left)} {number(y(counts[0]))}" if counts else ""
        for i, count in enumerate(counts[1:], start=1):
            path += f"H{number(left + i * step)}"
            if count != counts[i - 1]:
                path += f"V{number(y(count))}"
        if counts:
            path += f"H{number(right)}"
        end = y(counts[-1]) if counts else foot
        lines.append(Line(path, name, tone, number(right), number(end - 8)))
    return Steps(
        lines=tuple(lines),
        across=tuple(
            Tick(number(left + i * step), text, number(left + (i + 0.5) * step))
            for i, text in enumerate(labels)
        ),
        up=tuple(
            Tick(number(y(count)), str(count), number(y(count) + 4))
            for count in range(0, int((foot - head) / unit + 0.5) + 1, every)
        ),
        width=width,
        height=height,
        left=number(left - 6),
        right=number(right),
        foot=number(height - 7.0),
    )
