"""Finding what matters: small pure functions, each a step on the way from a query to a ranked list."""
