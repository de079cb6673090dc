"""What the suite needs beyond what the package does, checked when this is imported."""

from importlib.util import find_spec

from langchain_agentmem.errors import MissingTestPackage

NEEDED = ("pytest", "hypothesis")

for _package in NEEDED:
    if find_spec(_package) is None:
        raise MissingTestPackage(_package)
