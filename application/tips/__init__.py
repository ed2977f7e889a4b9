"""Tips: registered, from the public, kept apart, searched, destroyed. 线索"""
