"""The verbs: one file each. They orchestrate; structures, retrieval parts and the store do the work."""
