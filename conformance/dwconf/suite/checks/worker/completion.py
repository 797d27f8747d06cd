"""Checks about completing a turn (chapter C)."""

from __future__ import annotations
