"""Pages of tips. 线索"""
