"""What Headroom renders into the backend."""
