"""Pages, feeds and the API: one module per audience. Views translate; they have no opinion."""
