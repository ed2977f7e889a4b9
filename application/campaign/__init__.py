"""The campaign itself: its genesis, its documents, its first set-up. 专项行动"""
