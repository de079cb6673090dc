"""What building costs in calls and tokens of a language model: policy, not luck, so a scripted one tells it exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from tempfile import TemporaryDirectory

from agentmem_evals.datasets.catalog import data_folder
from agentmem_evals.datasets.locomo import LoCoMo
from agentmem import AgentMemory
