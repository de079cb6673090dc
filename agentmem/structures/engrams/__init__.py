"""Memoria's engrams: texts that were on the mind at once are linked, and remind of each other."""
