"""The commission's door, which can only look. 监督端"""
