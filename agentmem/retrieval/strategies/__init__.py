"""Strategies: how often to rank, and for which questions. Each works without a model, better with one."""
