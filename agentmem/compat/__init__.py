"""The call shapes of other memory libraries, over an agentmem store."""
