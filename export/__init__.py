"""The graph as files that other tools open: a printed map, and formats of graph, note and mind map tools."""
