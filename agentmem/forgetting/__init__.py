"""Policies of forgetting: which memories fade, which give way to others, and which may be destroyed for good.

Pure functions of arrays over memories. Nothing here reads or writes a store; what they say is carried out elsewhere.
"""
