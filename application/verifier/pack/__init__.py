"""Evidence packs: what lies in them, and how they are verified. 证据包"""
