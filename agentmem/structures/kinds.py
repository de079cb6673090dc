from agentmem.kinds import *  # noqa: F403 - moved; to be deleted
