"""中文 is the source of every sentence; English is complete beside it. 语言"""
