"""Memory structures: plain functions from episodes to operations. They cannot write, and know no database."""
