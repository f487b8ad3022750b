"""Sharing whole minutes out exactly. Pure arithmetic, no Django."""

from __future__ import annotations


def split_minutes(minutes: int, parts: int) -> list[int]:
    """`minutes` as `parts` whole shares that differ by at most one and add up exactly.

    Equal shares leave equal remainders, so that the largest-remainder method gives the minutes
    that are left to the first shares.
    """
    if parts < 1:
        raise ValueError("at least one part")
    if minutes < 0:
        raise ValueError("no negative minutes")
    share, left = divmod(minutes, parts)
    return [share + (i < left) for i in range(parts)]
