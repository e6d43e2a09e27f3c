"""The app's entry: `streamlit run app.py`. Lists the pages; no logic."""

import streamlit as st

from app_pages.session import current_workspace, faults_told, follow_generation, watch_stores
from app_pages.style import apply_style

st.set_page_config(page_title="Prepgraph", page_icon="🧭", layout="wide")
page = st.navigation(
    [
        st.Page("app_pages/explore.py", title="Explore", default=True),
        st.Page("app_pages/ask.py", title="Ask", url_path="ask"),
        st.Page("app_pages/library.py", title="Library", url_path="library"),
    ],
    position="top",
)
apply_style()
watch_stores()
with faults_told():
    follow_generation(current_workspace().generation.id)
    page.run()
