"""A system in a process of another interpreter, which may hold other packages than this one.

The two speak one JSON object a line: ``wire`` says how values are written, ``serve`` is the side of the system,
``process`` and ``system`` are the side of the runner. Only light modules are needed on the other side, and they are
lent to it from here: its environment holds the system's packages and, if the system embeds, those of the model.
"""

from __future__ import annotations
