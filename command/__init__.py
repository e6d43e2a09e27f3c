"""What the `prepgraph` command prints, for people and as JSON, and the commands that have a file of their own."""
