"""The concept graph: the types everybody speaks, the store behind a protocol, paths, layout and lint."""
