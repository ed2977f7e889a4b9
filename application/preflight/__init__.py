"""Before anything is served or written: every file of the home looked at, every key tried, the database held to the trail."""
