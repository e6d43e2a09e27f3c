"""Ingestion: files to documents, chunks, concepts, relations and problems. Pure: opens no store, loads no model."""
