"""Retrieval and answers: embed, index, retrieve, answer, and citations that are checked against the files."""
