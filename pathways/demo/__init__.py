"""The demonstration clinic: invented people whose year was lived through the product's own actions.

`cast`, `names`, `people`, `courses`, `answers`, `panels`, `words`, `steps`, `tales`, `ways`, `arcs` are the story:
pure, the same for the same seed and day. `stage`, `house`, `players`, `verbs`, `calendar`, `rounds`, `post`, `story`
play it: they call actions, and write nothing themselves.
"""
