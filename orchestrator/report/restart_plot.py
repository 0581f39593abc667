"""The comparison of restart policies for people: a table for the terminal, a drawing (SVG) for a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from orchestrator.model.fleet_sim import LIMIT_S, Story

WIDTH, HEIGHT, LEFT, TOP, GAP = 860, 104, 150, 34, 26
COLOURS = ("#b3541e", "#8a6d1d", "#33658a", "#2a7f62")
_HEADS = ("policy", "peak/s", "× capacity", "refused", "half up", "all up", "at once")


def table(stories: Sequence[Story]) -> list[str]:
    """One line a policy, in columns."""
    rows = [_HEADS, *(_row(story) for story in stories)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    return [
        "  ".join(
            cell.ljust(width) if not place else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _row(story: Story) -> tuple[str, ...]:
    share = story.most_released / max(story.fleet.nodes, 1)
    return (
        story.policy.name,
        f"{story.peak_per_s:,}",
        f"{story.peak_per_s / story.fleet.capacity_per_s:.1f}",
        f"{story.refused:,}",
        _seconds(story.half_up_s),
        _seconds(story.all_up_s),
        f"{share:.0%}",
    )


def _seconds(at_s: float | None) -> str:
    return f"over {LIMIT_S:,.0f} s" if at_s is None else f"{at_s:,.0f} s"


def svg(stories: Sequence[Story]) -> str:
    """Attempts a second over time, one strip a policy, on one logarithmic scale; the dashed line is the capacity."""
    ends = [len(story.attempts) for story in stories]
    span_s = max(60, min(max(ends, default=60), 3 * min(ends, default=60)))
    top = max([10, *(story.peak_per_s for story in stories)])
    height = TOP + len(stories) * (HEIGHT + GAP) + 30
    strips = [_strip(story, place, span_s, top) for place, story in enumerate(stories)]
    axis = [
        f'<text x="{_x(second, span_s):.0f}" y="{height - 12}" text-anchor="middle">{second} s</text>'
        for second in range(0, span_s + 1, _step(span_s))
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif"'
            ' font-size="12" fill="#333">',
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
            f'<text x="{LEFT}" y="18">Attempts to connect a second (logarithmic) after the gateway went down:'
            f" {stories[0].fleet.nodes:,} nodes</text>"
            if stories
            else "",
            *strips,
            *axis,
            "</svg>",
            "",
        ]
    )


def _step(span_s: int) -> int:
    return next((step for step in (10, 20, 30, 60, 120, 300) if span_s / step <= 10), 600)


def _x(second: float, span_s: int) -> float:
    return LEFT + second / span_s * (WIDTH - LEFT - 20)


def _y(value: float, base: float, top: float) -> float:
    return base - math.log10(1 + value) / math.log10(1 + top) * HEIGHT


def _strip(story: Story, place: int, span_s: int, top: float) -> str:
    base = TOP + place * (HEIGHT + GAP) + HEIGHT
    colour = COLOURS[place % len(COLOURS)]
    bars = "".join(
        f"M{_x(second, span_s):.1f} {base}V{_y(count, base, top):.1f}"
        for second, count in enumerate(story.attempts[:span_s])
        if count
    )
    line_y = _y(story.fleet.capacity_per_s, base, top)
    return "\n".join(
        [
            f'<text x="12" y="{base - HEIGHT + 30}" font-weight="bold">{escape(story.policy.name)}</text>',
            f'<text x="12" y="{base - HEIGHT + 48}">peak {story.peak_per_s:,}/s</text>',
            f'<text x="12" y="{base - HEIGHT + 66}">all up: {_seconds(story.all_up_s)}</text>',
            f'<path d="{bars}" stroke="{colour}" stroke-width="1.6" fill="none"/>',
            f'<path d="M{LEFT} {line_y:.1f}H{WIDTH - 20}" stroke="#999" stroke-dasharray="4 3"/>',
            f'<path d="M{LEFT} {base}H{WIDTH - 20}" stroke="#333"/>',
        ]
    )
