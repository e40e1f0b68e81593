"""The ratios as one SVG picture, drawn by hand: a bar for each ratio, its goal as a tick, on a logarithmic scale."""

from __future__ import annotations

from html import escape
from math import log10

from benchmarks.measure import Ratio, Result

_LEFT, _WIDTH, _BAR, _HEAD = 470, 420, 16, 46
_LOW, _HIGH = log10(0.05), log10(100)
_COLOURS = {True: "#3b7a57", False: "#b5532a"}


def _x(ratio: float) -> float:
    return _LEFT + _WIDTH * (log10(min(max(ratio, 0.05), 100)) - _LOW) / (_HIGH - _LOW)


def draw(results: list[Result]) -> str:
    rows = [
        ("" if number else result.row.title, ratio) for result in results for number, ratio in enumerate(result.ratios)
    ]
    height = _HEAD + len(rows) * (_BAR + 6) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 110} {height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        '<text x="10" y="20" font-size="14">pyrum_sync beside others: ratio, quartiles (line), goal (tick)</text>',
    ]
    for mark in (0.1, 1, 10, 100):
        parts.append(f'<path d="M{_x(mark):.1f} {_HEAD - 8}V{height - 24}" stroke="#ccc"/>')
        parts.append(f'<text x="{_x(mark):.1f}" y="{height - 8}" text-anchor="middle">{mark:g}</text>')
    for number, (title, ratio) in enumerate(rows):
        parts += _bar(_HEAD + number * (_BAR + 6), title, ratio)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _bar(y: float, title: str, ratio: Ratio) -> list[str]:
    goal, middle = ratio.goal, y + _BAR / 2
    left, right = sorted((_x(1), _x(ratio.median)))
    return [
        f'<text x="10" y="{y + 12}">{escape(title)}</text>',
        f'<text x="{_LEFT - 8}" y="{y + 12}" text-anchor="end" fill="#666">{escape(goal.against)}</text>',
        f'<rect x="{left:.1f}" y="{y}" width="{max(1, right - left):.1f}" height="{_BAR}" '
        f'fill="{_COLOURS[goal.met(ratio.median)]}"/>',
        f'<path d="M{_x(ratio.low):.1f} {middle}H{_x(ratio.high):.1f}" stroke="black"/>',
        f'<path d="M{_x(goal.bound):.1f} {y - 2}v{_BAR + 4}" stroke="black" stroke-width="2"/>',
        f'<text x="{_LEFT + _WIDTH + 8}" y="{y + 12}">{ratio.median:.2f} ({escape(str(goal))})</text>',
    ]
