"""The reference backend: a small shop whose every limit comes from Headroom's plan."""
