"""What the prompts are answered with. Where thinking helps, a reply begins with it: a model writes from the front.

No field that matters has a default: a reply that lacks it is malformed, never an empty result.
"""
