"""The pages of the app. Streamlit lives here and in `app.py`, and nowhere else."""
