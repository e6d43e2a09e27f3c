"""Streamlit components of Prepgraph: the concept map, and the listener behind citation and concept links."""
