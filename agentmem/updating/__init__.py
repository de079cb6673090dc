"""What a newer memory does to an older one: deciding it, pair by pair, and the operations that follow.

Nothing here deletes. A newer truth closes the older one's interval, a repetition is retired behind a link, and both can
be undone.
"""
