"""Graphs and trees as pages to look at: one HTML file each, without anything from elsewhere. Pure: from value to text.

All text of memories is data: escaped where it stands, and the page's policy lets no script run but its own.
"""
