"""Searching trees of summaries: all nodes at once, or from the top down."""
