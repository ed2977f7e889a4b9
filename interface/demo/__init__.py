"""A city at work, for training. 演练数据"""
