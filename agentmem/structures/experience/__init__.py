"""Notes over experience, improved batch by batch: induction, revision with momentum, inference."""
