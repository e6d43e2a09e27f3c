"""`prepgraph doctor`: what is configured, reachable, stale or broken, and the next step for each."""
