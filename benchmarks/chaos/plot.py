"""Memory over a night as a small picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, MARGIN = 720, 240, 46
COLOURS = ("#2a78d6", "#c2571a", "#2c8a4b", "#8054b0")


def memory_svg(memory_mb: Mapping[str, Sequence[tuple[float, float]]], title: str) -> str:
    """Return a picture of resident memory over time.

    Parameters
    ----------
    memory_mb : mapping of str to sequence of (float, float)
        By process: seconds, and MB.
    title : str
        What it shows.
    """
    last_s = max(at_s for course in memory_mb.values() for at_s, _ in course)
    most_mb = max(mb for course in memory_mb.values() for _, mb in course) * 1.1

    def place(at_s: float, mb: float) -> str:
        x = MARGIN + (WIDTH - 2 * MARGIN) * at_s / last_s
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * mb / most_mb
        return f"{x:.1f},{y:.1f}"

    base, top = HEIGHT - MARGIN, MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{MARGIN}" y="20" font-size="14">{title}</text>',
        f'<path d="M{MARGIN},{top}V{base}H{WIDTH - MARGIN}" fill="none" stroke="#888888"/>',
        f'<text x="{MARGIN - 6}" y="{top + 4}" text-anchor="end">{most_mb:.0f} MB</text>',
        f'<text x="{MARGIN - 6}" y="{base}" text-anchor="end">0</text>',
        f'<text x="{WIDTH - MARGIN}" y="{base + 18}" text-anchor="end">{last_s:.0f} s</text>',
    ]
    for number, (name, course) in enumerate(memory_mb.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(place(at_s, mb) for at_s, mb in course)
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        lines.append(f'<text x="{MARGIN + 110 * number}" y="{HEIGHT - 8}" fill="{colour}">{name}</text>')
    return "\n".join([*lines, "</svg>", ""])
