"""The little CSS that the pages share. Colours come from the theme in use; nothing is loaded from anywhere."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_CSS = Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def apply_style() -> None:
    """Puts the shared style on the page."""
    st.html(f"<style>{_CSS}</style>")
