"""Fitting the library's fusion weights to questions with known evidence, and telling how far they can be trusted."""
