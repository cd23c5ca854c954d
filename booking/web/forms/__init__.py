"""Forms that several audiences fill in, and what they read: texts, dates and times as people type them."""
